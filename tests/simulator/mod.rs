//! A deterministic simulator: networks of miners and daemons in which everything goes wrong that does go wrong, on virtual time
//! and from a seed; and pools in them that choose their daemon by different policies. `npm run sim` prints how they fare.
//!
//! This project's own policy is the [`Tracker`](turtle_pool_multi_daemon::consensus::tracker::Tracker) and the
//! [`selector`](turtle_pool_multi_daemon::selector) that ship, fed with the observations that the RPC client would make.
//!
//! # What is scored
//!
//! What a pool gets that uses a daemon, at every millisecond ([`Grade`](world::Grade)): the *best* block; a *stale* one, which is
//! on the best chain but has been built on; a block of a *fork*; or *nothing*. The best chain is that of the network at large,
//! where most of the mining is; parts that are cut off from it have less than half, and whoever follows them is on a fork,
//! unless their chain is the longer one when they are united again, which everybody then follows. A daemon has 5 s
//! to follow a new block before it counts as stale, since blocks take that long to reach every daemon that is in order: no
//! choice between daemons can help there. In a race between two blocks at the best chain's top both count as the best until 5 s after
//! one of them has won.
//!
//! # What is assumed
//!
//! - Blocks come every 30 s on average, at random (TurtleCoin's `DIFFICULTY_TARGET`), and reach each daemon within 0.2 to 4.8 s,
//!   most within 1.5 s. Decker and Wattenhofer ("Information propagation in the Bitcoin network", 2013) measured a median of 6.5 s
//!   for blocks of half a megabyte; CryptoNote's are a hundredth of that.
//! - About 14 times a day two miners find a block at one height.
//! - A daemon in order has peers outside, which tell it the network's height. What a daemon tells of itself follows the recorded
//!   behaviour of TurtleCoind: its network height is the highest it ever heard, and is forgotten with a restart.
//! - [`climate`](climate::Climate) has the rates and the lengths of faults. They are estimates: nobody publishes how often such daemons
//!   fail. `week` follows the project's aim, two faults a day of each daemon; `harsh` has one in four minutes, which makes the primary alone as bad as it was in the model that the rules were tried on first.
//! - A fault of what answers requests and one of the chain may come together in one daemon. Faults with one cause may hit several.
//! - Policies have no influence on the world: what a pool mines on a fork does not make that fork longer.
//! - A slow daemon's blocks reach the pool late by the time that an answer takes. A lossy one loses the pool's requests, one template
//!   a second, as often as those of polls.
//! - A part of the network that is cut off takes the pool's daemons with it in proportion to its size.
//! - Polls start every 5 s, at all daemons together, and out of turn where the pacing that ships asks for it. Reports that take no time
//!   are judged together, as the engine does with results that are waiting. Questions about far-apart chains are answered at once.
//!   A pool's own requests tell this project nothing here, though in a pool that reports them they would shorten the time that finding
//!   a dead daemon takes.

#![allow(clippy::unwrap_used, dead_code)]

pub mod climate;
pub mod daemon;
pub mod dice;
pub mod json;
pub mod network;
pub mod policies;
mod queue;
pub mod requests;
pub mod run;
pub mod score;
pub mod strips;
pub mod table;
pub mod tree;
pub mod watch;
pub mod world;

/// Virtual time since a world began, in milliseconds.
pub type Millis = u64;

/// So many seconds.
pub const fn seconds(count: u64) -> Millis {
    count * 1_000
}
