use hyper::header::HeaderValue;

use super::*;

fn left(headers: &[(&'static str, &'static str)], this: Option<&str>) -> Vec<String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    strip(&mut map, |name| Some(name) == this);
    map.keys().map(ToString::to_string).collect()
}

#[test]
fn what_concerns_a_connection_ends_whatever_its_value() {
    let ended = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
    for name in ended {
        assert_eq!(left(&[(name, "x"), (name, "y"), ("content-type", "z")], None), ["content-type"], "{name}");
    }
}

#[test]
fn what_connection_names_ends_in_any_case_and_place() {
    let headers =
        [("connection", "Close, X-One"), ("connection", " x-two,,\u{9}no token"), ("x-one", "1"), ("X-TWO", "2")];
    assert_eq!(left(&headers, None), [""; 0]);
    assert_eq!(left(&[("connection", "keep-alive"), ("keep-alive", "timeout=5"), ("close", "1")], None), ["close"]);
}

#[test]
fn so_do_those_that_are_asked_for_and_no_others() {
    assert_eq!(left(&[("origin", "o"), ("host", "h")], Some("origin")), ["host"]);
    assert_eq!(left(&[], Some("origin")), [""; 0]);
}
