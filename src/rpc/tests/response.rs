use super::*;

const MAX_BODY: usize = 100;

fn read(bytes: &[u8]) -> Result<Option<Whole>, Malformed> {
    let mut response = Response::new(MAX_BODY);
    response.room().extend_from_slice(bytes);
    response.advance()
}

fn whole(text: &str) -> Whole {
    read(text.as_bytes()).unwrap().unwrap()
}

fn ok(body: &str, reusable: bool) -> Whole {
    Whole { reply: Reply { status: 200, body: body.into() }, reusable, asides: Asides::default() }
}

#[test]
fn the_end_of_a_body_is_known_in_three_ways() {
    assert_eq!(whole("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), ok("{}", true));
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1;a=b\r\n{\r\n0a\r\n\"abcdefg\"}\r\n0\r\nX: y\r\n\r\n";
    assert_eq!(whole(chunks), ok("{\"abcdefg\"}", true));
    let mut response = Response::new(MAX_BODY);
    response.room().extend_from_slice(b"HTTP/1.0 200 OK\r\n\r\n{}");
    assert_eq!(response.advance(), Ok(None));
    assert_eq!(response.end(), Some(ok("{}", false)));
}

#[test]
fn a_reply_that_comes_byte_by_byte_is_the_same() {
    let heads = ["Content-Length: 3\r\n\r\n{ }", "Transfer-Encoding: chunked\r\n\r\n3\r\n{ }\r\n0\r\n\r\n"];
    for text in heads.map(|rest| format!("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n{rest}")) {
        let mut response = Response::new(MAX_BODY);
        let (last, first) = text.as_bytes().split_last().unwrap();
        for byte in first {
            response.room().push(*byte);
            assert_eq!(response.advance(), Ok(None), "{text}");
        }
        response.room().push(*last);
        assert_eq!(response.advance(), Ok(Some(ok("{ }", true))), "{text}");
    }
}

#[test]
fn what_a_daemon_says_of_the_connection_is_believed() {
    let rows = [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: x, Close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
    ];
    for (version, header, reusable) in rows {
        let text = format!("HTTP/{version} 200 OK\r\n{header}Content-Length: 2\r\n\r\n{{}}");
        assert_eq!(whole(&text), ok("{}", reusable), "{version} {header}");
    }
}

#[test]
fn a_connection_with_something_left_on_it_is_not_used_again() {
    let left = ["Content-Length: 2\r\n\r\n{}HTTP/1.1 200", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nH"];
    for rest in left {
        assert_eq!(whole(&format!("HTTP/1.1 200 OK\r\n{rest}")), ok("{}", false), "{rest}");
    }
    let unread = whole("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n<html>");
    assert_eq!(
        unread,
        Whole { reply: Reply { status: 404, body: String::new() }, reusable: false, asides: Asides::default() }
    );
}

#[test]
fn some_replies_have_no_body_whatever_they_say() {
    for status in [101, 204, 304] {
        let text = format!("HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n");
        assert_eq!(
            whole(&text),
            Whole { reply: Reply { status, body: String::new() }, reusable: true, asides: Asides::default() }
        );
    }
}

#[test]
fn a_status_has_three_digits_and_no_leading_zero() {
    for status in ["20", "020", "2000", "2x0"] {
        let text = format!("HTTP/1.1 {status} OK\r\n\r\n");
        assert_eq!(read(text.as_bytes()), Err(Malformed::Head(httparse::Error::Status)), "{status}");
    }
}

#[test]
fn lengths_that_could_be_read_in_two_ways_are_refused() {
    for length in ["-1", "+2", "2, 2", "0x2", "2 2", "", "99999999999999999999", "2\r\nContent-Length: 3"] {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{{}}");
        assert_eq!(read(text.as_bytes()), Err(Malformed::Length), "{length}");
    }
    assert_eq!(whole("HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\n{}"), ok("{}", true));
}

#[test]
fn bodies_are_refused_as_soon_as_they_are_too_long() {
    let (limit, beyond) = (" ".repeat(MAX_BODY), " ".repeat(MAX_BODY + 1));
    for (rest, is_read) in [
        ("Content-Length: 100\r\n\r\n".to_string() + &limit, true),
        ("Content-Length: 101\r\n\r\n".into(), false),
        (format!("Transfer-Encoding: chunked\r\n\r\n32\r\n{0}\r\n32\r\n{0}\r\n0\r\n\r\n", " ".repeat(50)), true),
        (format!("Transfer-Encoding: chunked\r\n\r\n32\r\n{0}\r\n33\r\n", " ".repeat(50)), false),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n".into(), false),
        ("\r\n".to_string() + &beyond, false),
    ] {
        let read = read(format!("HTTP/1.1 200 OK\r\n{rest}").as_bytes());
        let expected = if is_read { Ok(Some(ok(&limit, true))) } else { Err(Malformed::LongBody(MAX_BODY)) };
        assert_eq!(read, expected, "{rest:.60}");
    }
}

#[test]
fn what_never_ends_is_refused() {
    let lines = "X: of no use\r\n".repeat(MAX_HEADERS);
    let long = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD));
    let size = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}", "x".repeat(MAX_SIZE_LINE));
    let trailer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {}", "x".repeat(MAX_HEAD));
    let many = format!("HTTP/1.1 200 OK\r\n{lines}Y: z\r\n");
    let refused = [long, many, size, trailer].map(|text| read(text.as_bytes()));
    let too_many = Malformed::Head(httparse::Error::TooManyHeaders);
    assert_eq!(refused, [Malformed::LongHead, too_many, Malformed::Chunk, Malformed::LongHead].map(Err));
}
