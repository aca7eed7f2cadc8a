//! JSON-RPC, which all families but one share, and headers over it.

use super::{
    Header, NoHeader, Reply, Request, Which, failure,
    members::{self, Defect, Members, Raw},
};

/// The call for the tip's header.
pub(super) const LAST_HEADER: &str = "getlastblockheader";

pub(super) fn header_request(which: Which) -> Request {
    let (method, params) = match which {
        Which::Last => (LAST_HEADER, "{}".into()),
        Which::At(height) => ("getblockheaderbyheight", format!(r#"{{"height":{height}}}"#)),
        Which::Of(hash) => ("getblockheaderbyhash", format!(r#"{{"hash":"{hash}"}}"#)),
    };
    Request::Call { method, params }
}

pub(super) fn header(which: Which, reply: &Reply) -> Result<Header, NoHeader> {
    if reply.status == 500 {
        return Err(internal_error(which, reply));
    }
    match parse(reply.body_if_ok()?) {
        Ok(header) => Ok(header),
        Err(Refusal::Busy) => Err(NoHeader::Busy),
        Err(Refusal::NoSuchCall) if which == Which::Last => Err(NoHeader::Failed(failure::unsupported(None))),
        Err(Refusal::NoSuchCall) => Err(Defect(NO_SUCH_CALL.into()).of(&header_request(which)).into()),
        Err(Refusal::Graph) => Err(NoHeader::Failed(failure::no_chain())),
        Err(Refusal::Defect(defect)) => Err(defect.of(&header_request(which)).into()),
    }
}

/// What HTTP status 500 means in the place of a header: old daemons say so that they are busy, and a TurtleCoind whose
/// database has a block twice that it cannot find what it just told of.
fn internal_error(which: Which, reply: &Reply) -> NoHeader {
    if reply.body.trim_ascii() == CORE_BUSY {
        return NoHeader::Busy;
    }
    if tells_of_an_exception(reply) {
        failure::damaged(format_args!("{}: HTTP status 500", header_request(which))).into()
    } else {
        failure::http_status(reply.status).into()
    }
}

/// Whether a TurtleCoind says that something went wrong in it which it did not expect.
pub(in crate::rpc) fn tells_of_an_exception(reply: &Reply) -> bool {
    let words = || members::text(members::object::<Failed>(&reply.body).ok()?.error);
    reply.status == 500 && words().is_some_and(|words| words.starts_with(INTERNAL_ERROR))
}

/// The members of the result; an error is a defect.
pub(super) fn result<'a, T: Members<'a> + Default>(body: &'a str) -> Result<T, Defect> {
    let response: Response = members::object(body)?;
    match response.error {
        Some(_) => Err(refused(&members::inner("error", response.error)?)),
        None => members::inner("result", response.result),
    }
}

/// Whether a reply has a result, whatever that is.
pub(in crate::rpc) fn has_result(reply: &Reply) -> bool {
    let response = || members::object::<Response>(&reply.body).ok();
    reply.status == 200 && response().is_some_and(|it| it.error.is_none() && it.result.is_some())
}

/// Why a reply has no header.
enum Refusal {
    Busy,
    NoSuchCall,
    /// Its blocks have several parents, as derohe's.
    Graph,
    Defect(Defect),
}

impl From<Defect> for Refusal {
    fn from(defect: Defect) -> Self {
        Self::Defect(defect)
    }
}

fn parse(body: &str) -> Result<Header, Refusal> {
    let response: Response = members::object(body)?;
    if response.error.is_some() {
        return Err(refusal(&members::inner("error", response.error)?));
    }
    let result: HeaderResult = members::inner("result", response.result)?;
    // A monerod's header that is not its own tells nothing of its chain.
    if is_busy(result.status) || members::flag(result.untrusted) == Some(true) {
        return Err(Refusal::Busy);
    }
    let header: HeaderMembers = members::inner("block_header", result.block_header)?;
    if header.prev_hash.is_none() && header.tips.is_some() {
        return Err(Refusal::Graph);
    }
    Ok(header.parse()?)
}

/// Whether a `status` member says that the core is busy.
pub(super) fn is_busy(status: Raw) -> bool {
    members::text(status).is_some_and(|status| status == "BUSY")
}

fn refusal(error: &ErrorMembers) -> Refusal {
    match error.code.map(|code| code.get()) {
        Some(CODE_BUSY | CODE_OVERLOADED) => Refusal::Busy,
        Some(CODE_NO_SUCH_CALL) => Refusal::NoSuchCall,
        _ => Refusal::Defect(refused(error)),
    }
}

fn refused(error: &ErrorMembers) -> Defect {
    let code = error.code.map_or("without a code", |code| code.get());
    let message = members::text(error.message).unwrap_or_default();
    Defect(format!("error {code}: {message}"))
}

/// The code and the text by which a daemon says that it is busy syncing.
const CODE_BUSY: &str = "-9";
const CORE_BUSY: &str = "Core is busy";
/// By which Oxen's says that it has too much to do.
const CODE_OVERLOADED: &str = "-32003";
const CODE_NO_SUCH_CALL: &str = "-32601";
const NO_SUCH_CALL: &str = "error -32601: no such call";
/// How TurtleCoind begins to tell of an exception.
const INTERNAL_ERROR: &str = "Internal server error";

members::members! {
    struct Failed {
        error: "error",
    }
}

members::members! {
    struct Response {
        result: "result",
        error: "error",
    }
}

members::members! {
    struct ErrorMembers {
        code: "code",
        message: "message",
    }
}

members::members! {
    struct HeaderResult {
        status: "status",
        block_header: "block_header",
        untrusted: "untrusted",
    }
}

members::members! {
    struct HeaderMembers {
        height: "height",
        hash: "hash",
        prev_hash: "prev_hash",
        tips: "tips",
        difficulty: "difficulty",
        timestamp: "timestamp",
    }
}

impl HeaderMembers<'_> {
    fn parse(self) -> Result<Header, Defect> {
        Ok(Header {
            height: members::block_height(self.height)?,
            hash: members::hash("hash", self.hash)?,
            prev_hash: members::hash("prev_hash", self.prev_hash)?,
            difficulty: members::difficulty(self.difficulty),
            timestamp: members::timestamp(self.timestamp)?,
        })
    }
}
