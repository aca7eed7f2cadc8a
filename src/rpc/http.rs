//! One request over the kept connection, with its limits.

use std::{fmt::Write, net::SocketAddr, time::Duration};

use super::{
    connection::{Connection, Lost},
    connector::Connector,
    dialect::{Reply, Request},
    failure,
    resolver::Resolver,
    response::Malformed,
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
    host: String,
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
        Ok(Self { connector, host: endpoint.to_string(), limit, kept: None })
    }

    /// The reply to one request. The caller sets the deadline; where it passes, the connection is gone.
    ///
    /// A daemon that has closed the kept connection meanwhile has done nothing wrong: it is asked again, over a new one.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Answer, Failure> {
        let message = self.message(request);
        if let Some(used) = self.usable().await {
            match self.exchange(used, &message).await {
                Err(Lost::Unanswered(_)) => {}
                outcome => return outcome.map_err(|lost| self.failure(&lost, request)),
            }
        }
        // Rare, and of a size that nobody else has to make room for.
        let fresh = Box::pin(self.connector.connect()).await?;
        self.exchange(fresh, &message).await.map_err(|lost| self.failure(&lost, request))
    }

    async fn usable(&mut self) -> Option<Connection> {
        let mut kept = self.kept.take()?;
        (kept.idle() < IDLE && kept.is_open().await).then_some(kept)
    }

    async fn exchange(&mut self, mut connection: Connection, message: &str) -> Result<Answer, Lost> {
        let reply = connection.exchange(message.as_bytes(), MAX_BODY).await?;
        let peer = connection.peer();
        self.kept = Some(connection);
        Ok(Answer { reply, peer })
    }

    /// One piece, so that it leaves in one packet.
    fn message(&self, request: &Request) -> String {
        let (path, host) = (request.path(), &self.host);
        let body = request.body();
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut message = String::with_capacity(USUAL);
        let _ = write!(message, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n");
        if let Some(body) = &body {
            let length = body.len();
            let _ = write!(message, "Content-Type: application/json\r\nContent-Length: {length}\r\n");
        }
        message.push_str("\r\n");
        message.push_str(&body.unwrap_or_default());
        message
    }

    fn failure(&self, lost: &Lost, request: &Request) -> Failure {
        match lost {
            Lost::Unanswered(error) | Lost::Broken(error) => failure::of_exchange(error, self.limit),
            Lost::Malformed(malformed @ Malformed::LongBody(_)) => {
                failure::invalid_reply(format_args!("{request}: {malformed}"))
            }
            Lost::Malformed(malformed) => failure::invalid_reply(format_args!("not an HTTP answer: {malformed}")),
        }
    }
}

const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Room for a request as daemons are sent them.
const USUAL: usize = 384;
