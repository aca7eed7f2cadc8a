//! Judging daemons, as a pure state machine: observations and time go in, an assessment comes out. No
//! socket, no clock, no thread in here.
//!
// Only for who reads it: the package is built without the file.
#![cfg_attr(doc, doc = include_str!("../../docs/how-it-decides.md"))]

pub mod block;
pub mod branch;
pub mod chain;
pub mod checks;
mod climb;
pub mod estimate;
pub mod groups;
pub mod health;
pub mod moment;
pub mod observation;
pub mod peers;
pub mod questions;
pub mod relation;
pub mod rules;
pub mod select;
pub mod survey;
pub mod tally;
pub mod track;
pub mod tracker;
pub mod vote;
pub mod voter;
