//! From an endpoint to a connection that requests can be sent over.

use std::{error::Error, io, net::SocketAddr, time::Duration};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::{failure, resolver::Resolver, tls};
use crate::{consensus::observation::Failure, endpoint::Endpoint};

/// What bytes go over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to one daemon, again and again.
pub(crate) struct Connector {
    uri: Uri,
    addresses: HttpConnector<Resolver>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    limit: Duration,
}

impl Connector {
    /// A connector; an error where a machine cannot check certificates, and has to.
    pub(crate) fn new(endpoint: &Endpoint, resolver: Resolver, limit: Duration) -> Result<Self, Failure> {
        let uri = endpoint.base_url().parse().map_err(|_| failure::no_host())?;
        let tls = if endpoint.tls { Some(encryption(endpoint)?) } else { None };
        let mut addresses = HttpConnector::new_with_resolver(resolver);
        addresses.enforce_http(false);
        addresses.set_nodelay(true);
        // With this limit the time is divided among a name's addresses, so that a dead one does not hide a live one.
        addresses.set_connect_timeout(Some(limit));
        // A daemon whose machine has lost its power ends nothing: whoever waits for it would wait for ever.
        addresses.set_keepalive(Some(KEEPALIVE_AFTER));
        addresses.set_keepalive_interval(Some(KEEPALIVE_EVERY));
        addresses.set_keepalive_retries(Some(KEEPALIVE_TRIES));
        Ok(Self { uri, addresses, tls, limit })
    }

    /// The bytes of a new connection, whatever is said over it, and whose it is. The caller sets the deadline.
    pub(crate) async fn open(&self) -> Result<(Box<dyn Stream>, SocketAddr), Failure> {
        self.open_at(self.uri.clone()).await
    }

    /// The same to one of the addresses that the daemon's name has, or had.
    pub(crate) async fn open_to(&self, peer: SocketAddr) -> Result<(Box<dyn Stream>, SocketAddr), Failure> {
        self.open_at(format!("http://{peer}").parse().map_err(|_| failure::no_host())?).await
    }

    async fn open_at(&self, uri: Uri) -> Result<(Box<dyn Stream>, SocketAddr), Failure> {
        let limit = self.limit;
        let lost = |error: &(dyn Error + 'static)| failure::of_connecting(error, limit);
        let mut addresses = self.addresses.clone();
        let stream = addresses.call(uri).await.map_err(|error| lost(&error))?.into_inner();
        let peer = stream.peer_addr().map_err(|error| lost(&error))?;
        Ok((self.encrypted(stream).await.map_err(|error| lost(&error))?, canonical(peer)))
    }

    async fn encrypted(&self, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some((tls, name)) => Ok(Box::new(tls.connect(name.clone(), stream).await?)),
        }
    }
}

fn encryption(endpoint: &Endpoint) -> Result<(TlsConnector, ServerName<'static>), Failure> {
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| failure::no_host())?;
    Ok((tls::connector().map_err(|error| failure::no_tls(&error))?, name))
}

const KEEPALIVE_AFTER: Duration = Duration::from_secs(10);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
const KEEPALIVE_TRIES: u32 = 3;

/// One address has one spelling: an IPv4 address is not told as an IPv6 one.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
