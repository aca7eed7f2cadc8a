//! JSON-RPC, which all families but one share, and headers over it.

use serde::Deserialize;

use super::{
    Header, NoHeader, Reply, Request, Which,
    members::{self, Defect, Raw},
};

pub(super) fn header_request(which: Which) -> Request {
    let (method, params) = match which {
        Which::Last => ("getlastblockheader", "{}".into()),
        Which::At(height) => ("getblockheaderbyheight", format!(r#"{{"height":{height}}}"#)),
        Which::Of(hash) => ("getblockheaderbyhash", format!(r#"{{"hash":"{hash}"}}"#)),
    };
    Request::Call { method, params }
}

pub(super) fn header(which: Which, reply: &Reply) -> Result<Header, NoHeader> {
    if reply.status == 500 && reply.body.trim_ascii() == CORE_BUSY {
        return Err(NoHeader::Busy);
    }
    match parse(reply.body_if_ok()?) {
        Ok(Some(header)) => Ok(header),
        Ok(None) => Err(NoHeader::Busy),
        Err(defect) => Err(NoHeader::Failed(defect.of(&header_request(which)))),
    }
}

/// The members of the result; an error is a defect.
pub(super) fn result<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Defect> {
    let response: Response = members::object(body)?;
    match response.error {
        Some(_) => Err(refused(&members::inner("error", response.error)?)?),
        None => members::inner("result", response.result),
    }
}

/// The header; `None` where the core is busy.
fn parse(body: &[u8]) -> Result<Option<Header>, Defect> {
    let response: Response = members::object(body)?;
    if response.error.is_some() {
        return busy_or_refused(members::inner("error", response.error)?);
    }
    let result: Outcome = members::inner("result", response.result)?;
    if is_busy(result.status)? {
        return Ok(None);
    }
    let header: HeaderMembers = members::inner("block_header", result.block_header)?;
    header.parse().map(Some)
}

/// Whether a `status` member says that the core is busy.
pub(super) fn is_busy(status: Raw) -> Result<bool, Defect> {
    Ok(members::text("status", status)?.is_some_and(|status| status == "BUSY"))
}

fn busy_or_refused(error: ErrorMembers) -> Result<Option<Header>, Defect> {
    match error.code.map(|code| code.get()) {
        Some(CODE_BUSY) => Ok(None),
        _ => Err(refused(&error)?),
    }
}

fn refused(error: &ErrorMembers) -> Result<Defect, Defect> {
    let code = error.code.map_or("without a code", |code| code.get());
    let message = members::text("message", error.message)?.unwrap_or_default();
    Ok(Defect(format!("error {code}: {message}")))
}

/// The code and the text by which a daemon says that it is busy syncing.
const CODE_BUSY: &str = "-9";
const CORE_BUSY: &[u8] = b"Core is busy";

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    result: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

#[derive(Deserialize)]
struct ErrorMembers<'a> {
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    block_header: Raw<'a>,
}

#[derive(Deserialize)]
struct HeaderMembers<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    hash: Raw<'a>,
    #[serde(borrow)]
    prev_hash: Raw<'a>,
    #[serde(borrow)]
    difficulty: Raw<'a>,
    #[serde(borrow)]
    timestamp: Raw<'a>,
}

impl HeaderMembers<'_> {
    fn parse(self) -> Result<Header, Defect> {
        Ok(Header {
            height: members::block_height(self.height)?,
            hash: members::hash("hash", self.hash)?,
            prev_hash: members::hash("prev_hash", self.prev_hash)?,
            difficulty: members::number("difficulty", self.difficulty)?,
            timestamp: members::timestamp(self.timestamp)?,
        })
    }
}
