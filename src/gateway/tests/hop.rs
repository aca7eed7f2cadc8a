use hyper::header::{HeaderValue, ORIGIN};

use super::*;

fn left(headers: &[(&'static str, &'static str)], these: &[HeaderName]) -> Vec<String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    strip(&mut map, these);
    map.keys().map(ToString::to_string).collect()
}

#[test]
fn what_concerns_a_connection_ends_whatever_its_value() {
    let ended = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
    for name in ended {
        assert_eq!(left(&[(name, "x"), (name, "y"), ("content-type", "z")], &[]), ["content-type"], "{name}");
    }
}

#[test]
fn what_connection_names_ends_in_any_case_and_place() {
    let headers =
        [("connection", "Close, X-One"), ("connection", " x-two,,\u{9}no token"), ("x-one", "1"), ("X-TWO", "2")];
    assert_eq!(left(&headers, &[]), [""; 0]);
    assert_eq!(left(&[("connection", "keep-alive"), ("keep-alive", "timeout=5"), ("close", "1")], &[]), ["close"]);
}

#[test]
fn so_do_those_that_are_asked_for_and_no_others() {
    assert_eq!(left(&[("origin", "o"), ("host", "h")], &[ORIGIN]), ["host"]);
    assert_eq!(left(&[], &[ORIGIN]), [""; 0]);
}
