//! One daemon as requests reach it: connections that are kept, and how many there may be.

use std::{
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode, Uri,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, HOST, HeaderValue, WWW_AUTHENTICATE},
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use super::{
    answer::{is_limit, pause},
    lanes::{Lane, Lanes, Permit},
    request::Asking,
};
use crate::{
    consensus::observation::Failure,
    endpoint::Endpoint,
    net::{Connector, Login, resolver::Resolver},
    rpc::Turns,
    words::one_line,
};

/// One daemon. Connections are shared by all requests, one request at a time on each.
pub(super) struct Upstream {
    endpoint: Endpoint,
    /// Once one could be made: a machine may get its certificate store later.
    connector: Mutex<Option<Arc<Connector>>>,
    host: Option<HeaderValue>,
    login: Option<Login>,
    idle: Mutex<Vec<Idle>>,
    /// Whether connections are kept for later.
    keeps: AtomicBool,
    lanes: Lanes,
    /// Whether it is at a public address, where daemons let in few connections. Of a name that is known once it is connected to.
    is_public: AtomicBool,
    seed: AtomicU64,
    /// How often it lets itself be asked, by polls too.
    turns: Arc<Turns>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// Nothing of the request has left.
    Unreached(String),
    /// It was sent, or may have been.
    Broken(String),
}

impl Lost {
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Unreached(words) | Self::Broken(words) => words,
        }
    }
}

/// An answer whose head has come, with the connection that the rest of it comes over.
pub(super) struct UpstreamAnswer {
    pub(super) response: Response<Incoming>,
    pub(super) lease: Lease,
}

type Sender = SendRequest<Full<Bytes>>;

struct Idle {
    sender: Sender,
    since: Instant,
}

/// The right to use a connection; it is kept for the next request when this one is over.
pub(super) struct Lease {
    upstream: Arc<Upstream>,
    sender: Sender,
    permit: Permit,
}

impl Upstream {
    /// A daemon that nobody has connected to yet.
    pub(super) fn new(endpoint: &Endpoint, login: Option<Login>) -> Self {
        Self {
            endpoint: endpoint.clone(),
            connector: Mutex::default(),
            host: HeaderValue::from_str(&endpoint.to_string()).ok(),
            login,
            idle: Mutex::default(),
            keeps: AtomicBool::new(true),
            lanes: Lanes::new(),
            is_public: AtomicBool::new(endpoint.host.parse().is_ok_and(is_public)),
            seed: AtomicU64::new(0),
            turns: Turns::of(endpoint),
        }
    }

    /// When it may be asked.
    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Sends a request and gives the head of its answer. The caller sets the deadline, and has seen to it that it is the request's turn.
    ///
    /// A kept connection may have been closed by the daemon just when it was to be used, which says nothing about the daemon: what
    /// may be asked twice is then asked over a new one, and what may not never meets a kept one.
    pub(super) async fn send(
        self: &Arc<Self>,
        asking: &Asking,
        lane: Lane,
        repeatable: bool,
    ) -> Result<UpstreamAnswer, Lost> {
        let permit = self.permit(lane).await;
        if repeatable && let Some(sender) = self.take_idle().await {
            match self.exchange(sender, asking, None).await {
                Ok((response, sender)) => return Ok(UpstreamAnswer { response, lease: self.lease(sender, permit) }),
                Err(_closed) => {}
            }
        }
        // What is rare has its own room: a request is so small then that its memory is found at once.
        let sender = Box::pin(self.connect()).await?;
        self.lease(sender, permit).send(asking).await
    }

    /// A connection of its own for one request, which is still to be sent over it.
    pub(super) async fn reach(self: &Arc<Self>, lane: Lane) -> Result<Lease, Lost> {
        let permit = self.permit(lane).await;
        Ok(self.lease(self.connect().await?, permit))
    }

    fn lease(self: &Arc<Self>, sender: Sender, permit: Permit) -> Lease {
        Lease { upstream: self.clone(), sender, permit }
    }

