//! What daemons show, for tests that drive the core alone.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    block::{BlockHash, Height},
    observation::{Block, Observation, Software, View, Window},
};

/// A daemon that is well, at this height of the only chain there is, and that took so long to answer.
pub fn at_height(height: u64, latency: Duration) -> Observation {
    let hash = |depth: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(height - depth).to_be_bytes());
        BlockHash::new(bytes)
    };
    let blocks = (0..8).map(|depth| Block { hash: hash(depth), difficulty: Some(1) }).collect();
    let window = Window {
        genesis: Some(BlockHash::new([0; 32])),
        height: Height::new(height).unwrap(),
        blocks,
        timestamp: Duration::ZERO,
    };
    Observation {
        view: View::Chain(window),
        network_height: None,
        incoming: None,
        outgoing: None,
        upgrade: None,
        software: Software::of("turtlecoin"),
        version: None,
        address: None,
        latency,
    }
}
