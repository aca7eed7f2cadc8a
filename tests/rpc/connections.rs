//! A daemon's connections one by one, asked for beside the polls.

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::peers::Peer;

use crate::{
    chain::{Chain, Family, serve},
    server::{Action, Server},
};

#[tokio::test]
async fn a_monerod_lists_its_connections_in_one_request_once_it_is_recognised() {
    let (server, _) = serve(Chain::new(Family::Monerod, 100)).await;
    let mut client = server.client();
    let listed = Some(vec![Peer { id: 42, incoming: true }]);
    assert_eq!(client.peers().await, listed);
    assert_eq!(server.asked(), ["/info", "/getinfo", "get_connections"]);
    assert_eq!(client.peers().await, listed);
    assert_eq!(server.asked(), ["get_connections"]);
}

#[tokio::test]
async fn a_daemon_that_has_no_such_list_is_not_asked_for_it() {
    for family in [Family::Turtlecoin, Family::Rest] {
        let (server, _) = serve(Chain::new(family, 100)).await;
        assert_eq!(server.client().peers().await, None, "{family:?}");
        assert_eq!(server.asked(), ["/info"], "{family:?}");
    }
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_is_not_waited_for() {
    let server = Server::start(|_| Action::Silence).await;
    let mut client = server.hurried_client(Duration::from_millis(50));
    assert_eq!(client.peers().await, None);
}
