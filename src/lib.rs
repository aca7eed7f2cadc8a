//! Watches several CryptoNote daemons and tells a mining pool which one to use.
//!
//! The one path of the data: a daemon's reply is decoded by its `dialect` (in [`rpc`]) to an
//! [`Observation`](consensus::observation::Observation) or a failure; the [`poller`] sends it to the [`engine`], whose
//! [`decider`] has it recorded and judged by the [`Tracker`](consensus::tracker::Tracker), lets the [`selector`] choose,
//! and gives one immutable [`Status`](status::Status), which the engine publishes. `getDaemon()` reads it without waiting; a
//! changed choice also reaches JavaScript as the event `switch`. There is one snapshot, never two sources that can
//! disagree.
//!
//! Dependencies point one way: `index.js → binding → engine → {asker → poller → rpc, decider → selector} → consensus`.

pub mod asker;
#[cfg(feature = "node")]
pub mod binding;
pub mod charting;
pub mod config;
pub mod consensus;
mod counts;
pub mod daemon;
pub mod decider;
pub mod engine;
pub mod gateway;
pub mod ha;
pub mod moves;
pub mod pacing;
pub mod poller;
pub mod polling;
pub mod routing;
pub mod rpc;
mod runtime;
pub mod selector;
pub mod status;
mod supervisor;
pub mod voice;
pub mod words;
