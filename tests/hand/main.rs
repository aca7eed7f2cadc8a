//! The operator's hand: what orders at run time make of the choice.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod drain;
mod faults;
mod pin;
mod pool;
mod reconfigure;
mod work;
