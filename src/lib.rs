//! Watches several CryptoNote daemons and tells a mining pool which one to use.

pub mod config;
pub mod consensus;
pub mod daemon;
pub mod rpc;
pub mod selector;
