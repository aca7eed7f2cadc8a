//! What a daemon's answer is: the answer, a refusal of the request itself, no answer though it speaks, or nothing that could be read.
//!
//! Any JSON at all is one of these. Words of a daemon leave here as one line of at most 200 characters.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    NoWorkCause,
    header::Header,
    json::{self, Raw},
    result::{CallResult, Members},
    template::Template,
};
use crate::words::one_line;

/// What came of asking one daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What was asked for.
    Usable,
    /// It judged the request itself: whoever else is asked would say the same.
    Refusal,
    /// It speaks, but does not give what was asked for; another one may.
    Lacking(NoWorkCause),
    /// It, or something in front of it, says that it is asked too often: another one may answer. That says nothing of its work.
    TurnedAway,
    /// A template so far above all that is known that its daemon has to be polled first.
    Unproven,
    /// Nothing that could be read: the daemon, or what is in front of it, is broken.
    Failure,
    /// No answer at all, or half of one: it is gone, or its connection is.
    Lost,
}

/// The members of a JSON-RPC reply.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow, default)]
    result: CallResult<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
    /// Of replies that are no JSON-RPC, though they answer it.
    #[serde(borrow)]
    status: Raw<'a>,
}

impl<'a> Envelope<'a> {
    /// The reply in a body; `None` where it is no JSON object.
    pub fn of(body: &'a str) -> Option<Self> {
        json::object(body).or_else(|| Self::unread(body))
    }

    /// JSON that is not read as numbers and texts, such as a number that no computer holds: it has a result or none.
    fn unread(body: &'a str) -> Option<Self> {
        let Unread { result, error, status } = json::object(body)?;
        let result = if result.is_some() { CallResult::Other } else { CallResult::Nothing };
        Some(Self { result, error, status })
    }

    /// The template in the result; `None` where it is none that a pool could use.
    pub fn template(&self) -> Option<Template> {
        Template::of(self.result.members()?)
    }

    /// The header in the result, where that is an answer: no error beside it, and a status that says OK or nothing.
    pub fn header(&self) -> Option<Header> {
        if self.outcome() == Outcome::Result { Header::of(self.result.members()?) } else { None }
    }

    /// Whether the result has a header, or those that monerod gives for several hashes at once.
    pub fn has_header(&self) -> bool {
        let has = |it: &Members| it.block_headers.is_some() || Header::of(it).is_some();
        self.result.members().is_some_and(has)
    }

    /// What a reply that is no JSON-RPC says in the place of an answer: that the daemon is busy, has to be synchronised first, or wants to be paid. Whoever
    /// else is asked may answer. Any other status is what the daemon says of the request, such as of a transaction that spends twice.
    pub fn evasion(&self) -> Option<Outcome> {
        let outcome = if json::is_truthy(self.error) { self.error_outcome() } else { Outcome::Result };
        if matches!(outcome, Outcome::Busy(_) | Outcome::Unsynced(_)) {
            return Some(outcome);
        }
        let status = json::text(self.status.filter(|status| status.get() != "\"OK\""))?;
        match status {
            status if status == BUSY || status.contains(CORE_IS_BUSY) => Some(Outcome::Busy(words(&status))),
            status if status.contains(MUST_BE_SYNCED) => Some(Outcome::Unsynced(words(&status))),
            status if status == UNPAID => Some(Outcome::Failed(status)),
            _ => None,
        }
    }

    /// Whether the result says OK in so many words.
    pub fn is_ok(&self) -> bool {
        self.result_status().and_then(|status| json::text(Some(status))).is_some_and(|status| status == "OK")
    }

    /// What it says.
    pub fn outcome(&self) -> Outcome {
        if json::is_truthy(self.error) {
            return self.error_outcome();
        }
        if matches!(self.result, CallResult::Nothing) {
            return Outcome::Nothing;
        }
        // Nearly always it is just that, of which no text has to be made.
        match self.result_status().filter(|status| status.get() != "\"OK\"").map(|status| json::text(Some(status))) {
            None => Outcome::Result,
            Some(Some(status)) if status == "OK" || status.is_empty() => Outcome::Result,
            Some(Some(status)) if status == BUSY => Outcome::Busy(words(&status)),
            Some(Some(status)) => Outcome::Failed(words(&status)),
            Some(None) => Outcome::Nothing,
        }
    }

