//! Whom a request is asked of, when, and what counts as an answer. PURE: time is an argument, and there is no I/O.

pub mod chart;
pub mod fate;
pub mod learnt;

pub use self::{
    chart::{Chart, Seat, Who},
    fate::{BlockFate, Told},
    learnt::{Learnt, NoWorkCause},
};
