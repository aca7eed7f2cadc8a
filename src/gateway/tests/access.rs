use hyper::header::HeaderValue;

use super::*;

fn access(password: Option<&str>) -> Access {
    Access { is_local: password.is_none(), password: password.map(|it| Password(it.into())) }
}

fn with(name: hyper::header::HeaderName, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
}

fn status(verdict: Result<bool, Rejected>) -> u16 {
    verdict.map_or_else(|rejected| rejected.status.as_u16(), |_| 200)
}

#[test]
fn a_page_in_a_browser_is_not_let_in_whatever_it_knows() {
    let mut headers = with(AUTHORIZATION, "Bearer sesame");
    headers.insert(ORIGIN, HeaderValue::from_static("http://127.0.0.1:8118"));
    assert_eq!(status(access(Some("sesame")).check(Entrance::Public, &headers)), 403);
}

#[test]
fn this_machine_is_called_by_its_own_names_only() {
    for (host, expected) in
        [("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("a.b", 403), ("8.8.8.8", 403), ("[::2]", 403)]
    {
        assert_eq!(status(access(None).check(Entrance::Private, &with(HOST, host))), expected, "{host}");
    }
}

#[test]
fn the_password_is_that_of_basic_for_any_user_or_a_bearer_token() {
    // ":sesame", "anybody:sesame", "sesame:", "sesame"
    for (shown, expected) in [
        ("Basic OnNlc2FtZQ==", 200),
        ("basic YW55Ym9keTpzZXNhbWU=", 200),
        ("Basic c2VzYW1lOg==", 401),
        ("Basic c2VzYW1l", 401),
        ("Basic %%%", 401),
        ("Bearer sesame", 200),
        ("Bearer sesam", 401),
        ("Digest sesame", 401),
        ("sesame", 401),
    ] {
        assert_eq!(
            status(access(Some("sesame")).check(Entrance::Public, &with(AUTHORIZATION, shown))),
            expected,
            "{shown}"
        );
    }
    assert_eq!(status(access(Some("sesame")).check(Entrance::Private, &HeaderMap::new())), 200, "the pool's own");
}
