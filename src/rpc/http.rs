//! One request over the kept connection, with its limits.

use std::{
    fmt::Write,
    fs::File,
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use http::HeaderValue;

use super::{
    connection::{Connection, Lost},
    dialect::{Reply, Request},
    response::{Malformed, Whole},
};
use crate::{
    consensus::observation::Failure,
    endpoint::Endpoint,
    net::{Connector, Login, Stream, failure, resolver::Resolver},
};

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
    login: Option<Arc<Login>>,
    kept: Option<Connection>,
    /// Whose the connection was that was let go. Of several addresses that a name has, the next one is to the same.
    left: Option<SocketAddr>,
    /// Has the file descriptor that the next connection will need, while there is none: a pool that has used up all of them still polls.
    spare: Option<File>,
    /// Connections that were made.
    pub(super) connections: u64,
}

/// A reply and who sent it.
pub(super) struct Answered {
    pub(super) reply: Reply,
    /// How long to wait before asking again, where that is told.
    pub(super) retry_after: Option<Duration>,
    pub(super) peer: SocketAddr,
}

impl Http {
    /// With no connection yet; an error where a machine cannot check certificates, and has to.
    pub(super) fn new(
        endpoint: &Endpoint,
        resolver: Resolver,
        limit: Duration,
        login: Option<Arc<Login>>,
    ) -> Result<Self, Failure> {
        let connector = Connector::new(endpoint, resolver, limit)?;
        Ok(Self {
            connector,
            host: endpoint.to_string(),
            limit,
            login,
            kept: None,
            left: None,
            spare: None,
            connections: 0,
        })
    }

    /// Closes the connection that is kept; the next request opens another, to the same address where it has to choose.
    pub(super) fn let_go(&mut self, may_choose: bool) {
        let Some(kept) = self.kept.take() else { return };
        self.left = may_choose.then(|| kept.peer());
        drop(kept);
        self.spare = File::open(NOTHING).ok();
    }

    /// Whether the next request opens another connection, and has to choose among the addresses of a name.
    pub(super) fn is_let_go(&self) -> bool {
        self.left.is_some()
    }

    /// The reply to one request. The caller sets the deadline; where it passes, the connection is gone. A daemon that wants a
    /// login is asked once more with it.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Answered, Failure> {
        let login = self.login.clone();
        let (method, path) = (method(request), request.path());
        let known = login.as_ref().and_then(|login| login.authorization(method, path, random()));
        let (whole, peer) = self.ask(request, known.as_ref()).await?;
        if whole.reply.status != UNAUTHORIZED {
            return Ok(answer(whole, peer));
        }
        let challenges = whole.asides.challenges.iter();
        let Some(proof) = login.as_ref().and_then(|login| login.answer(challenges, method, path, random())) else {
            return Err(failure::no_entry(login.is_some()));
        };
        let (whole, peer) = self.ask(request, Some(&proof)).await?;
        if whole.reply.status == UNAUTHORIZED { Err(failure::no_entry(true)) } else { Ok(answer(whole, peer)) }
    }

    /// A daemon that has closed the kept connection meanwhile has done nothing wrong: it is asked again, over a new one.
    async fn ask(&mut self, request: &Request, proof: Option<&HeaderValue>) -> Result<(Whole, SocketAddr), Failure> {
        let message = self.message(request, proof);
        if let Some(used) = self.usable().await {
            match self.exchange(used, &message).await {
                Err(Lost::Unanswered(_)) => {}
                outcome => return outcome.map_err(|lost| self.failure(&lost, request)),
            }
        }
        // Rare, and of a size that nobody else has to make room for.
        let (stream, peer) = Box::pin(self.connect()).await?;
        let fresh = Connection::new(stream, peer);
        self.connections += 1;
        self.exchange(fresh, &message).await.map_err(|lost| self.failure(&lost, request))
    }

    async fn connect(&mut self) -> Result<(Box<dyn Stream>, SocketAddr), Failure> {
        self.spare = None;
        if let Some(peer) = self.left.take()
            && let Ok(opened) = self.connector.open_to(peer).await
        {
            return Ok(opened);
        }
        self.connector.open().await
    }

    async fn usable(&mut self) -> Option<Connection> {
        let mut kept = self.kept.take()?;
        (kept.idle() < IDLE && kept.is_open().await).then_some(kept)
    }

    async fn exchange(&mut self, mut connection: Connection, message: &str) -> Result<(Whole, SocketAddr), Lost> {
        let whole = connection.exchange(message.as_bytes(), MAX_BODY).await?;
        let peer = connection.peer();
        self.kept = Some(connection);
        Ok((whole, peer))
    }

    /// One piece, so that it leaves in one packet.
    fn message(&self, request: &Request, proof: Option<&HeaderValue>) -> String {
        let (method, path, host) = (method(request), request.path(), &self.host);
        let body = request.body();
        let mut message = String::with_capacity(USUAL);
        let _ = write!(message, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n");
        // Without it a proxy may choose to compress.
        message.push_str("Accept-Encoding: identity\r\n");
        if let Some(proof) = proof.and_then(|proof| proof.to_str().ok()) {
            let _ = write!(message, "Authorization: {proof}\r\n");
        }
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
            Lost::Malformed(malformed @ (Malformed::LongBody(_) | Malformed::Encoding)) => {
                failure::invalid_reply(format_args!("{request}: {malformed}"))
            }
            Lost::Malformed(malformed) => failure::invalid_reply(format_args!("not an HTTP answer: {malformed}")),
        }
    }
}

fn answer(whole: Whole, peer: SocketAddr) -> Answered {
    Answered { reply: whole.reply, retry_after: whole.asides.retry_after, peer }
}

fn method(request: &Request) -> &'static str {
    match request {
        Request::Get(_) => "GET",
        Request::Call { .. } => "POST",
    }
}

/// A number that cannot be guessed from outside.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

const UNAUTHORIZED: u16 = 401;
const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// A file that can be opened at any time, and has no content.
const NOTHING: &str = "/dev/null";
/// Room for a request as daemons are sent them.
const USUAL: usize = 384;
