//! Where clients ask: one port, HTTP/1.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Weak},
    time::Duration,
};

use hyper::{
    Request, Response,
    body::Incoming,
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Interval, interval, sleep},
};

use super::{
    access::Entrance,
    aftermath::{Aftermath, Afterwards},
    answer, blocks,
    body::Reply,
    connections::{Connection, Connections, Watched},
    door::Door,
    relay,
    request::{self, Asking, Rejected},
    shared::Shared,
};
use crate::routing::call::Kind;

/// A client's connection, and what the latest request on it has left to be done.
struct Client {
    connection: Connection,
    afterwards: Afterwards,
}

/// Serves clients until the door is closed; requests that are under way then go on to their end.
pub(super) async fn serve(door: Arc<Door>, entrance: Entrance, shared: Arc<Shared>) {
    let connections = door.connections.clone();
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
                None => break,
            },
            _ = sweep.tick() => {
                connections.sweep();
                shared.sweep();
            }
        }
    }
    door.let_rest_in(|stream| take(stream, entrance, &connections, &shared));
    connections.close();
    let is_shared = Arc::downgrade(&shared);
    drop(shared);
    see_off(&connections, is_shared, sweep).await;
}

/// Goes on sweeping until the last connection has ended. What is shared ends with the last that uses it, and so do its connections to daemons.
async fn see_off(connections: &Connections, shared: Weak<Shared>, mut sweep: Interval) {
    while !connections.is_empty() {
        sweep.tick().await;
        connections.sweep();
        shared.upgrade().iter().for_each(|shared| shared.sweep());
    }
}

fn take(stream: TcpStream, entrance: Entrance, connections: &Arc<Connections>, shared: &Arc<Shared>) {
    let Some(connection) = connections.add() else { return };
    let (client, shared) = (Arc::new(Client { connection, afterwards: Afterwards::default() }), shared.clone());
    tokio::spawn(async move {
        let io = TokioIo::new(client.connection.watch(stream));
        let served = client.clone();
        let service = service_fn(move |request| {
            let (client, shared) = (served.clone(), shared.clone());
            async move { Ok::<_, Infallible>(respond(&client, entrance, &shared, request).await) }
        });
        let serving = http1::Builder::new()
            // A head and a body of some kB are copied together faster than the kernel gathers them.
            .writev(false)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(io, service);
        // In a place of its own: whatever is in a task is moved several times when that begins and ends.
        let mut serving = Box::pin(serving);
        tokio::select! {
            biased;
            () = to_its_end(serving.as_mut(), &client) => {}
            () = client.connection.ended() => {}
        }
    });
}

/// Serves one connection: until the client closes it, or to the end of the request that is under way when it has to close. One that is idle then has
/// a moment more, since a request may be on its way.
async fn to_its_end<S>(mut serving: Pin<&mut http1::Connection<TokioIo<Watched>, S>>, client: &Client)
where
    S: HttpService<Incoming, ResBody = Reply, Error = Infallible>,
{
    let closes = async {
        client.connection.closes().await;
        sleep(ON_ITS_WAY).await;
    };
    let (mut closes, mut has_to_close) = (pin!(closes), false);
    poll_fn(|cx| {
        if !has_to_close && closes.as_mut().poll(cx).is_ready() {
            has_to_close = true;
            serving.as_mut().graceful_shutdown();
        }
        // Whatever ends it, nobody is there to tell.
        let ended = serving.as_mut().poll(cx).map(drop);
        // An answer that has come has left in the same call, or the client is slow to take it.
        client.afterwards.settle();
        ended
    })
    .await;
}

async fn respond(
    client: &Client,
    entrance: Entrance,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Response<Reply> {
    let exchange = Arc::new(client.connection.exchange());
    let response = match answer(entrance, shared, request).await {
        Ok((response, aftermath)) => {
            if let Some(aftermath) = aftermath {
                client.afterwards.leave(aftermath);
            }
            response
        }
        Err(rejected) => {
            client.connection.refuse();
            answer::rejected(rejected)
        }
    };
    response.map(|body| body.during(exchange))
}

async fn answer(
    entrance: Entrance,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<(Response<Reply>, Option<Aftermath>), Rejected> {
    let settings = shared.settings();
    let has_password = settings.access.check(entrance, request.headers())?;
    if request.uri().path() == INTRODUCTION {
        return Ok((answer::introduction(), None));
    }
    let (parts, body) = request.into_parts();
    let body = request::read(body, &shared.ticks).await?;
    let call = shared.call(parts.uri.path(), &body);
    let asking = Asking::new(parts, body, &call, has_password);
    Ok(match &call.kind {
        Kind::Block(blob) => (blocks::submit(shared, asking, &call, blob).await, None),
        _ => relay::relay(shared, asking, &call).await,
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
/// On one machine a request takes less, and nobody waits longer than that for the end of a gateway.
const ON_ITS_WAY: Duration = Duration::from_millis(200);
const SWEEP_EVERY: Duration = Duration::from_secs(2);
const BREATH: Duration = Duration::from_millis(100);
