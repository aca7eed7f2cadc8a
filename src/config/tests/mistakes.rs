//! What is wrong is reported with its place, value and remedy.

use serde_json::json;

use super::*;

#[test]
fn a_bad_value_is_named_with_its_path_and_what_is_expected() {
    let host = "a host name or an IP address, and nothing else";
    let port = "a port (1 to 65535)";
    let millis = "a number of milliseconds from 10 to 86400000";
    let delay = "a number of milliseconds from 1 to 86400000";
    let counts = "a whole number from 1 to 1000";
    let counts_or_none = "a whole number from 0 to 1000";
    let table = [
        // The pool's own part.
        ("/daemon", json!(null), "daemon: null is not an object with host and port".into()),
        ("/daemon", json!("10.0.0.1"), "daemon: a string is not an object with host and port".into()),
        ("/daemon/host", json!(7), format!("daemon.host: 7 is not {host}")),
        ("/daemon/port", json!(0), format!("daemon.port: 0 is not {port}")),
        ("/daemon/tls", json!("no"), "daemon.tls: \"no\" is not true or false".into()),
        ("/daemon/drain", json!(1), "daemon.drain: 1 is not true or false".into()),
        (
            "/coinDifficultyTarget",
            json!(0),
            "coinDifficultyTarget: 0 is not a number of seconds from 0.01 to 86400".into(),
        ),
        (
            "/coinDifficultyTarget",
            json!("30"),
            "coinDifficultyTarget: \"30\" is not a number of seconds from 0.01 to 86400".into(),
        ),
        // The block.
        ("/multiDaemon", json!([]), "multiDaemon: a list is not an object with enabled and daemons".into()),
        ("/multiDaemon/enabled", json!("true"), "multiDaemon.enabled: \"true\" is not true or false".into()),
        ("/multiDaemon/enabled", json!(1), "multiDaemon.enabled: 1 is not true or false".into()),
        (
            "/multiDaemon/daemons",
            json!([]),
            "multiDaemon.daemons: the list is empty; expected a list of at least one daemon".into(),
        ),
        (
            "/multiDaemon/daemons",
            json!({ "host": "a", "port": 1 }),
            "multiDaemon.daemons: an object is not a list of at least one daemon".into(),
        ),
        (
            "/multiDaemon/daemons",
            json!(vec![0; 1001]),
            "multiDaemon.daemons: 1001 daemons are too many; expected at most 1000".into(),
        ),
        (
            "/multiDaemon/daemons/1",
            json!("a:1"),
            "multiDaemon.daemons[1]: a string is not an object with host and port".into(),
        ),
        // Hosts; the tests of `host` have more.
        ("/multiDaemon/daemons/1/host", json!(null), format!("multiDaemon.daemons[1].host: null is not {host}")),
        (
            "/multiDaemon/daemons/1/host",
            json!(""),
            format!("multiDaemon.daemons[1].host: \"\" is empty; expected {host}"),
        ),
        (
            "/multiDaemon/daemons/1/host",
            json!("http://x"),
            format!("multiDaemon.daemons[1].host: \"http://x\" has a scheme in it; expected {host}"),
        ),
        (
            "/multiDaemon/daemons/1/host",
            json!("x:11898"),
            format!("multiDaemon.daemons[1].host: \"x:11898\" has a port in it; expected {host}"),
        ),
        (
            "/multiDaemon/daemons/1/host",
            json!("me:secret@x"),
            format!("multiDaemon.daemons[1].host: \"…@x\" has a user name in it; expected {host}"),
        ),
        (
            "/multiDaemon/daemons/1/host",
            json!("x".repeat(254)),
            format!(
                "multiDaemon.daemons[1].host: \"{}…\" is longer than 253 characters; expected {host}",
                "x".repeat(60)
            ),
        ),
        // Ports.
        ("/multiDaemon/daemons/1/port", json!(65536), format!("multiDaemon.daemons[1].port: 65536 is not {port}")),
        ("/multiDaemon/daemons/1/port", json!(-1), format!("multiDaemon.daemons[1].port: -1 is not {port}")),
        ("/multiDaemon/daemons/1/port", json!(1.5), format!("multiDaemon.daemons[1].port: 1.5 is not {port}")),
        ("/multiDaemon/daemons/1/port", json!(1e300), format!("multiDaemon.daemons[1].port: 1e+300 is not {port}")),
        ("/multiDaemon/daemons/1/port", json!("abc"), format!("multiDaemon.daemons[1].port: \"abc\" is not {port}")),
        ("/multiDaemon/daemons/1/port", json!(""), format!("multiDaemon.daemons[1].port: \"\" is not {port}")),
        ("/multiDaemon/daemons/1/port", json!("0"), format!("multiDaemon.daemons[1].port: \"0\" is not {port}")),
        ("/multiDaemon/daemons/1/port", json!("+80"), format!("multiDaemon.daemons[1].port: \"+80\" is not {port}")),
        (
            "/multiDaemon/daemons/1/port",
            json!("65536"),
            format!("multiDaemon.daemons[1].port: \"65536\" is not {port}"),
        ),
        ("/multiDaemon/daemons/1/port", json!([80]), format!("multiDaemon.daemons[1].port: a list is not {port}")),
        ("/multiDaemon/daemons/1/tls", json!("yes"), "multiDaemon.daemons[1].tls: \"yes\" is not true or false".into()),
        ("/multiDaemon/daemons/1/drain", json!(0), "multiDaemon.daemons[1].drain: 0 is not true or false".into()),
        // Times.
        ("/multiDaemon/pollingInterval", json!("NaN"), format!("multiDaemon.pollingInterval: \"NaN\" is not {millis}")),
        ("/multiDaemon/pollingInterval", json!(null), format!("multiDaemon.pollingInterval: null is not {millis}")),
        ("/multiDaemon/pollingInterval", json!(9), format!("multiDaemon.pollingInterval: 9 is not {millis}")),
        ("/multiDaemon/timeout", json!(-2000), format!("multiDaemon.timeout: -2000 is not {millis}")),
        ("/multiDaemon/timeout", json!(86_400_001), format!("multiDaemon.timeout: 86400001 is not {millis}")),
        ("/multiDaemon/timeout", json!(u64::MAX), format!("multiDaemon.timeout: 18446744073709551615 is not {millis}")),
        ("/multiDaemon/devianceGrace", json!(0), format!("multiDaemon.devianceGrace: 0 is not {delay}")),
        ("/multiDaemon/stallAfter", json!(0), format!("multiDaemon.stallAfter: 0 is not {millis}")),
        ("/multiDaemon/rpcTimeout", json!("5s"), format!("multiDaemon.rpcTimeout: \"5s\" is not {millis}")),
        ("/multiDaemon/hedgeAfter", json!(true), format!("multiDaemon.hedgeAfter: true is not {delay}, or false")),
        ("/multiDaemon/hedgeAfter", json!(0), format!("multiDaemon.hedgeAfter: 0 is not {delay}, or false")),
        (
            "/multiDaemon/failback",
            json!("never"),
            "multiDaemon.failback: \"never\" is not a number of milliseconds from 0 to 86400000, or false".into(),
        ),
        (
            "/multiDaemon/failback",
            json!(-1),
            "multiDaemon.failback: -1 is not a number of milliseconds from 0 to 86400000, or false".into(),
        ),
        // Counts.
        ("/multiDaemon/maxPollingFailures", json!(0), format!("multiDaemon.maxPollingFailures: 0 is not {counts}")),
        ("/multiDaemon/recoveryPolls", json!(1.5), format!("multiDaemon.recoveryPolls: 1.5 is not {counts}")),
        ("/multiDaemon/minHealthy", json!(0), format!("multiDaemon.minHealthy: 0 is not {counts}")),
        ("/multiDaemon/minHealthy", json!(1001), format!("multiDaemon.minHealthy: 1001 is not {counts}")),
        ("/multiDaemon/maxDeviance", json!(-1), format!("multiDaemon.maxDeviance: -1 is not {counts_or_none}")),
        (
            "/multiDaemon/minOutsidePeers",
            json!(0.5),
            format!("multiDaemon.minOutsidePeers: 0.5 is not {counts_or_none}"),
        ),
        // The others.
        (
            "/multiDaemon/fallback",
            json!("worst"),
            "multiDaemon.fallback: \"worst\" is not \"primary\" or \"best\"".into(),
        ),
        ("/multiDaemon/fallback", json!(false), "multiDaemon.fallback: false is not \"primary\" or \"best\"".into()),
        // Whoever has its URL may write to it, and a mistake can be anywhere in that.
        ("/multiDaemon/webhook", json!(5), "multiDaemon.webhook: a number is not an http or https URL".into()),
        ("/multiDaemon/webhook", json!("https://"), "multiDaemon.webhook: a string is not an http or https URL".into()),
        ("/multiDaemon/webhook", json!("secret"), "multiDaemon.webhook: a string is not an http or https URL".into()),
        (
            "/multiDaemon/webhook",
            json!("ftp://chat.example/secret"),
            "multiDaemon.webhook: a string is not an http or https URL".into(),
        ),
        (
            "/multiDaemon/webhook",
            json!("https://chat.example:secret"),
            "multiDaemon.webhook: a string is not an http or https URL".into(),
        ),
        (
            "/multiDaemon/status",
            json!("secret"),
            "multiDaemon.status: a string is not an object with port, host and password".into(),
        ),
        ("/multiDaemon/status", json!({}), format!("multiDaemon.status.port: missing; expected {port}")),
        (
            "/multiDaemon/status",
            json!({ "port": 1, "host": "a/b" }),
            format!("multiDaemon.status.host: \"a/…\" has a path in it; expected {host}"),
        ),
        (
            "/multiDaemon/status",
            json!({ "port": 1, "password": 123_456 }),
            "multiDaemon.status.password: a number is not a text of one character or more".into(),
        ),
        (
            "/multiDaemon/status",
            json!({ "port": 1, "password": "" }),
            "multiDaemon.status.password: a string is not a text of one character or more".into(),
        ),
        (
            "/multiDaemon/status",
            json!({ "port": 1, "host": "0.0.0.0" }),
            "multiDaemon.status.host: \"0.0.0.0\" can be reached from other machines; expected 127.0.0.1, or a password \
             beside it"
                .into(),
        ),
        (
            "/multiDaemon/daemons/1/ha",
            json!("secret"),
            "multiDaemon.daemons[1].ha: a string is not true, false, or an object with port and password".into(),
        ),
        ("/multiDaemon/daemons/1/ha", json!({ "port": 0 }), format!("multiDaemon.daemons[1].ha.port: 0 is not {port}")),
        (
            "/daemon",
            json!({ "host": "x", "port": 65535, "ha": true }),
            "daemon.ha: there is no port after 65535; expected an object with port".into(),
        ),
        ("/daemon/ha", json!({ "password": true }), "daemon.ha.password: a boolean is not a string".into()),
    ];
    for (path, value, expected) in table {
        let found = mistakes(&pool_with(path, Some(value)));
        assert_eq!(found, [expected], "{path}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let table = [
        ("/daemon", "daemon: missing; expected an object with host and port"),
        ("/daemon/host", "daemon.host: missing; expected a host name or an IP address, and nothing else"),
        ("/daemon/port", "daemon.port: missing; expected a port (1 to 65535)"),
        ("/multiDaemon", "multiDaemon: missing; expected an object with enabled and daemons"),
        ("/multiDaemon/enabled", "multiDaemon.enabled: missing; expected true or false"),
        ("/multiDaemon/daemons", "multiDaemon.daemons: missing; expected a list of at least one daemon"),
        ("/multiDaemon/daemons/1/port", "multiDaemon.daemons[1].port: missing; expected a port (1 to 65535)"),
        (
            "/multiDaemon/daemons/1/host",
            "multiDaemon.daemons[1].host: missing; expected a host name or an IP address, and nothing else",
        ),
    ];
    for (path, expected) in table {
        assert_eq!(mistakes(&pool_with(path, None)), [expected]);
    }
}

#[test]
fn two_equal_entries_are_a_mistake_that_names_both() {
    let again = json!({ "host": "A.example", "port": "11898", "tls": true });
    assert_eq!(
        mistakes(&pool_with("/multiDaemon/daemons/2", Some(again))),
        ["multiDaemon.daemons[2]: a.example:11898 is there already as multiDaemon.daemons[0]; \
         expected every daemon once"]
    );
}

#[test]
fn every_mistake_is_in_one_error() {
    let error = read(&json!({
        "daemon": { "host": "" },
        "coinDifficultyTarget": "soon",
        "multiDaemon": { "enabled": 1, "daemons": [{ "host": "a", "port": 0, "tsl": 1 }, 5], "timout": 1, "fallback": "a" },
    }))
    .expect_err("mistakes");
    let expected = [
        "9 mistakes in the configuration:",
        "coinDifficultyTarget: \"soon\" is not a number of seconds from 0.01 to 86400",
        "daemon.host: \"\" is empty; expected a host name or an IP address, and nothing else",
        "daemon.port: missing; expected a port (1 to 65535)",
        "multiDaemon.enabled: 1 is not true or false",
        "multiDaemon.daemons[0].port: 0 is not a port (1 to 65535)",
        "multiDaemon.daemons[0].tsl is not known; did you mean tls?",
        "multiDaemon.daemons[1]: a number is not an object with host and port",
        "multiDaemon.fallback: \"a\" is not \"primary\" or \"best\"",
        "multiDaemon.timout is not known; did you mean timeout?",
    ];
    assert_eq!(error.mistakes, expected[1..]);
    assert_eq!(error.to_string(), expected.join("\n- "));
}

#[test]
fn one_mistake_is_displayed_as_one() {
    let error = ConfigError { mistakes: vec!["a".into()] };
    assert_eq!(error.to_string(), "1 mistake in the configuration:\n- a");
}

#[test]
fn a_text_that_is_no_json_is_one_mistake() {
    let deep = "[".repeat(100_000);
    let deep_member = format!("{{\"x\":{}}}", "{\"x\":".repeat(100_000));
    let table = [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{\"a\": NaN}", "expected value at line 1 column 7"),
        (&deep, "recursion limit exceeded at line 1 column 128"),
        (&deep_member, "recursion limit exceeded at line 1 column 636"),
    ];
    for (text, expected) in table {
        let error = Config::from_json(text).expect_err("a mistake");
        assert_eq!(error.mistakes, [format!("the configuration is not readable JSON: {expected}")]);
    }
    let error = Config::from_json("[]").expect_err("a mistake");
    assert_eq!(error.mistakes, ["the configuration: a list is not an object, the pool's configuration"]);
}
