//! Where clients ask: one port, HTTP/1.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{interval, sleep},
};

use super::{
    access::Entrance,
    answer, blocks,
    body::Reply,
    connections::{Connection, Connections},
    door::Door,
    relay,
    request::{self, Asking, Rejected},
    shared::Shared,
};
use crate::routing::call::Kind;

/// Serves clients until the door is closed; what is under way then goes on to its end.
pub(super) async fn serve(door: Arc<Door>, entrance: Entrance, shared: Arc<Shared>) {
    let connections = Arc::new(Connections::default());
    let mut sweep = interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            client = door.next() => match client {
                Some(Ok(stream)) => take(stream, entrance, &connections, &shared),
                // Without descriptors nobody is let in until some are free again.
                Some(Err(_)) => {
                    connections.end_idle();
                    sleep(BREATH).await;
                }
                None => return connections.end_idle(),
            },
            _ = sweep.tick() => {
                connections.sweep();
                shared.sweep();
            }
        }
    }
}

fn take(stream: TcpStream, entrance: Entrance, connections: &Arc<Connections>, shared: &Arc<Shared>) {
    let Some(connection) = connections.add() else { return };
    let (connection, shared) = (Arc::new(connection), shared.clone());
    tokio::spawn(async move {
        let io = TokioIo::new(connection.watch(stream));
        let served = connection.clone();
        let service = service_fn(move |request| {
            let (connection, shared) = (served.clone(), shared.clone());
            async move { Ok::<_, Infallible>(respond(&connection, entrance, &shared, request).await) }
        });
        // A head and a body of some kB are copied together faster than the kernel gathers them.
        let serving = http1::Builder::new().writev(false).max_buf_size(LONGEST_HEAD).serve_connection(io, service);
        tokio::select! {
            // Whatever ends it, nobody is there to tell.
            _ = serving => {}
            () = connection.ended() => {}
        }
    });
}

async fn respond(
    connection: &Connection,
    entrance: Entrance,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Response<Reply> {
    let exchange = Arc::new(connection.exchange());
    let response = match answer(entrance, shared, request).await {
        Ok(response) => response,
        Err(rejected) => {
            connection.refuse();
            answer::rejected(rejected)
        }
    };
    response.map(|body| body.during(exchange))
}

async fn answer(
    entrance: Entrance,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Rejected> {
    let settings = shared.settings();
    let has_password = settings.access.check(entrance, request.headers())?;
    if request.uri().path() == INTRODUCTION {
        return Ok(answer::introduction());
    }
    let (parts, body) = request.into_parts();
    let is_old = request::is_old(&parts.headers);
    let body = request::read(body, &shared.ticks).await?;
    let call = shared.call(parts.uri.path(), &body);
    let asking = Asking::new(parts, body, &call, has_password);
    Ok(match &call.kind {
        Kind::Block(blob) => blocks::submit(shared, asking, &call, blob).await,
        _ => relay::relay(shared, asking, &call, is_old).await,
    })
}

/// A listener at an address, also at a port that an earlier process is just closing.
///
/// # Errors
///
/// Where the address is not this machine's, or somebody listens there.
///
/// # Panics
///
/// Outside of a runtime.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // Its connections take that over.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// No daemon answers anything there.
const INTRODUCTION: &str = "/.well-known/turtle-pool-multi-daemon";
/// As much as a head may have; a longer one is answered with status 431.
const LONGEST_HEAD: usize = 64 * 1024;
/// Clients that wait to be let in; the system may have a lower limit of its own.
const BACKLOG: u32 = 4096;
const SWEEP_EVERY: Duration = Duration::from_secs(2);
const BREATH: Duration = Duration::from_millis(100);
