//! Telling the families apart: what to ask next, and what its reply means.

use super::{
    Dialect, Info, Reply, Request, headers_only::HeadersOnly, members, monerod::Monerod, turtlecoin::Turtlecoin,
    turtlecoin_rest::TurtlecoinRest,
};
use crate::{consensus::observation::Failure, net::failure};

/// Every dialect, in the order in which daemons are asked whether they speak it. Those with one question stand together, and the last of
/// them takes every answer.
pub static DIALECTS: [&dyn Dialect; 7] = [
    &TurtlecoinRest,
    &Turtlecoin::SINCE_0_8,
    &Turtlecoin::BEFORE,
    &Monerod::OLD,
    &Monerod::NEW,
    &Monerod::CALLED,
    &HeadersOnly,
];

/// What is asked first.
pub fn first_question() -> &'static str {
    DIALECTS[0].question()
}

/// What a reply to one of the questions means.
#[derive(Debug, Clone)]
pub enum Recognition {
    /// Not known there: ask this next, a path or a method of JSON-RPC.
    AskNext(&'static str),
    /// The daemon is known by its info.
    Known(&'static dyn Dialect, Info),
}

/// Software that answers JSON-RPC, has no calls for headers, and is known by a call of its own.
pub const NAMED_BY_CALLS: [(&str, &str); 3] =
    [("DERO.Ping", "derohe"), ("get_status", "Bytecoin's daemon"), ("getstatus", "Bytecoin's daemon")];

/// What derohe says at any path.
const DERO_GREETING: &str = "DERO BLOCKCHAIN";

/// The request for a path or for a method of JSON-RPC.
pub fn request_for(question: &'static str) -> Request {
    if question.starts_with('/') {
        Request::get(question)
    } else {
        Request::Call { method: question, params: "{}".into() }
    }
}

/// What the reply to this question means; a failure where it is of no use or no question is left.
pub fn recognise(question: &str, reply: &Reply) -> Result<Recognition, Failure> {
    let next = after(question);
    if let (true, Some(next)) = (says_no(reply), next) {
        return Ok(Recognition::AskNext(next));
    }
    let mut asked = DIALECTS.into_iter().filter(|dialect| dialect.question() == question);
    match (asked.find(|dialect| dialect.is_spoken(&reply.body)), next) {
        (Some(dialect), _) => Ok(Recognition::Known(dialect, dialect.info(reply)?)),
        (None, Some(next)) => Ok(Recognition::AskNext(next)),
        (None, None) => Err(failure::unsupported(None)),
    }
}

/// Whether the question is not known there, or is not let through by a proxy.
fn says_no(reply: &Reply) -> bool {
    // derohe greets at every path that it does not know (cmd/derod/rpc/websocket_server.go).
    let greets = || reply.status == 200 && reply.body.starts_with(DERO_GREETING);
    matches!(reply.status, 400 | 403 | 404 | 405 | 501) || greets() || is_web_page(reply)
}

fn after(question: &str) -> Option<&'static str> {
    let mut from_there = DIALECTS.iter().map(|dialect| dialect.question()).skip_while(|asked| *asked != question);
    from_there.find(|asked| *asked != question)
}

/// Whether something in front of the daemon answered with a web page, as some do at every path that they do not know.
pub fn is_web_page(reply: &Reply) -> bool {
    reply.status == 200 && members::is_web_page(&reply.body)
}
