//! A client's request: read within bounds, and as it is asked of a daemon.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::{
    HeaderMap, Method, StatusCode,
    body::{Body, Incoming},
    header::CONTENT_LENGTH,
    http::{request::Parts, uri::PathAndQuery},
};
use tokio::time::Instant;

use super::{
    body::{self, Unread},
    hop,
    ticks::Ticks,
};
use crate::routing::call::{Call, Kind};

/// What daemons are asked: as it came, less what concerns the client's own connection.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) method: Method,
    pub(super) target: PathAndQuery,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asking {
    /// The request that a client made.
    pub(super) fn new(parts: Parts, body: Bytes, call: &Call, has_password: bool) -> Self {
        let mut headers = parts.headers;
        let is_read = call.kind != Kind::Other && call.kind != Kind::Wallet;
        hop::strip(&mut headers, |name| match name {
            "expect" | "origin" | "proxy-authenticate" | "proxy-authorization" => true,
            // Where it is the gateway's, no daemon gets to see it.
            "authorization" => has_password,
            // What is looked at has to be readable.
            "accept-encoding" => is_read,
            _ => false,
        });
        // The client's own word for how long it is does not count where its body came in pieces.
        if !body.is_empty() || parts.method == Method::POST {
            headers.insert(CONTENT_LENGTH, body.len().into());
        } else {
            headers.remove(CONTENT_LENGTH);
        }
        // It is a piece of what the connection reads into, which cannot be used again while a piece of it is kept.
        let body = if body.len() <= SHORT_BODY { Bytes::copy_from_slice(&body) } else { body };
        let target = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        Self { method: parts.method, target, headers, body }
    }

    /// A JSON-RPC call of the gateway's own.
    pub(super) fn call(method: &str, params: &str) -> Self {
        let body = format!(r#"{{"id":"0","jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        let mut headers = HeaderMap::new();
        headers.insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, body.len().into());
        Self { method: Method::POST, target: PathAndQuery::from_static("/json_rpc"), headers, body: body.into() }
    }

    /// The path as an authentication names it.
    pub(super) fn path(&self) -> &str {
        self.target.as_str()
    }
}

/// Why the gateway refuses a client's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rejected {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}

/// A client's request, its body read whole.
pub(super) async fn read(body: Incoming, ticks: &Arc<Ticks>) -> Result<Bytes, Rejected> {
    if body.size_hint().lower() > LONGEST_BODY as u64 {
        return Err(TOO_LONG);
    }
    tokio::select! {
        biased;
        read = body::collect(body, LONGEST_BODY) => read.map_err(|unread| match unread {
            Unread::Long(..) => TOO_LONG,
            Unread::Broken(_) => BROKEN,
        }),
        () = async { ticks.reach(Instant::now() + BODY_LIMIT).await } => Err(LATE),
    }
}

const BROKEN: Rejected =
    Rejected { status: StatusCode::BAD_REQUEST, why: "the request ended before its body was complete" };
const LATE: Rejected =
    Rejected { status: StatusCode::REQUEST_TIMEOUT, why: "the request's body did not end within 30 s" };
const TOO_LONG: Rejected =
    Rejected { status: StatusCode::PAYLOAD_TOO_LARGE, why: "the request's body is longer than 16 MiB" };
/// More than the largest block or transaction as hex digits.
const LONGEST_BODY: usize = 16 << 20;
/// Less than a connection reads into.
const SHORT_BODY: usize = 1024;
const BODY_LIMIT: Duration = Duration::from_secs(30);

#[cfg(test)]
#[path = "tests/request.rs"]
mod tests;
