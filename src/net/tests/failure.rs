use super::*;

#[test]
fn what_a_daemon_says_cannot_break_the_line() {
    let failure = invalid_reply("error -1: \u{1b}[2J\r\n\u{202e}evil".to_string() + &"x".repeat(1000));
    assert_eq!(failure.detail.chars().count(), MAX_DETAIL);
    assert!(failure.detail.starts_with("error -1: ?[2J???evil"), "{failure}");
}

#[test]
fn the_error_inside_an_io_error_decides() {
    let wrapped = io::Error::other(io::Error::other(rustls::Error::DecryptError));
    let found = causes(&wrapped).filter_map(|cause| of_cause(cause, true, Duration::ZERO)).last();
    assert_eq!(found.map(|failure| failure.kind), Some(FailureKind::Tls));
}
