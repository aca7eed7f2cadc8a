//! Events from a turtlecoind-ha in front of a daemon.
//!
//! It serves socket.io 2 over Engine.IO 3 on a port of its own. An event is a hint and never a proof: it has the daemon
//! polled at once, and what that poll sees is all that counts. So a server that lies, falls silent or talks nonsense changes
//! nothing; without it the daemon is polled by the clock, as it is anyway.
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

use std::{fmt, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};

use self::{
    delay::Delay,
    packet::Event,
    session::{Session, Transport},
    throttle::Throttle,
};
use crate::{
    config::{DaemonConfig, HaConfig},
    daemon::Endpoint,
    rpc::{
        Connector, one_line,
        resolver::{Resolver, SystemLookup},
    },
};

/// What is heard of one daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// An event that has to do with its state.
    Event(Event),
    /// Something the operator should know; told once, not at every attempt.
    Trouble(String),
}

/// Listens to the turtlecoind-ha in front of one daemon, and connects again whenever the connection ends.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The daemon's host, the port of the events; encrypted where the daemon is, for the digest of a password is as good as
    /// the password.
    endpoint: Endpoint,
    config: HaConfig,
}

impl Subscription {
    /// For a daemon that has one.
    pub fn new(daemon: &DaemonConfig) -> Option<Self> {
        let config = daemon.ha.clone()?;
        let endpoint = Endpoint { port: config.port, ..daemon.endpoint.clone() };
        Some(Self { endpoint, config })
    }

    /// Listens for ever.
    pub async fn run(&self, hear: impl Fn(Heard)) {
        let resolver = Resolver::new(Arc::new(SystemLookup));
        let mut delay = Delay::default();
        let mut refused = false;
        loop {
            let started = Instant::now();
            let lost = self.listen(&resolver, &mut refused, &hear).await;
            let pause = delay.after(started.elapsed());
            // One loss is a restart; the second in a row is worth a word, the others are not.
            if delay.attempts() == 2 {
                hear(Heard::Trouble(format!(
                    "{self} is not heard: {}; its daemon is polled by the clock",
                    one_line(&lost, LONGEST_REASON)
                )));
            }
            sleep(pause).await;
        }
    }

    /// Listens until the connection ends, and tells why it did.
    async fn listen(&self, resolver: &Resolver, refused: &mut bool, hear: &impl Fn(Heard)) -> String {
        let socket = match timeout(CONNECT_LIMIT, self.connect(resolver)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(lost)) => return lost,
            Err(_) => return format!("no answer within {} ms", CONNECT_LIMIT.as_millis()),
        };
        let password = self.config.password.as_ref().map(|password| password.0.as_str());
        let mut session = Session::over(socket, password);
        loop {
            match session.next().await {
                Ok(Event::Other) => {}
                Ok(Event::Auth(accepted)) => {
                    if !accepted && !*refused {
                        hear(Heard::Trouble(format!("{self} does not take the password")));
                    }
                    *refused = !accepted;
                }
                Ok(event) => hear(Heard::Event(event)),
                Err(lost) => return lost.to_string(),
            }
        }
    }
}

impl Subscription {
    async fn connect(&self, resolver: &Resolver) -> Result<WebSocketStream<Throttle<impl Transport>>, String> {
        let mut connector =
            Connector::new(&self.endpoint, resolver.clone(), CONNECT_LIMIT).map_err(|failure| failure.detail)?;
        let (stream, _) = connector.open().await.map_err(|failure| failure.detail)?;
        let stream = Throttle::new(TokioIo::new(stream));
        let scheme = if self.endpoint.tls { "wss" } else { "ws" };
        let url = format!("{scheme}://{}{PATH}", self.endpoint);
        let greeted = client_async_with_config(url, stream, Some(session::limits())).await;
        greeted.map(|(socket, _)| socket).map_err(|error| match error {
            tungstenite::Error::Http(response) => format!("HTTP status {}", response.status().as_u16()),
            other => other.to_string(),
        })
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "turtlecoind-ha at {}", self.endpoint)
    }
}

/// The longest reason that a warning names, in characters.
const LONGEST_REASON: usize = 200;

/// As a browser would ask for it, without the detour over long polling.
const PATH: &str = "/socket.io/?EIO=3&transport=websocket";

/// From the look-up of the name to the answer that the connection is a WebSocket's.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
