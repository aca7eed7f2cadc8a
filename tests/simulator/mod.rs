//! A deterministic simulator: networks of miners and daemons in which everything goes wrong that does go wrong, on virtual time
//! and from a seed; and pools in them that choose their daemon by different policies. `npm run sim` prints how they fare.
//!
//! This project's own policy is the [`Core`](turtle_pool_multi_daemon::core::Core) that ships, fed with the observations that the RPC
//! client would make.
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
//! What a policy gains and loses against the primary alone ([`balance`]) is summed over worlds: those in which it has more time on the best block, or more seconds with
//! usable work, add to what it gains, the others to what it loses. The aim is to gain 50 times as much as is lost with `best`, 20 times with the default. The worst
//! worlds are told by what ailed the daemon in use while the primary had the best block ([`cause`]).
//!
//! # What requests are scored
//!
//! Each pool asks for a template at every whole second and finds a block now and then ([`requests`]). This project's policies do so through
//! the [`routing`](turtle_pool_multi_daemon::routing) that ships; the others ask the daemon that they use, once. Scored are the templates that were
//! not given or are on a block that is not the best; and of the blocks that were found on the network's newest block those that were *lost*, since no
//! daemon took them which could tell the network, those of them that the oracle did not lose, those that are in the chain though the pool was not told
//! so (*unpaid*), and the databases that were damaged by a block that came twice at once. Which of two blocks wins a race is not played: whoever has
//! its block in the network in time has it.
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
//! - In `regions` blocks are under way for up to nine seconds between the regions, and some daemons always take 0.6 to 3 s to answer.
//!   That adds no races between blocks, and a block that the pool found is under way as elsewhere.
//! - A part of the network that is cut off takes the pool's daemons with it in proportion to its size.
//! - Polls start when the core that ships asks for them. What takes no time is judged together, as the engine does with results that are
//!   waiting. Questions about far-apart chains are answered at once.
//!   What a pool's requests for templates show is told to whoever decides, as the gateway does; of blocks that are submitted it is not.
//! - Pools find a block an hour in `week` and one a minute in `harsh`, all in the same moments, and none in a world's last minute.
//! - Every daemon is a TurtleCoind 0.24 to 0.28: it gives no template and takes no block while it is below its network height. It takes 0.1 to 0.7 s
//!   to add a block, tells its peers 20 ms later, which have it after 20 ms and more, most within 0.6 s, and is damaged if it gets the same block from elsewhere while it adds one that came by RPC.
//!   It is repaired by the next block: the world does not know of it.
//! - A daemon that hangs takes in at once three of ten blocks that it is offered, and the others when it wakes up; nobody hears an answer before that.
//!   Of the offers that a lossy one loses, half reach it. A crash in the moment between adding a block and telling of it loses the block.

#![allow(clippy::unwrap_used, dead_code)]

pub mod balance;
pub mod cause;
pub mod climate;
pub mod daemon;
pub mod dice;
pub mod json;
pub mod network;
pub mod policies;
mod queue;
pub mod regions;
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
