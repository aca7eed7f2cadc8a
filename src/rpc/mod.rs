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
//! | `learnt.rs` | what a daemon has told in a poll that could not be finished |
//! | `pace.rs` | how often a daemon lets itself be asked (pure) |
//! | `turns.rs` | one pace for each daemon, whoever asks it |
//! | `http.rs` | one request over the kept connection, with its limits |
//! | `login.rs` | a user's name and password for one daemon, for polls and the gateway |
//! | `connection.rs` | one connection, and one request at a time over it |
//! | [`response`] | a reply as it comes, piece by piece (pure) |
//! | `connector.rs` | from an endpoint to a connection |
//! | `tls.rs` | what encrypted connections are checked with |
//! | `failure.rs` | errors of any layer as one kind and one line |
//! | [`resolver`] | host names to addresses, for polls and the gateway |
//! | `hosts.rs` | the names that this machine knows by itself |
//!
//! A new daemon family is one file in `dialect/`, its line in the recognition, and recorded replies as its
//! fixtures.

pub mod client;
mod connection;
mod connector;
pub mod dialect;
mod exchange;
mod failure;
mod hosts;
mod http;
mod learnt;
mod login;
mod pace;
pub mod resolver;
pub mod response;
mod tls;
mod turns;
mod walk;

pub use client::Client;
pub(crate) use connector::Connector;
pub(crate) use login::Login;
pub use resolver::Lookup;
pub(crate) use turns::Turns;
