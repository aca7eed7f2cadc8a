use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::*;
use crate::{endpoint::Endpoint, gateway::shared::tests::shared_with};

/// By then another daemon has been offered it, and two that take it in at once can be damaged.
#[tokio::test]
async fn an_offer_that_cannot_leave_in_time_does_not_leave_later() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let daemon: Who = Endpoint { host: "127.0.0.1".into(), port, tls: false }.into();
    let shared = shared_with(&daemon);
    let mut busy = vec![];
    for _ in 0..4 {
        busy.push(shared.upstream(&daemon).reach(Lane::Quick).await.ok().unwrap());
    }

    tokio::time::pause();
    let began = Instant::now();
    let (said, _) = offer(&shared, &daemon, &Asking::call("submitblock", r#"["00"]"#)).await;
    assert_eq!(said, Said::Unreached("not reached within 2.5 s".into()));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
