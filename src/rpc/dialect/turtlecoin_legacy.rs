//! TurtleCoind 0.3 to 0.6 and the forks of CryptoNote that answer like it: `GET /getinfo`, otherwise as
//! TurtleCoind since, with fewer members.

pub(super) use super::turtlecoin::info;

pub(super) const INFO_PATH: &str = "/getinfo";
