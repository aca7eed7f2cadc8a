use super::*;

fn login(text: &str) -> Login {
    Login::new(&Password(text.into()))
}

fn answer(login: &Login, challenge: &'static str) -> Option<String> {
    let challenge = HeaderValue::from_static(challenge);
    let answer = login.answer([&challenge].into_iter(), "GET", "/dir/index.html", 1)?;
    Some(answer.to_str().unwrap_or_default().into())
}

/// The example of RFC 2617, 3.5, with the client's nonce that it has.
#[test]
fn a_digest_is_that_of_the_standards_own_example() {
    let login = login("Mufasa:Circle Of Life");
    let challenge = Challenge {
        realm: "testrealm@host.com".into(),
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093".into(),
        opaque: None,
        has_qop: false,
        is_session: false,
        used: 1,
    };
    let header = login.digest(&challenge, "GET", "/dir/index.html", 0);
    // Without a quality of protection, as in RFC 2069; its value is well known.
    assert!(header.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""), "{header}");
}

#[test]
fn a_challenge_is_met_again_without_being_asked_and_counted() {
    let login = login("me:pass:word");
    assert!(login.authorization("GET", "/", 1).is_none(), "nobody has asked");
    let first = answer(&login, r#"Digest realm="monero", nonce="abc", qop="auth", opaque="x", algorithm=MD5-sess"#)
        .unwrap_or_default();
    assert!(first.contains("nc=00000001") && first.contains("opaque=\"x\"") && first.contains("MD5-sess"), "{first}");
    let second = login.authorization("GET", "/", 2);
    assert!(second.is_some_and(|it| it.to_str().is_ok_and(|it| it.contains("nc=00000002"))));
}

#[test]
fn basic_is_said_where_it_is_asked_for() {
    assert_eq!(
        answer(&login("Aladdin:open sesame"), "Basic realm=\"x\"").as_deref(),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
}

#[test]
fn what_cannot_be_met_is_not() {
    for challenge in [
        "",
        "Digest",
        "Digest nonce=\"x\"",
        r#"Digest realm="r", nonce="n", algorithm=SHA-256"#,
        r#"Digest realm="r", nonce="n", qop="auth-int""#,
        "Negotiate",
    ] {
        assert_eq!(answer(&login("a:b"), challenge), None, "{challenge}");
    }
}
