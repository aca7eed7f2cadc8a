//! Answers to clients: a daemon's, as it came, or one of the gateway's own.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE},
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{body::Reply, hop, request::Rejected};
use crate::{
    routing::call::{Call, Ids},
    words::text_of,
};

/// What a daemon answered, less what concerns its own connection.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

impl Head {
    /// The head of an answer, and its body. How long that is hyper tells: a daemon may have told it twice, or beside chunks, which a client of
    /// Node.js would not read. Only an answer to HEAD tells by itself, of the body that another request would get.
    pub(super) fn of(response: Response<Incoming>, is_head: bool) -> (Self, Incoming) {
        let (parts, body) = response.into_parts();
        let mut headers = parts.headers;
        hop::strip(&mut headers, |name| name == "content-length" && !is_head);
        (Self { status: parts.status, headers }, body)
    }

    /// Whether it says that so many requests are too many, of which its work is none the worse.
    pub(super) fn is_limit(&self) -> bool {
        is_limit(self.status, &self.headers)
    }

    /// The answer with this body.
    pub(super) fn with(self, body: Reply) -> Response<Reply> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Whether an answer says that so many requests are too many.
pub(super) fn is_limit(status: StatusCode, headers: &HeaderMap) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => headers.contains_key(RETRY_AFTER),
        _ => false,
    }
}

/// How long such an answer says to wait; it may tell a date instead, which is left aside.
pub(super) fn pause(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// An answer of the gateway's own to JSON-RPC: an error with a sentence.
pub(super) fn error(call: &Call, code: i32, message: &str) -> Response<Reply> {
    json(
        StatusCode::OK,
        with_ids(&call.ids, |id| {
            let message = quoted(message);
            format!(r#"{{"id":{id},"jsonrpc":"2.0","error":{{"code":{code},"message":{message}}}}}"#)
        }),
    )
}

/// What a daemon would have answered to a block that it took.
pub(super) fn accepted(call: &Call) -> Response<Reply> {
    json(
        StatusCode::OK,
        with_ids(&call.ids, |id| format!(r#"{{"id":{id},"jsonrpc":"2.0","result":{{"status":"OK"}}}}"#)),
    )
}

/// What a daemon answered to another request of the same meaning, with the id of this one. What has no id comes as it is.
pub(super) fn with_own_id(head: Head, bytes: Bytes, call: &Call) -> Response<Reply> {
    let Some(text) = renamed(&bytes, &call.ids) else { return head.with(Reply::whole(bytes)) };
    head.with(Reply::whole(text.into()))
}

fn renamed(answer: &[u8], ids: &Ids) -> Option<String> {
    let Ids::One(id) = ids else { return None };
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text_of(answer)).ok()?;
    *members.get_mut("id")? = RawValue::from_string(id.clone()).ok()?;
    serde_json::to_string(&members).ok()
}

/// That it is a gateway, for those who look for daemons: one among a gateway's daemons would be asked what it asks itself.
pub(super) fn introduction() -> Response<Reply> {
    json(StatusCode::OK, format!(r#"{{"gateway":true,"version":{}}}"#, quoted(env!("CARGO_PKG_VERSION"))))
}

/// No daemon has answered. Old CryptoNote programs, which name themselves to nobody, know only three status lines.
pub(super) fn failed(call: &Call, headers: &HeaderMap, message: &str) -> Response<Reply> {
    if call.json_rpc {
        return error(call, SERVER_ERROR, message);
    }
    let is_old = !headers.contains_key(USER_AGENT);
    let status = if is_old { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_GATEWAY };
    plain(status, message)
}

/// The gateway refuses a request: it asks no daemon.
pub(super) fn rejected(rejected: Rejected) -> Response<Reply> {
    let mut response = plain(rejected.status, rejected.why);
    if rejected.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"daemon\""));
    }
    response
}

fn plain(status: StatusCode, message: &str) -> Response<Reply> {
    json(status, format!(r#"{{"status":"Failed","error":{}}}"#, quoted(message)))
}

fn json(status: StatusCode, text: String) -> Response<Reply> {
    let mut response = Response::new(Reply::whole(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn with_ids(ids: &Ids, answer: impl Fn(&str) -> String) -> String {
    match ids {
        Ids::One(id) => answer(id),
        Ids::Batch(ids) => format!("[{}]", ids.iter().map(|id| answer(id)).collect::<Vec<_>>().join(",")),
    }
}

fn quoted(text: impl Serialize) -> String {
    serde_json::to_string(&text).unwrap_or_else(|_| "\"\"".into())
}

/// "Server error" in JSON-RPC 2.0's own range: no daemon has answered, or nobody knows what became of a block.
pub(super) const SERVER_ERROR: i32 = -32000;
/// What CryptoNote's daemons say while they cannot tell: pools take it for no answer, and leave all as it is.
pub(super) const CORE_BUSY: i32 = -9;
