//! Encrypted connections.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};
use turtle_pool_multi_daemon::{consensus::observation::FailureKind, endpoint::Endpoint, rpc::Client};

use crate::server::AMPLE;

/// A port where a server shows a certificate that nobody has signed.
async fn self_signed() -> u16 {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"height\":4}").await;
            }
        }
    });
    port
}

fn client(port: u16) -> Client {
    Client::new(Endpoint { host: "localhost".into(), port, tls: true }, AMPLE)
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_a_tls_failure() {
    let mut client = client(self_signed().await);
    for _ in 0..2 {
        let failure = client.poll().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    }
}

/// A port where the greeting is answered with these bytes, and the connection closed.
async fn plain_speaker(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_a_tls_failure() {
    for answer in [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), b""] {
        let failure = client(plain_speaker(answer).await).poll().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    }
}
