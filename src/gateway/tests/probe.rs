use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;

use super::*;
use crate::endpoint::Endpoint;

#[test]
fn a_daemon_that_is_named_again_and_again_meanwhile_is_asked_once() {
    let daemon = |host: &str| Arc::new(Endpoint { host: host.into(), port: 1, tls: false });
    let (asks, mut asked) = unbounded_channel();
    ["a", "b", "a", "c", "b", "a"].into_iter().for_each(|host| asks.send(daemon(host)).unwrap());
    let first = asked.try_recv().unwrap();
    assert_eq!(named(first, &mut asked), ["a", "b", "c"].map(daemon));
    assert!(asked.try_recv().is_err());
}
