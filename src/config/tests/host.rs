use super::*;

#[test]
fn a_host_is_stored_in_one_form() {
    let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    let hosts = [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("Node.Example.COM", "node.example.com"),
        ("node.example.", "node.example."),
        ("turtle_coind-1", "turtle_coind-1"),
        ("XN--bcher-kva.example", "xn--bcher-kva.example"),
        ("0x.0xg", "0x.0xg"),
        ("a1.2b", "a1.2b"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        (longest.as_str(), longest.as_str()),
    ];
    for (written, stored) in hosts {
        assert_eq!(parse(written).expect(written), stored);
    }
}

#[test]
fn a_text_that_is_not_just_a_host_is_told_what_is_wrong() {
    let longest_label = "a".repeat(64);
    let too_long = "a.".repeat(127);
    let faults = [
        ("", "is empty"),
        (too_long.as_str(), "is longer than 253 characters"),
        (" node.example", "has white space in it"),
        ("node example", "has white space in it"),
        ("node\u{0}", "has white space in it"),
        ("bücher.example", "has letters beyond ASCII in it"),
        ("http://node.example", "has a scheme in it"),
        ("pool@node.example", "has a user name in it"),
        ("node.example/json_rpc", "has a path in it"),
        ("node.example\\", "has a path in it"),
        ("node.example?a", "has a query in it"),
        ("node.example:11898", "has a port in it"),
        ("[::1]:11898", "has a port in it"),
        ("127.0.0.1:", "has a port in it"),
        (":11898", "is not"),
        ("::1::", "is not"),
        ("[::1", "is not"),
        ("[node.example]", "is not"),
        ("fe80::1%eth0", "is not"),
        ("11898", "is not"),
        ("127.1", "is not"),
        ("0x7f000001", "is not"),
        ("256.0.0.1", "is not"),
        ("127.0.0.0x1", "is not"),
        ("127.0.0.1.", "is not"),
        ("node.example.0x", "is not"),
        ("node-.example", "is not"),
        ("192.168.001.1", "is not"),
        ("a..b", "is not"),
        (".", "is not"),
        ("a,b", "is not"),
        ("%6eode", "is not"),
        ("xn--", "is not"),
        (longest_label.as_str(), "is not"),
    ];
    for (written, fault) in faults {
        let bad = parse(written).expect_err(written).about("X");
        assert!(bad.starts_with(&format!("X {fault}")), "{written:?}: {bad}");
        assert!(bad.ends_with(EXPECTED), "{written:?}: {bad}");
    }
}
