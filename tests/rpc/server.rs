//! A small HTTP server that answers as a test tells it to, and counts.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use turtle_pool_multi_daemon::{
    consensus::observation::{Observation, View, Window},
    endpoint::Endpoint,
    rpc::Client,
};

/// A time limit that no test here reaches, on however slow a machine.
pub const AMPLE: Duration = Duration::from_secs(20);

/// How a request is answered.
pub enum Action {
    /// With this status and body; the connection stays.
    Reply(u16, String),
    /// With these bytes; the connection stays.
    Raw(String),
    /// With these bytes, and the connection closed.
    Bytes(Vec<u8>),
    /// With these bytes, and the connection reset.
    Reset(Vec<u8>),
    /// With the first bytes, and then the second ones again and again, this often and with this pause.
    Repeat(Vec<u8>, Vec<u8>, usize, Duration),
    /// Not at all.
    Silence,
}

/// What a request asks for: its path or JSON-RPC method, and its JSON-RPC parameters.
#[derive(Default)]
pub struct Ask {
    pub what: String,
    pub params: String,
    /// How who asks proves who it is.
    pub authorization: Option<String>,
}

type Answer = dyn FnMut(&Ask) -> Action + Send;

/// The server. It ends with the test.
pub struct Server {
    pub address: SocketAddr,
    pub counts: Arc<Counts>,
    answer: Arc<Mutex<Box<Answer>>>,
    accepting: JoinHandle<()>,
}

/// What the server has seen.
#[derive(Default)]
pub struct Counts {
    pub connections: AtomicUsize,
    pub closed: AtomicUsize,
    pub sent: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

impl Server {
    pub async fn start(answer: impl FnMut(&Ask) -> Action + Send + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answer).await
    }

    pub async fn start_at(address: SocketAddr, answer: impl FnMut(&Ask) -> Action + Send + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::<Counts>::default();
        let answer: Arc<Mutex<Box<Answer>>> = Arc::new(Mutex::new(Box::new(answer)));
        let accepting = tokio::spawn(accept(listener, counts.clone(), answer.clone()));
        Self { address, counts, answer, accepting }
    }

    /// From now on the server answers like this.
    pub fn answer_with(&self, answer: impl FnMut(&Ask) -> Action + Send + 'static) {
        *self.answer.lock() = Box::new(answer);
    }

    pub fn client(&self) -> Client {
        self.hurried_client(AMPLE)
    }

    pub fn hurried_client(&self, limit: Duration) -> Client {
        Client::new(plain(&self.address.ip().to_string(), self.address.port()), limit)
    }

    /// What was asked since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.counts.asked.lock())
    }

    pub fn connections(&self) -> usize {
        self.counts.connections.load(SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The endpoint of a daemon over plain http.
pub fn plain(host: &str, port: u16) -> Endpoint {
    Endpoint { host: host.into(), port, tls: false }
}

pub fn window(observation: &Observation) -> &Window {
    let View::Chain(window) = &observation.view else { panic!("the daemon is busy") };
    window
}

/// Waits until the condition holds; the test runner's patience is the limit.
pub async fn until(mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(AMPLE, wait).await.expect("it never came true");
}

async fn accept(listener: TcpListener, counts: Arc<Counts>, answer: Arc<Mutex<Box<Answer>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        counts.connections.fetch_add(1, SeqCst);
        let (counts, answer) = (counts.clone(), answer.clone());
        tokio::spawn(async move {
            serve(stream, &counts, &answer).await;
            counts.closed.fetch_add(1, SeqCst);
        });
    }
}

async fn serve(mut stream: TcpStream, counts: &Counts, answer: &Mutex<Box<Answer>>) {
    let mut buffer = Vec::new();
    while let Some(ask) = read(&mut stream, &mut buffer).await {
        counts.asked.lock().push(ask.what.clone());
        let action = (answer.lock())(&ask);
        if !act(&mut stream, action, counts).await {
            return;
        }
    }
}

/// Does it, and says whether the connection stays.
async fn act(stream: &mut TcpStream, action: Action, counts: &Counts) -> bool {
    match action {
        Action::Reply(status, body) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).await.is_ok()
        }
        Action::Raw(text) => stream.write_all(text.as_bytes()).await.is_ok(),
        Action::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            // Reads what is left, so that closing does not reset the connection before the bytes have arrived.
            let _ = stream.read_to_end(&mut Vec::new()).await;
            false
        }
        Action::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.set_zero_linger();
            false
        }
        Action::Repeat(first, then, times, pause) => {
            let _ = stream.write_all(&first).await;
            for _ in 0..times {
                if stream.write_all(&then).await.is_err() {
                    break;
                }
                counts.sent.fetch_add(then.len(), SeqCst);
                tokio::time::sleep(pause).await;
            }
            false
        }
        Action::Silence => pending().await,
    }
}

/// The next request; `None` when the client has hung up.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Ask> {
    loop {
        if let Some((ask, length)) = parse(buffer) {
            buffer.drain(..length);
            return Some(ask);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(Ask, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    let body = rest.get(..length)?;
    let authorization = head.lines().find_map(|line| line.strip_prefix("Authorization: ")).map(str::to_owned);
    let ask = if body.is_empty() {
        Ask { what: head.split(' ').nth(1)?.into(), params: String::new(), authorization }
    } else {
        let call: serde_json::Value = serde_json::from_str(body).unwrap();
        Ask { what: call["method"].as_str()?.into(), params: call["params"].to_string(), authorization }
    };
    Some((ask, head.len() + 4 + length))
}
