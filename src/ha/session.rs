//! One connection, from the greeting to its end.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use super::{
    packet::{self, Event, Heartbeat, Packet},
    throttle::Throttle,
};

/// A conversation with a server.
pub(super) struct Session<'a, S> {
    socket: WebSocketStream<Throttle<S>>,
    password: Option<&'a str>,
    pulse: Pulse,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The connection ended, or broke the protocol.
    #[error("{0}")]
    Broken(String),
    /// The server ended it.
    #[error("the server closed the connection")]
    HungUp,
    /// The server gives no events.
    #[error("the server refused the connection")]
    Refused,
    /// The server said something else, or nothing.
    #[error("the server does not speak socket.io 2")]
    NoGreeting,
    /// The server is silent, or reads nothing.
    #[error("no answer to a ping")]
    Silent,
}

/// What bytes go over.
pub(super) trait Transport: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Transport for T {}

/// How much a connection may take.
pub(super) fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE))
}

impl<'a, S: Transport> Session<'a, S> {
    /// Over a connection that was just made.
    pub fn over(socket: WebSocketStream<Throttle<S>>, password: Option<&'a str>) -> Self {
        Self { socket, password, pulse: Pulse::greeting() }
    }

    /// The next event. Answers pings and asks for signs of life meanwhile.
    pub async fn next(&mut self) -> Result<Event, Lost> {
        loop {
            tokio::select! {
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        if let Some(event) = self.hear(packet::parse(&text)).await? {
                            return Ok(event);
                        }
                    }
                    Some(Ok(Message::Close(_))) | None => return Err(Lost::HungUp),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(Lost::Broken(error.to_string())),
                },
                () = sleep_until(self.pulse.due) => {
                    self.pulse.beat()?;
                    self.say(packet::PING.into()).await?;
                }
            }
        }
    }

    async fn hear(&mut self, packet: Packet) -> Result<Option<Event>, Lost> {
        match packet {
            Packet::Open(heartbeat) => self.pulse.open(heartbeat),
            _ if !self.pulse.is_open() => return Err(Lost::NoGreeting),
            Packet::Pong => self.pulse.answered(),
            Packet::Connected => {
                if let Some(password) = self.password {
                    self.say(packet::auth(password)).await?;
                }
            }
            Packet::Event(event) => return Ok(Some(event)),
            Packet::Close => return Err(Lost::HungUp),
            Packet::Refused => return Err(Lost::Refused),
            Packet::Other => {}
        }
        Ok(None)
    }

    /// Says something in bounded time: the other end may have stopped reading.
    async fn say(&mut self, text: String) -> Result<(), Lost> {
        match timeout(SAY_LIMIT, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Lost::Broken(error.to_string())),
            Err(_) => Err(Lost::Silent),
        }
    }
}

/// When the next sign of life is due, and from which side.
struct Pulse {
    due: Instant,
    /// Whether it is the server's turn.
    waits: bool,
    heartbeat: Option<Heartbeat>,
}

impl Pulse {
    /// First the server greets.
    fn greeting() -> Self {
        Self { due: Instant::now() + GREETING_LIMIT, waits: true, heartbeat: None }
    }

    fn is_open(&self) -> bool {
        self.heartbeat.is_some()
    }

    fn open(&mut self, heartbeat: Heartbeat) {
        (self.heartbeat, self.waits) = (Some(heartbeat), true);
        self.answered();
    }

    fn answered(&mut self) {
        if let Some(heartbeat) = self.heartbeat.filter(|_| self.waits) {
            (self.due, self.waits) = (Instant::now() + heartbeat.interval, false);
        }
    }

    /// The time has come: for a ping, or to give up where it was the server's turn.
    fn beat(&mut self) -> Result<(), Lost> {
        let heartbeat = self.heartbeat.ok_or(Lost::NoGreeting)?;
        if self.waits {
            return Err(Lost::Silent);
        }
        (self.due, self.waits) = (Instant::now() + heartbeat.timeout, true);
        Ok(())
    }
}

/// From the connection to the greeting.
const GREETING_LIMIT: Duration = Duration::from_secs(5);
const SAY_LIMIT: Duration = Duration::from_secs(5);

/// The longest message that is read. A block with all its transactions is some tens of kilobytes.
const LONGEST_MESSAGE: usize = 256 * 1024;
/// There is a connection for every daemon, so each is given little.
const READ_BUFFER: usize = 4 * 1024;

#[cfg(test)]
#[path = "tests/session.rs"]
mod tests;
