use std::net::SocketAddr;

use tokio::net::{TcpSocket, TcpStream};

use super::*;
use crate::{endpoint::Endpoint, gateway::shared::tests::shared_with};

/// By then another daemon has been offered it, and two that take it in at once can be damaged.
#[tokio::test]
async fn an_offer_that_cannot_leave_in_time_does_not_leave_later() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = vec![];
    while let Ok(stream) = timeout(Duration::from_secs(2), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let daemon: Who = Endpoint { host: "127.0.0.1".into(), port: address.port(), tls: false }.into();
    let shared = shared_with(&daemon);

    tokio::time::pause();
    let began = Instant::now();
    let (said, _) = offer(&shared, &daemon, &Asking::call("submitblock", r#"["00"]"#)).await;
    assert_eq!(said, Said::Unreached("not reached within 2500 ms".into()));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
