//! Telling the families apart: what to ask next, and what its reply means.

use serde::Deserialize;

use super::{
    Dialect, Info, Reply, Request, json_rpc,
    members::{self, Defect, Raw},
    monerod, turtlecoin, turtlecoin_legacy,
};
use crate::consensus::observation::{Failure, Family};

/// The path that is asked first.
pub const FIRST_PATH: &str = turtlecoin::INFO_PATH;

/// What a reply to one of the questions means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    /// Not known there: ask this next, a path or a method of JSON-RPC.
    AskNext(&'static str),
    /// The daemon is known by its info.
    Known(Dialect, Info),
}

/// Software that answers JSON-RPC, has no calls for headers, and is known by a call of its own.
pub const NAMED_BY_CALLS: [(&str, &str); 3] =
    [("DERO.Ping", "derohe"), ("get_status", "Bytecoin's daemon"), ("getstatus", "Bytecoin's daemon")];

/// What derohe says at any path.
const DERO_GREETING: &[u8] = b"DERO BLOCKCHAIN";

/// The request for a path or for a method of JSON-RPC.
pub fn request_for(question: &'static str) -> Request {
    if question.starts_with('/') {
        Request::get(question)
    } else {
        Request::Call { method: question, params: "{}".into() }
    }
}

/// What the reply to this question means; a failure where it is of no use or no question is left.
pub fn recognise(question: &'static str, reply: &Reply) -> Result<Recognition, Failure> {
    if let (true, Some(next)) = (says_no(question, reply), after(question)) {
        return Ok(Recognition::AskNext(next));
    }
    let family = match question {
        monerod::INFO_CALL => Family::Monerod,
        json_rpc::LAST_HEADER => Family::HeadersOnly,
        path => family(path, reply.body_if_ok()?).map_err(|defect| defect.of(&Request::get(path)))?,
    };
    let dialect = Dialect { family, info_at: question };
    Ok(Recognition::Known(dialect, dialect.info(reply)?))
}

/// Whether the question is not known there, or is not let through by a proxy.
fn says_no(question: &str, reply: &Reply) -> bool {
    // A call that only one family has: whatever is not its answer is none.
    let lacks_info = || question == monerod::INFO_CALL && monerod::called_info(&reply.body).is_err();
    // derohe greets at every path that it does not know (cmd/derod/rpc/websocket_server.go).
    let greets = || reply.status == 200 && reply.body.starts_with(DERO_GREETING);
    matches!(reply.status, 400 | 403 | 404 | 405 | 501) || lacks_info() || greets() || is_web_page(reply)
}

/// Whether something in front of the daemon answered with a web page, as some do at every path that they do not know.
pub fn is_web_page(reply: &Reply) -> bool {
    reply.status == 200 && members::is_web_page(&reply.body)
}

fn after(question: &str) -> Option<&'static str> {
    match question {
        turtlecoin::INFO_PATH => Some(turtlecoin_legacy::INFO_PATH),
        turtlecoin_legacy::INFO_PATH => Some(monerod::INFO_PATH),
        monerod::INFO_PATH => Some(monerod::INFO_CALL),
        monerod::INFO_CALL => Some(json_rpc::LAST_HEADER),
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