    fn result_status(&self) -> Option<&'a RawValue> {
        self.result.members()?.status
    }

    fn error_outcome(&self) -> Outcome {
        let members: ErrorMembers = json::inner(self.error).unwrap_or(ErrorMembers { code: None, message: None });
        let said = json::text(members.message).or_else(|| json::text(self.error)).unwrap_or_default();
        match json::code(members.code) {
            // TurtleCoind 0.24 to 0.28.3 says this outside of JSON-RPC, in the place of an error.
            None if said.contains(MUST_BE_SYNCED) => Outcome::Unsynced(words(&said)),
            None if json::text(self.status).is_some_and(|status| status == BUSY) => Outcome::Busy(words(&said)),
            Some(code) if BUSY_CODES.contains(&code) => Outcome::Busy(words(&said)),
            code => Outcome::Error { code, words: words(&said) },
        }
    }
}

/// What a JSON-RPC reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A result, and nothing that speaks against it.
    Result,
    /// It is busy.
    Busy(String),
    /// It has to be synchronised first.
    Unsynced(String),
    /// A status other than OK.
    Failed(String),
    /// An error.
    Error {
        /// Its code, where it is a whole number.
        code: Option<i64>,
        /// Its words.
        words: String,
    },
    /// Neither a result nor an error.
    Nothing,
}

impl Outcome {
    /// Whether the daemon judged the request itself, by the codes that CryptoNote's and Monero's daemons share.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Error { code: Some(code), .. } if REFUSALS.contains(code))
    }

    /// Why it is no answer.
    pub fn lack(&self) -> NoWorkCause {
        match self {
            Self::Busy(_) => NoWorkCause::Busy,
            Self::Unsynced(_) => NoWorkCause::Unsynced,
            Self::Result | Self::Nothing => NoWorkCause::Empty,
            Self::Failed(_) | Self::Error { .. } => NoWorkCause::Error,
        }
    }

    /// What it says, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Busy(words) if words.is_empty() => "busy".into(),
            Self::Busy(words) | Self::Unsynced(words) | Self::Failed(words) => words.clone(),
            Self::Error { words, code: Some(code) } if words.is_empty() => format!("error {code}"),
            Self::Error { words, code: None } if words.is_empty() => "an error without words".into(),
            Self::Error { words, .. } => words.clone(),
            Self::Result => "an answer".into(),
            Self::Nothing => "its answer has neither a result nor an error".into(),
        }
    }
}

/// An HTTP status by which something in front of a daemon, or the daemon itself, says that it will not answer now: nobody is broken.
pub fn is_busy_status(status: u16) -> bool {
    matches!(status, 401 | 403 | 408 | 425 | 429 | 503)
}

/// What a daemon says, cleaned and cut where it enters.
pub fn words(said: &str) -> String {
    one_line(said, MOST_WORDS)
}

const MOST_WORDS: usize = 200;
const MUST_BE_SYNCED: &str = "must be synced";
const BUSY: &str = "BUSY";
const CORE_IS_BUSY: &str = "Core is busy";
/// Of a monerod that wants money for what it does.
const UNPAID: &str = "PAYMENT REQUIRED";

/// -9 "Core is busy" (CryptoNote and Monero), -32003 (oxen: overloaded).
const BUSY_CODES: [i64; 2] = [-9, -32003];

/// The request itself is wrong: -32700 to -32600 (JSON-RPC; without -32601, since another daemon may know the method), -1 a wrong
/// parameter, -2 too big a height, -3 too big a reserve size, -4 a wrong wallet address (`core_rpc_server_error_codes.h`).
const REFUSALS: [i64; 7] = [-32700, -32602, -32600, -1, -2, -3, -4];

#[derive(Deserialize)]
struct Unread<'a> {
    #[serde(borrow)]
    result: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
}

#[derive(Deserialize)]
struct ErrorMembers<'a> {
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
}

#[cfg(test)]
#[path = "tests/reply.rs"]
mod tests;
