//! Cutting any text into tokens.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| dealflow_fuzz::lexer(text));
