//! Talking to daemons: one [`Client`] watches one daemon and gives, for each poll, what it saw.
//!
//! Everything a daemon sends is taken as possibly hostile. It is parsed once, in [`dialect`], and leaves
//! this room as an `Observation` or as a `Failure` of one short line; nothing of it can panic, outlast the
//! time limit or take more memory than the limit of a reply.
//!
//! | file | noun |
//! |---|---|
//! | [`client`] | what is kept of a daemon between two polls |
//! | `exchange.rs` | the requests of one poll, in their order |
//! | `walk.rs` | from a tip down to blocks already known (pure) |
//! | [`dialect`] | what each daemon family is asked and how it answers (pure) |
//! | `tip.rs` | the latest answer that showed a daemon's tip (pure) |
//! | `unfinished.rs` | what a daemon has told in a poll that could not be finished |
//! | `pace.rs` | how often a daemon lets itself be asked (pure) |
//! | `turns.rs` | one pace for each daemon, whoever asks it |
//! | `http.rs` | one request over the kept connection, with its limits |
//! | `connection.rs` | one connection, and one request at a time over it |
//! | [`response`] | a reply as it comes, piece by piece (pure) |
//!
//! A new daemon family is one file in `dialect/` that implements [`dialect::Dialect`], its line in [`dialect::DIALECTS`], and recorded
//! replies as its fixtures.

pub mod client;
mod connection;
pub mod dialect;
mod exchange;
mod http;
mod pace;
pub mod response;
mod tip;
mod turns;
mod unfinished;
mod walk;

use crate::net::failure;
pub use client::Client;
pub(crate) use turns::Turns;
