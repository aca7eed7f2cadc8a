#![no_main]

#[path = "../properties/packet.rs"]
mod packet;

libfuzzer_sys::fuzz_target!(|input: &[u8]| packet::hold_for(input));
