#![no_main]

#[path = "../properties/response.rs"]
mod response;

libfuzzer_sys::fuzz_target!(|input: &[u8]| response::hold_for(input));
