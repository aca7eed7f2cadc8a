use hyper::{
    Request,
    header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderValue},
};

use super::*;

fn asking(headers: &[(&'static str, &'static str)], body: &'static str, has_password: bool) -> Asking {
    let mut request = Request::post("/json_rpc?a=b").body(()).unwrap_or_default();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    let call = Call::of("/json_rpc", body.as_bytes());
    Asking::new(request.into_parts().0, body.into(), &call, has_password)
}

#[test]
fn what_concerns_the_connection_is_not_passed_on() {
    let headers = [
        ("connection", "close, x-mine"),
        ("x-mine", "1"),
        ("transfer-encoding", "chunked"),
        ("host", "h"),
        ("x-other", "2"),
    ];
    let asking = asking(&headers, "{}", false);
    let mut names: Vec<_> = asking.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["content-length", "host", "x-other"]);
    assert_eq!((asking.path(), &asking.headers[CONTENT_LENGTH]), ("/json_rpc?a=b", &HeaderValue::from_static("2")));
}

#[test]
fn how_long_the_body_is_is_told_as_it_came_whatever_the_client_says() {
    let lengths = |asking: &Asking| -> Vec<_> { asking.headers.get_all(CONTENT_LENGTH).iter().cloned().collect() };
    let said = [("content-length", "7"), ("transfer-encoding", "chunked"), ("content-length", "8")];
    assert_eq!(lengths(&asking(&said, "{}", false)), [HeaderValue::from_static("2")]);
    let mut request = Request::get("/info").body(()).unwrap_or_default();
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
    let call = Call::of("/info", b"");
    assert_eq!(lengths(&Asking::new(request.into_parts().0, Bytes::new(), &call, false)), [] as [HeaderValue; 0]);
}

#[test]
fn the_gateways_password_is_not_passed_on_and_a_daemons_is() {
    let headers = [("authorization", "Basic x")];
    assert!(!asking(&headers, "{}", true).headers.contains_key(AUTHORIZATION));
    assert!(asking(&headers, "{}", false).headers.contains_key(AUTHORIZATION));
}

#[test]
fn what_is_looked_at_may_not_be_compressed() {
    let headers = [("accept-encoding", "gzip")];
    assert!(!asking(&headers, r#"{"method":"getblocktemplate"}"#, false).headers.contains_key(ACCEPT_ENCODING));
    assert!(asking(&headers, r#"{"method":"something"}"#, false).headers.contains_key(ACCEPT_ENCODING));
}
