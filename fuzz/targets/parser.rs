//! Reading any text into a tree.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| dealflow_fuzz::parser(text));
