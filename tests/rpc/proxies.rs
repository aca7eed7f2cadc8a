//! What stands before a daemon: proxies that let only some paths through, count requests, compress, or want a login.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::observation::{Failure, FailureKind, Observation},
    rpc::Client,
};

use crate::{
    chain::{Chain, Family},
    server::{AMPLE, Action, Ask, Server, window},
};

#[tokio::test]
async fn a_path_that_a_proxy_refuses_leads_to_the_next_as_one_that_is_not_there() {
    for status in [400, 403, 405, 501] {
        let chain = Chain::new(Family::Monerod, 100);
        let server = Server::start(move |ask| match ask.what.as_str() {
            "/info" | "/getinfo" => Action::Reply(status, "<html>no".into()),
            _ => chain.answer(ask),
        })
        .await;
        let mut client = server.client();
        for _ in 0..2 {
            assert_eq!(window(&client.poll().await.unwrap()).height.get(), 100, "{status}");
        }
        let server = Server::start(move |_| Action::Reply(status, String::new())).await;
        let failure = server.client().poll().await.unwrap_err();
        assert_eq!((failure.kind, failure.detail), (FailureKind::HttpStatus, format!("HTTP status {status}")));
    }
}

const PAGE: &str = "\u{feff}\n<!DOCTYPE html><html>Welcome</html>";

#[tokio::test]
async fn a_proxy_that_answers_unknown_paths_with_a_page_hides_no_daemon_behind_json_rpc() {
    let chain = Chain::new(Family::Monerod, 100);
    let server = Server::start(move |ask| match ask.what.as_str() {
        path if path.starts_with('/') => Action::Reply(200, PAGE.into()),
        _ => chain.answer(ask),
    })
    .await;
    let mut client = server.client();
    for _ in 0..2 {
        assert_eq!(window(&client.poll().await.unwrap()).height.get(), 100);
    }
    // What was recognised fails with a page as with anything else.
    server.answer_with(|_| Action::Reply(200, PAGE.into()));
    let failure = client.poll().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidReply);
    assert!(failure.detail.contains("a web page instead of JSON"), "{failure}");
}

#[tokio::test]
async fn where_pages_are_all_that_answers_the_reason_says_so() {
    for rest in [200, 404, 405] {
        let server = Server::start(move |ask| match ask.what.as_str() {
            path if path.starts_with('/') => Action::Reply(200, PAGE.into()),
            _ => Action::Reply(rest, PAGE.into()),
        })
        .await;
        let failure = server.client().poll().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidReply);
        assert!(failure.detail.starts_with("a web page answered instead of the daemon"), "{rest}: {failure}");
    }
}

/// A daemon behind a limit, and how often that was met.
struct Limited {
    server: Server,
    met: Arc<Mutex<Vec<String>>>,
}

/// Lets a request through when so much time has passed since the last one, and answers the others with these lines.
async fn limited(chain: Chain, pause: Duration, refusal: &'static str) -> Limited {
    let met = Arc::<Mutex<Vec<String>>>::default();
    let (refused, mut last) = (met.clone(), None::<Instant>);
    let server = Server::start(move |ask| {
        let now = Instant::now();
        if last.is_some_and(|last| now.duration_since(last) < pause) {
            refused.lock().push(ask.what.clone());
            return Action::Raw(format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n"));
        }
        last = Some(now);
        chain.answer(ask)
    })
    .await;
    Limited { server, met }
}

/// Polls until the daemon has shown its chain; gives that, and the failures on the way.
async fn patiently(client: &mut Client) -> (Observation, Vec<Failure>) {
    let mut failures = vec![];
    loop {
        match client.poll().await {
            Ok(seen) => return (seen, failures),
            Err(failure) => failures.push(failure),
        }
        assert!(failures.len() < 100, "{failures:?}");
    }
}

/// A limit is met a few times, and then kept to by polls of one request.
async fn is_kept_to(refusal: &'static str) {
    let limited = limited(Chain::new(Family::Monerod, 100), Duration::from_millis(260), refusal).await;
    let mut client = limited.server.hurried_client(Duration::from_secs(2));
    let (seen, failures) = patiently(&mut client).await;
    assert_eq!(window(&seen).height.get(), 100);
    for failure in failures {
        assert_eq!(failure.kind, FailureKind::HttpStatus, "{failure}");
        assert!(failure.detail.contains("it limits how often it may be asked; polls are slower"), "{failure}");
    }
    let met = limited.met.lock().len();
    assert!((1..=3).contains(&met), "met {met} times");
    limited.server.asked();
    for _ in 0..2 {
        client.poll().await.unwrap();
    }
    assert_eq!(limited.server.asked(), ["getlastblockheader"; 2]);
    assert_eq!(limited.met.lock().len(), met);
}

#[tokio::test]
async fn a_limit_is_kept_to_once_it_was_met() {
    is_kept_to("429 Too Many Requests").await;
}

#[tokio::test]
async fn a_limit_that_tells_how_long_to_wait_is_kept_to() {
    is_kept_to("503 Busy\r\nRetry-After: 1").await;
}

#[tokio::test]
async fn a_limit_that_says_nothing_but_503_is_kept_to() {
    is_kept_to("503 Service Temporarily Unavailable").await;
}

#[tokio::test]
async fn a_try_goes_on_where_the_one_before_had_to_end() {
    // No try can make more than one or two requests.
    let limited =
        limited(Chain::new(Family::Monerod, 100), Duration::from_millis(600), "429 Slow\r\nRetry-After: 1").await;
    let mut client = limited.server.hurried_client(Duration::from_millis(100));
    let (seen, failures) = patiently(&mut client).await;
    assert_eq!(window(&seen).blocks.len(), 4, "the smallest window is enough");
    assert!(!failures.is_empty());
    let (mut asked, met) = (limited.server.asked(), limited.met.lock().clone());
    for refused in met {
        let at = asked.iter().position(|what| *what == refused).unwrap();
        asked.remove(at);
    }
    asked.sort();
    let by_hash = "getblockheaderbyhash";
    assert_eq!(asked, ["/getinfo", "/info", by_hash, by_hash, "getblockheaderbyheight", "getlastblockheader"]);
}

#[tokio::test]
async fn a_limit_is_held_against_nobody_whose_view_is_young() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| chain.answer(ask)).await;
    let watched = configured(server.address.port(), None);
    let (mut young, mut old) =
        (Client::of(&watched, AMPLE).with_freshness(Duration::from_secs(3600)), Client::of(&watched, AMPLE));
    for client in [&mut young, &mut old] {
        client.poll().await.unwrap();
    }
    // A rest that no poll waits for, which is found by one client and kept to by both.
    server.asked();
    server.answer_with(|_| Action::Raw("HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n".into()));
    for client in [&mut young, &mut old] {
        assert_eq!(client.poll().await.unwrap_err().kind, FailureKind::HttpStatus);
    }
    assert_eq!((server.asked().len(), young.is_spared(), old.is_spared()), (1, true, false));
    // One that has never shown anything has nothing to be judged by.
    let mut new = Client::of(&watched, AMPLE).with_freshness(Duration::from_secs(3600));
    new.poll().await.unwrap_err();
    assert!(!new.is_spared());
}