    async fn permit(&self, lane: Lane) -> Permit {
        self.lanes.enter(lane, self.is_public()).await
    }

    fn is_public(&self) -> bool {
        self.is_public.load(Ordering::Relaxed)
    }

    /// Whether connections are kept for later from now on. Where they are not, those that were kept so far are closed.
    pub(super) fn keep(&self, keeps: bool) {
        let mut idle = self.idle.lock();
        self.keeps.store(keeps, Ordering::Relaxed);
        if !keeps {
            idle.clear();
        }
    }

    /// Closes those that nobody has needed for a while.
    pub(super) fn sweep(&self) {
        self.idle.lock().retain(|idle| idle.since.elapsed() < IDLE);
    }

    async fn take_idle(&self) -> Option<Sender> {
        loop {
            let Idle { mut sender, since } = self.idle.lock().pop()?;
            if since.elapsed() < IDLE && !sender.is_closed() && poll_fn(|cx| sender.poll_ready(cx)).await.is_ok() {
                return Some(sender);
            }
        }
    }

    /// What connects; where that cannot be made now, the next request tries again.
    fn connector(&self) -> Result<Arc<Connector>, Failure> {
        let mut connector = self.connector.lock();
        match &*connector {
            Some(made) => Ok(made.clone()),
            None => {
                let made = Connector::new(&self.endpoint, Resolver::shared(), CONNECT_LIMIT)?;
                Ok(connector.insert(Arc::new(made)).clone())
            }
        }
    }

    async fn connect(&self) -> Result<Sender, Lost> {
        let unreached = |failure: Failure| Lost::Unreached(failure.detail);
        let connector = self.connector().map_err(unreached)?;
        let opened = timeout(CONNECT_LIMIT, connector.open()).await;
        let late = || Lost::Unreached(format!("no connection within {} ms", CONNECT_LIMIT.as_millis()));
        let (stream, peer) = opened.map_err(|_| late())?.map_err(unreached)?;
        self.is_public.store(is_public(peer.ip()), Ordering::Relaxed);
        let (sender, connection) = http1::Builder::new()
            .writev(false)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Lost::Unreached(words(&error)))?;
        // It ends with its sender, or when the daemon closes it.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }

    /// `until` is when what has to be said twice may be said again at the latest.
    async fn exchange(
        &self,
        sender: Sender,
        asking: &Asking,
        until: Option<Instant>,
    ) -> Result<(Response<Incoming>, Sender), Lost> {
        let authorization = self
            .login
            .as_ref()
            .and_then(|login| login.authorization(asking.method.as_str(), asking.path(), self.random()));
        let (response, sender) = self.exchange_once(sender, asking, authorization).await?;
        match self.login.as_ref().filter(|_| response.status() == StatusCode::UNAUTHORIZED) {
            Some(login) => Box::pin(self.log_in(login, response, sender, asking, until)).await,
            None => Ok((response, sender)),
        }
    }

    /// Answers a daemon's challenge, where that can be answered.
    async fn log_in(
        &self,
        login: &Login,
        response: Response<Incoming>,
        mut sender: Sender,
        asking: &Asking,
        until: Option<Instant>,
    ) -> Result<(Response<Incoming>, Sender), Lost> {
        let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter();
        let Some(answer) = login.answer(challenges, asking.method.as_str(), asking.path(), self.random()) else {
            return Ok((response, sender));
        };
        // The connection is free once what came with the challenge has been read.
        drain(response.into_body()).await?;
        if poll_fn(|cx| sender.poll_ready(cx)).await.is_err() {
            sender = self.connect().await?;
        }
        if until.is_some_and(|until| Instant::now() > until) {
            return Err(Lost::Unreached("it asked for the login too late".into()));
        }
        self.exchange_once(sender, asking, Some(answer)).await
    }

