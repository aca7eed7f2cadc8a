//! Machines with a proxy in the environment, and machines without a certificate store.
//!
//! The environment belongs to the whole process, so these polls run in a child of their own.

use std::process::Command;

use turtle_pool_multi_daemon::{consensus::observation::FailureKind, endpoint::Endpoint, rpc::Client};

use crate::{
    chain::{Chain, Family, serve},
    server::AMPLE,
};

fn run_with(test: &str, environment: &[(&str, &str)]) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--ignored"]).envs(environment.iter().copied());
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let nobody = "http://127.0.0.1:1";
    let variables = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    run_with("surroundings::a_plain_poll_succeeds", &variables.map(|name| (name, nobody)));
}

#[test]
fn plain_http_needs_no_certificate_store() {
    let nowhere = [("SSL_CERT_FILE", "/nonexistent/file"), ("SSL_CERT_DIR", "/nonexistent/directory")];
    run_with("surroundings::a_plain_poll_succeeds", &nowhere);
    if cfg!(target_os = "linux") {
        run_with("surroundings::an_https_poll_fails_for_want_of_a_store", &nowhere);
    }
}

#[tokio::test]
#[ignore = "runs in a child process, with another environment"]
async fn a_plain_poll_succeeds() {
    let (server, _) = serve(Chain::new(Family::Turtlecoin, 9)).await;
    server.client().poll().await.unwrap();
}

#[tokio::test]
#[ignore = "runs in a child process, with another environment"]
async fn an_https_poll_fails_for_want_of_a_store() {
    let endpoint = Endpoint { host: "localhost".into(), port: 1, tls: true };
    let failure = Client::new(endpoint, AMPLE).poll().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls);
    assert!(failure.detail.starts_with("certificates cannot be checked: "), "{failure}");
}