#[tokio::test]
async fn a_proxy_without_a_daemon_is_found_at_once_and_the_daemon_when_it_is_back() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    let server = Server::start(move |ask| chain.answer(ask)).await;
    let mut client = server.client();
    client.poll().await.unwrap();
    server.answer_with(|_| Action::Reply(503, "no server".into()));
    let before = Instant::now();
    let failure = client.poll().await.unwrap_err();
    assert!(before.elapsed() < AMPLE / 2);
    assert!(failure.detail.starts_with("HTTP status 503: its proxy finds no daemon, or it limits"), "{failure}");
    server.answer_with(move |ask| chain.answer(ask));
    assert_eq!(window(&client.poll().await.unwrap()).height.get(), 100);
}

#[tokio::test]
async fn what_is_compressed_though_nobody_asked_for_that_is_refused_in_clear_words() {
    let chain = Chain::new(Family::Turtlecoin, 100);
    for (coding, is_read) in [("gzip", false), ("br, gzip", false), ("identity", true), ("", true)] {
        let server = Server::start(move |ask| match chain.answer(ask) {
            Action::Reply(status, body) => {
                let length = body.len();
                Action::Raw(format!(
                    "HTTP/1.1 {status} OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n{body}"
                ))
            }
            other => other,
        })
        .await;
        let seen = server.client().poll().await;
        assert_eq!(seen.is_ok(), is_read, "{coding}");
        if let Err(failure) = seen {
            assert_eq!(failure.kind, FailureKind::InvalidReply);
            assert!(failure.detail.contains("content-encoding: gzip"), "{failure}");
        }
    }
}

/// A daemon of the configuration, at this port, with this login.
fn configured(port: u16, login: Option<&str>) -> DaemonConfig {
    let login = login.map_or(String::new(), |login| format!(r#", "login": "{login}""#));
    let json = format!(
        r#"{{ "daemon": {{ "host": "127.0.0.1", "port": {port}{login} }},
              "multiDaemon": {{ "enabled": true, "daemons": [{{ "host": "127.0.0.2", "port": 1 }}] }} }}"#
    );
    Config::from_json(&json).unwrap().daemons.remove(0)
}

fn wants(challenge: &str) -> Action {
    Action::Raw(format!("HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 6\r\n\r\n<html>"))
}

#[tokio::test]
async fn the_login_of_the_configuration_serves_polls() {
    let chain = Chain::new(Family::Monerod, 100);
    let basic = move |ask: &Ask| match ask.authorization.as_deref() {
        // me:secret
        Some("Basic bWU6c2VjcmV0") => chain.answer(ask),
        _ => wants("Basic realm=\"proxy\""),
    };
    let digest = move |ask: &Ask| match ask.authorization.as_deref() {
        Some(said) if said.starts_with("Digest username=\"me\", realm=\"monero-rpc\", nonce=\"abc\"") => {
            chain.answer(ask)
        }
        _ => wants("Digest qop=\"auth\",algorithm=MD5,realm=\"monero-rpc\",nonce=\"abc\",stale=false"),
    };
    for server in [Server::start(basic).await, Server::start(digest).await] {
        let port = server.address.port();
        let mut client = Client::of(&configured(port, Some("me:secret")), AMPLE);
        for _ in 0..3 {
            assert_eq!(window(&client.poll().await.unwrap()).height.get(), 100);
        }
        assert_eq!(server.connections(), 1, "the challenge may be for this connection alone");
        let refused = Client::of(&configured(port, None), AMPLE).poll().await.unwrap_err();
        let says = "HTTP status 401: it wants a login: set `login` to user:password";
        assert_eq!((refused.kind, refused.detail.as_str()), (FailureKind::HttpStatus, says));
    }
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_as_such() {
    for challenge in ["Basic realm=\"proxy\"", "Digest qop=\"auth\",realm=\"monero-rpc\",nonce=\"abc\"", "Negotiate"] {
        let server = Server::start(move |_| wants(challenge)).await;
        let mut client = Client::of(&configured(server.address.port(), Some("me:wrong")), AMPLE);
        let failure = client.poll().await.unwrap_err();
        assert_eq!(failure.detail, "HTTP status 401: the `login` was refused", "{challenge}");
        assert!(server.asked().len() <= 2, "{challenge}: nobody is locked out for asking again and again");
    }
}
