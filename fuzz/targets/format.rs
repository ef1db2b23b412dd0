//! Laying out whatever can be read.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| dealflow_fuzz::format(text));
