//! One request over the kept connection, with its limits.

use std::{
    net::SocketAddr,
    sync::{Arc, Once},
    time::Duration,
};

use reqwest::{
    ClientBuilder, Response,
    header::{CONTENT_TYPE, HeaderValue},
    redirect, retry,
};

use super::{
    dialect::{Reply, Request},
    failure,
    resolver::Resolver,
};
use crate::{consensus::observation::Failure, daemon::Endpoint};

/// The largest body that is read. Headers and node infos are 1 or 2 kB; what is larger is no daemon's.
const MAX_BODY: usize = 1 << 20;

/// How long an idle connection is kept: a little less than daemons do (30 s), so that a request does not meet
/// their closing of it.
const IDLE: Duration = Duration::from_secs(25);

/// One daemon's HTTP side. Clones share the connection; it ends with the last of them.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    base: String,
    limit: Duration,
}

/// A reply and who sent it.
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) peer: Option<SocketAddr>,
}

impl Http {
    /// A client with no connection yet; an error where a machine cannot check certificates.
    pub(super) fn new(endpoint: &Endpoint, resolver: Resolver, limit: Duration) -> Result<Self, Failure> {
        let client = builder(endpoint.tls, limit).dns_resolver(Arc::new(resolver)).build();
        let client = client.map_err(|error| failure::no_tls(&error))?;
        Ok(Self { client, base: endpoint.base_url(), limit })
    }

    /// The reply to one request. The caller sets the deadline.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let lost = |error| failure::of_request(&error, self.limit);
        let url = format!("{}{}", self.base, request.path());
        let builder = match request.body() {
            None => self.client.get(url),
            Some(body) => self.client.post(url).header(CONTENT_TYPE, JSON).body(body),
        };
        let mut response = builder.send().await.map_err(lost)?;
        let (status, peer) = (response.status().as_u16(), response.remote_addr().map(canonical));
        let mut body = Vec::new();
        if Reply::has_meaning(status) {
            read(&mut response, &mut body, request, lost).await?;
        }
        Ok(Answer { reply: Reply { status, body }, peer })
    }
}

/// One address has one spelling: an IPv4 address is not told as an IPv6 one.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

async fn read(
    response: &mut Response,
    body: &mut Vec<u8>,
    request: &Request,
    lost: impl Fn(reqwest::Error) -> Failure,
) -> Result<(), Failure> {
    // What the daemon announces is no reason to reserve memory, but reason enough to hang up.
    let announced = response.content_length().unwrap_or(0);
    let too_long = || failure::invalid_reply(format_args!("{request}: the reply is longer than {MAX_BODY} bytes"));
    if announced > MAX_BODY as u64 {
        return Err(too_long());
    }
    while let Some(chunk) = response.chunk().await.map_err(&lost)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

fn builder(tls: bool, limit: Duration) -> ClientBuilder {
    install_tls_provider();
    let builder = reqwest::Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(IDLE)
        // With this limit the connector divides the time among a name's addresses, so that a dead one does not
        // hide a live one.
        .connect_timeout(limit);
    if tls {
        builder
    } else {
        // No certificate is ever checked over plain http: this keeps the client from looking for a store, which a
        // small machine need not have.
        builder.tls_certs_only([])
    }
}

/// Makes ring the process's TLS provider, unless another one already is.
fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that the embedder has chosen one, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
