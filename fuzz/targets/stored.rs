//! Taking up any bytes as a run.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dealflow_fuzz::stored(bytes));
