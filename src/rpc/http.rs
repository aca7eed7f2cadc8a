//! One request over the kept connection, with its limits.

use std::{net::SocketAddr, time::Duration};

use hyper::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT},
};

use super::{
    connection::{Connection, Lost},
    connector::Connector,
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

/// One daemon's HTTP side: one connection, for one request at a time.
pub(super) struct Http {
    connector: Connector,
    host: HeaderValue,
    limit: Duration,
    kept: Option<Connection>,
}

/// A reply and who sent it.
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) peer: SocketAddr,
}

impl Http {
    /// With no connection yet; an error where a machine cannot check certificates, and has to.
    pub(super) fn new(endpoint: &Endpoint, resolver: Resolver, limit: Duration) -> Result<Self, Failure> {
        let connector = Connector::new(endpoint, resolver, limit)?;
        let host = HeaderValue::try_from(endpoint.to_string()).map_err(|_| failure::no_host())?;
        Ok(Self { connector, host, limit, kept: None })
    }

    /// The reply to one request. The caller sets the deadline; where it passes, the connection is gone.
    ///
    /// A daemon that has closed the kept connection meanwhile has done nothing wrong: it is asked again, over a new one.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Answer, Failure> {
        if let Some(used) = self.kept.take().filter(|it| it.is_open() && it.idle() < IDLE) {
            match self.exchange(used, request).await {
                Err(Lost::Unanswered(_)) => {}
                outcome => return outcome.map_err(|lost| self.failure(lost, request)),
            }
        }
        let fresh = self.connector.connect().await?;
        self.exchange(fresh, request).await.map_err(|lost| self.failure(lost, request))
    }

    async fn exchange(&mut self, mut connection: Connection, request: &Request) -> Result<Answer, Lost> {
        let reply = connection.exchange(self.message(request), MAX_BODY).await?;
        let peer = connection.peer();
        self.kept = Some(connection);
        Ok(Answer { reply, peer })
    }

    fn message(&self, request: &Request) -> hyper::Request<String> {
        let body = request.body();
        let mut message = hyper::Request::new(String::new());
        // A path comes from a dialect, or is a hash or a height: there is none that is no URI.
        *message.uri_mut() = request.path().parse().unwrap_or_default();
        let headers = message.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, AGENT);
        headers.insert(ACCEPT, ANYTHING);
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, JSON);
            *message.method_mut() = Method::POST;
            *message.body_mut() = body;
        }
        message
    }

    fn failure(&self, lost: Lost, request: &Request) -> Failure {
        match lost {
            Lost::Unanswered(error) | Lost::Broken(error) => failure::of_exchange(&error, self.limit),
            Lost::TooLong => {
                failure::invalid_reply(format_args!("{request}: the reply is longer than {MAX_BODY} bytes"))
            }
        }
    }
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
