//! The daemon client against recorded replies, hostile replies, and servers on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod chain;
mod connections;
mod dialects;
mod families;
mod hostile;
mod https;
mod moving;
mod polls;
mod proxies;
mod questions;
mod server;
mod surroundings;
mod transport;
