//! Checking and compiling any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| dealflow_fuzz::check(text));
