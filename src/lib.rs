//! Watches several CryptoNote daemons and tells a mining pool which one to use.
//!
//! The one path of the data: a daemon's reply is decoded by its `dialect` (in [`rpc`]) to an
//! [`Observation`](consensus::observation::Observation) or a failure; the [`engine`] hands it to the [`core`], which has
//! it recorded and judged by the [`Tracker`](consensus::tracker::Tracker), [chooses](consensus::select), and gives one
//! immutable [`Status`](status::Status), which the engine publishes. `getDaemon()` reads it without waiting; a
//! changed choice also reaches JavaScript as the event `switch`. There is one snapshot, never two sources that can
//! disagree.
//!
//! Dependencies point one way, which ARCHITECTURE.md shows.

#[cfg(feature = "node")]
pub mod binding;
pub mod config;
pub mod consensus;
pub mod core;
pub mod endpoint;
pub mod engine;
pub mod gateway;
pub mod ha;
pub mod net;
mod order;
pub mod remap;
pub mod routing;
pub mod rpc;
pub mod status;
pub mod words;