    async fn exchange_once(
        &self,
        mut sender: Sender,
        asking: &Asking,
        authorization: Option<HeaderValue>,
    ) -> Result<(Response<Incoming>, Sender), Lost> {
        let (request, sent) = (self.message(asking, authorization), std::time::Instant::now());
        match sender.try_send_request(request).await {
            Ok(response) => {
                if is_limit(response.status(), response.headers()) {
                    self.turns.refuse(sent, pause(response.headers()), true);
                }
                Ok((response, sender))
            }
            Err(mut error) => {
                let is_unsent = error.take_message().is_some();
                let words = words(error.error());
                Err(if is_unsent { Lost::Unreached(words) } else { Lost::Broken(words) })
            }
        }
    }

    fn message(&self, asking: &Asking, authorization: Option<HeaderValue>) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(asking.body.clone()));
        *request.method_mut() = asking.method.clone();
        *request.uri_mut() = Uri::from(asking.target.clone());
        *request.headers_mut() = asking.headers.clone();
        if let Some(host) = &self.host {
            request.headers_mut().insert(HOST, host.clone());
        }
        if let Some(authorization) = authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        request
    }

    /// A number that has not been used before, and cannot be guessed from outside.
    fn random(&self) -> u64 {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(self.seed.fetch_add(1, Ordering::Relaxed))
    }
}

impl Lease {
    /// Sends a request and gives the head of its answer, as [`Upstream::send`] does.
    pub(super) async fn send(self, asking: &Asking) -> Result<UpstreamAnswer, Lost> {
        let Self { upstream, sender, permit } = self;
        let (response, sender) = upstream.exchange(sender, asking, None).await?;
        Ok(UpstreamAnswer { response, lease: Self { upstream, sender, permit } })
    }

    /// The same for an offer of a block: it leaves until then, or not at all, and when it takes long its place is free for others. Not at a public
    /// address: the daemon counts the connection for as long as it lasts.
    pub(super) async fn offer(self, asking: &Asking, until: Instant) -> Result<UpstreamAnswer, Lost> {
        let Self { upstream, sender, mut permit } = self;
        let exchanged = {
            let mut exchange = pin!(upstream.exchange(sender, asking, Some(until)));
            match timeout(HANGS_AFTER, &mut exchange).await {
                Ok(exchanged) => exchanged,
                Err(_) => {
                    permit = permit.filter(|_| upstream.is_public());
                    exchange.await
                }
            }
        };
        let (response, sender) = exchanged?;
        Ok(UpstreamAnswer { response, lease: Self { upstream, sender, permit } })
    }

    /// Gives the connection back: the answer has been read to its end.
    pub(super) fn end(self) {
        let Self { upstream, sender, permit: _permit } = self;
        if sender.is_closed() || upstream.is_public() {
            return;
        }
        let mut idle = upstream.idle.lock();
        if idle.len() < KEPT && upstream.keeps.load(Ordering::Relaxed) {
            idle.push(Idle { sender, since: Instant::now() });
        }
    }
}

/// Reads what nobody needs, within bounds.
async fn drain(body: Incoming) -> Result<(), Lost> {
    super::body::collect(body, DRAINED)
        .await
        .map(drop)
        .map_err(|_| Lost::Broken("the answer ended before it was complete".into()))
}

/// Whether others than the operator's own machines are at an address.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => !(it.is_private() || it.is_loopback() || it.is_link_local()),
        IpAddr::V6(it) => !(it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local()),
    }
}

/// What an error says, with what it was caused by.
pub(super) fn words(error: &hyper::Error) -> String {
    let mut said = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        said = format!("{said}: {cause}");
    }
    one_line(&said, LONGEST_WORDS)
}

/// Connections that are kept for the next request, unless the daemon is not in use, or at a public address.
const KEPT: usize = 2;
/// A pool asks once a second. Daemons keep idle connections for 30 s, but a TurtleCoind that is told to stop waits for them.
const IDLE: Duration = Duration::from_secs(5);
/// An offer without an answer for so long may never have one.
const HANGS_AFTER: Duration = Duration::from_secs(3);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const DRAINED: usize = 64 * 1024;
const LONGEST_WORDS: usize = 200;

#[cfg(test)]
#[path = "tests/upstream.rs"]
mod tests;
