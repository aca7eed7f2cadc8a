//! Whom a request is asked of, when, and what counts as an answer. PURE: time is an argument, and there is no I/O.
//!
//! | file | noun |
//! |---|---|
//! | [`chart`] | what is known of the daemons at one moment, from whoever decides |
//! | [`each`] | what requests know of each daemon |
//! | [`call`] | what a request asks for |
//! | [`reply`] | what a daemon's answer is |
//! | `result.rs`, `json.rs` | the members of what it says |
//! | [`template`], [`header`], [`blob`] | a block template, a header, a block, as far as routing has to read them |
//! | [`habit`] | how long a daemon usually takes |
//! | [`route`] | one request that is no block |
//! | [`submission`] | one block |
//! | [`sight`], [`offer`] | what daemons' chains show of it, and what came of offering it |
//! | [`ledger`], [`fate`] | the last blocks, and what has become of them |
//! | [`learnt`] | what requests teach whoever decides |
//! | [`traffic`] | what has become of requests, in numbers |

pub mod blob;
pub mod call;
pub mod chart;
pub mod each;
pub mod fate;
pub mod habit;
pub mod header;
mod json;
pub mod learnt;
pub mod ledger;
pub mod offer;
pub mod reply;
mod result;
pub mod route;
pub mod sight;
pub mod submission;
pub mod template;
pub mod traffic;

pub use self::{
    chart::{Chart, Seat, Who},
    fate::{BlockAnswer, BlockFate},
    learnt::{Learnt, NoWorkCause},
    traffic::{RequestCounts, Traffic},
};
