//! Events from a turtlecoind-ha in front of a daemon.
//!
//! It serves socket.io 2 over Engine.IO 3 on a port of its own. An event is a hint and never a proof: it has the daemon
//! polled at once, and what that poll sees is all that counts. So a server that lies, falls silent or talks nonsense changes
//! nothing; without it the daemon is polled by the clock, as it is anyway. That it is not heard is told once in the log, and that it
//! is heard again once more.
//!
//! | file | noun |
//! |---|---|
//! | [`packet`] | what both sides say (pure) |
//! | `delay.rs` | how long to wait before the next attempt |
//! | `throttle.rs` | a connection that is read no faster than its other end has reason to talk |
//! | `session.rs` | one connection, from the greeting to its end |

mod delay;
pub mod packet;
mod session;
mod throttle;

use std::{fmt, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};
use tracing::{info, warn};

use self::{
    delay::Delay,
    packet::Event,
    session::{Session, Transport},
    throttle::Throttle,
};
use crate::{
    config::{DaemonConfig, HaConfig},
    endpoint::Endpoint,
    net::{
        Connector, Lookup,
        resolver::{Resolver, has_moved},
    },
    words::one_line,
};

/// Where to listen to a turtlecoind-ha, and what it wants to hear first.
#[derive(Clone)]
pub struct Subscription {
    /// The daemon's host, the port of the events; encrypted where the daemon is, for the digest of a password is as good as
    /// the password.
    endpoint: Endpoint,
    config: HaConfig,
    resolver: Resolver,
    check_interval: Duration,
}

impl Subscription {
    /// For a daemon that has one.
    pub fn new(daemon: &DaemonConfig) -> Option<Self> {
        Self::with_resolver(daemon, Resolver::shared(), CHECK_INTERVAL)
    }

    /// For a daemon that has one, whose name is looked up by other means or at other times.
    pub fn with_lookup(daemon: &DaemonConfig, lookup: Arc<dyn Lookup>, check_interval: Duration) -> Option<Self> {
        Self::with_resolver(daemon, Resolver::new(lookup), check_interval)
    }

    fn with_resolver(daemon: &DaemonConfig, resolver: Resolver, check_interval: Duration) -> Option<Self> {
        let config = daemon.ha.clone()?;
        let endpoint = Endpoint { port: config.port, ..daemon.endpoint.clone() };
        Some(Self { endpoint, config, resolver, check_interval })
    }

    /// Listens for ever, and connects again whenever the connection ends.
    pub async fn run(&self, hear: impl Fn(Event)) {
        Listening { subscription: self, hear, refused: false, missed: false }.run().await;
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "turtlecoind-ha at {}", self.endpoint)
    }
}

/// The listening, over one connection after the other.
struct Listening<'a, F> {
    subscription: &'a Subscription,
    hear: F,
    /// Whether it was told that the password is wrong.
    refused: bool,
    /// Whether it was told that nothing is heard.
    missed: bool,
}

impl<F: Fn(Event)> Listening<'_, F> {
    async fn run(&mut self) {
        let mut delay = Delay::default();
        loop {
            let started = Instant::now();
            let connected = timeout(CONNECT_LIMIT, self.connect()).await;
            let lost = match connected {
                Ok(Ok((socket, address))) => self.listen(socket, address).await,
                Ok(Err(lost)) => lost,
                Err(_) => format!("no answer within {} ms", CONNECT_LIMIT.as_millis()),
            };
            let pause = delay.after(started.elapsed());
            // One loss is a restart.
            if delay.attempts() > 1 && !self.missed {
                let reason = one_line(&lost, LONGEST_REASON);
                warn!("{} cannot be heard: {reason}; its daemon is polled as usual", self.subscription);
                self.missed = true;
            }
            sleep(pause).await;
        }
    }

    async fn connect(&self) -> Result<(WebSocketStream<Throttle<impl Transport + use<F>>>, IpAddr), String> {
        let endpoint = &self.subscription.endpoint;
        let connector = Connector::new(endpoint, self.subscription.resolver.clone(), CONNECT_LIMIT);
        let connector = connector.map_err(|failure| failure.detail)?;
        let (stream, peer) = connector.open().await.map_err(|failure| failure.detail)?;
        let scheme = if endpoint.tls { "wss" } else { "ws" };
        let url = format!("{scheme}://{endpoint}{PATH}");
        let stream = Throttle::new(stream);
        match client_async_with_config(url, stream, Some(session::limits())).await {
            Ok((socket, _)) => Ok((socket, peer.ip())),
            Err(tungstenite::Error::Http(response)) => Err(format!("HTTP status {}", response.status().as_u16())),
            Err(other) => Err(other.to_string()),
        }
    }

    /// Listens until the connection ends, and tells why it did.
    async fn listen(&mut self, socket: WebSocketStream<Throttle<impl Transport>>, address: IpAddr) -> String {
        let Subscription { config, check_interval, .. } = self.subscription;
        let password = config.password.as_ref().map(|password| password.0.as_str());
        let mut session = Session::over(socket, password);
        let started = Instant::now();
        let mut check = started + *check_interval;
        loop {
            let mut next = pin!(session.next());
            let event = loop {
                tokio::select! {
                    event = &mut next => break event,
                    () = sleep_until(check) => {
                        if self.has_moved(address).await {
                            return "its host has another address".into();
                        }
                        self.note_held(started.elapsed());
                        check = Instant::now() + *check_interval;
                    }
                }
            };
            match event {
                Ok(Event::Other) => {}
                Ok(Event::Auth(accepted)) => self.note_auth(accepted),
                Ok(event) => (self.hear)(event),
                Err(lost) => return lost.to_string(),
            }
        }
    }

    fn note_auth(&mut self, accepted: bool) {
        if !accepted && !self.refused {
            warn!("{} does not take the password", self.subscription);
        }
        self.refused = !accepted;
    }

    /// A server that greets and hangs up again and again is not heard.
    fn note_held(&mut self, held: Duration) {
        if held >= delay::LONGEST && std::mem::take(&mut self.missed) {
            info!("{} is heard again", self.subscription);
        }
    }

    async fn has_moved(&self, in_use: IpAddr) -> bool {
        let host = &self.subscription.endpoint.host;
        if host.parse::<IpAddr>().is_ok() {
            return false;
        }
        let looked_up = timeout(CONNECT_LIMIT, self.subscription.resolver.refresh(host)).await;
        looked_up.is_ok_and(|answer| has_moved(in_use, &answer))
    }
}

/// The longest reason that the log gets to see, in characters.
const LONGEST_REASON: usize = 200;

/// As a browser would ask for it, without the detour over long polling.
const PATH: &str = "/socket.io/?EIO=3&transport=websocket";

/// From the look-up of the name to the answer that the connection is a WebSocket's.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How often the name is looked up while the connection works.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);
