#![no_main]

#[path = "../properties/routing.rs"]
mod routing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| routing::hold_for(input));
