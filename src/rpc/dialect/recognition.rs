//! Telling the families apart: which path to ask, and what its reply means.

use serde::Deserialize;

use super::{
    Dialect, Info, Reply, Request,
    members::{self, Defect, Raw},
    monerod, turtlecoin, turtlecoin_legacy,
};
use crate::consensus::observation::{Failure, Family};

/// The path that is asked first.
pub const FIRST_PATH: &str = turtlecoin::INFO_PATH;

/// What a reply to one of the paths means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    /// Not known there: ask this path next.
    AskNext(&'static str),
    /// The daemon is known by its info.
    Known(Dialect, Info),
}

/// What the reply to this path means; a failure where it is of no use or no path is left.
pub fn recognise(path: &'static str, reply: &Reply) -> Result<Recognition, Failure> {
    if let (404, Some(next)) = (reply.status, after(path)) {
        return Ok(Recognition::AskNext(next));
    }
    let body = reply.body_if_ok()?;
    let family = family(path, body).map_err(|defect| defect.of(&Request::get(path)))?;
    let dialect = Dialect { family, info_path: path };
    Ok(Recognition::Known(dialect, dialect.info(reply)?))
}

fn after(path: &str) -> Option<&'static str> {
    match path {
        turtlecoin::INFO_PATH => Some(turtlecoin_legacy::INFO_PATH),
        turtlecoin_legacy::INFO_PATH => Some(monerod::INFO_PATH),
        _ => None,
    }
}

/// The family, by the path that is known to the daemon and a member that only one of two families has.
fn family(path: &str, body: &[u8]) -> Result<Family, Defect> {
    let marks: Marks = members::object(body)?;
    Ok(match path {
        turtlecoin::INFO_PATH if marks.last_block_index.is_some() || marks.network_height.is_some() => {
            Family::TurtlecoinRest
        }
        turtlecoin::INFO_PATH => Family::Turtlecoin,
        turtlecoin_legacy::INFO_PATH if marks.target_height.is_none() => Family::TurtlecoinLegacy,
        _ => Family::Monerod,
    })
}

#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow, rename = "lastBlockIndex")]
    last_block_index: Raw<'a>,
    #[serde(borrow, rename = "networkHeight")]
    network_height: Raw<'a>,
    #[serde(borrow)]
    target_height: Raw<'a>,
}
