//! What `npm run fuzz` tries on made-up inputs holds for what real daemons sent, and for inputs that once broke it.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/properties/config.rs"]
mod config;
#[path = "../fuzz/properties/dialect.rs"]
mod dialect;
#[path = "../fuzz/properties/packet.rs"]
mod packet;
#[path = "../fuzz/properties/response.rs"]
mod response;
#[path = "../fuzz/properties/routing.rs"]
mod routing;

use std::{fs, path::Path};

#[test]
fn replies_of_real_daemons_are_read_as_any_other() {
    let replies = files("tests/fixtures/rpc");
    assert!(replies.len() >= 10, "{}", replies.len());
    for (_, reply) in &replies {
        dialect::hold_for(reply);
        routing::hold_for(reply);
        // Wherever a reply breaks off.
        (0..reply.len()).for_each(|end| dialect::hold_for(&reply[..end]));
    }
}

#[test]
fn a_whole_configuration_is_read_as_any_other() {
    config::hold_for(include_bytes!("../src/config/tests/pool.json"));
}

#[test]
fn inputs_that_once_broke_something_break_nothing() {
    let tried = files("fuzz/regressions").iter().filter(|(name, input)| is_tried(name, input)).count();
    assert!(tried > 0);
}

/// Tries an input of the target that its folder is named after. Those of the messages are JavaScript's.
fn is_tried(name: &str, input: &[u8]) -> bool {
    println!("{name}");
    match name.split('/').nth(2).unwrap() {
        "config" => config::hold_for(input),
        "dialect" => dialect::hold_for(input),
        "packet" => packet::hold_for(input),
        "response" => response::hold_for(input),
        "routing" => routing::hold_for(input),
        "messages" => return false,
        other => panic!("there is no target {other}"),
    }
    true
}

/// Every file below a folder of the project, with its name.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap());
    let read = |entry: fs::DirEntry| {
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { files(&name) } else { vec![(name, fs::read(entry.path()).unwrap())] }
    };
    entries.flat_map(read).collect()
}
