//! What a valid configuration becomes, and what it warns of.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::consensus::select::Fallback;

#[test]
fn defaults_fill_what_is_left_out() {
    let config = read(&pool()).expect("valid");
    assert_eq!(config.rules, Rules::default());
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.warnings, [""; 0]);
    let urls = ["127.0.0.1", "a.example", "b.example", "c.example"].map(|host| format!("http://{host}:11898"));
    assert_eq!(endpoints(&config), urls);
    assert!(config.daemons.iter().all(|daemon| !daemon.drained));
}

#[test]
fn the_whole_configuration_of_a_pool_is_read() {
    let config = Config::from_json(include_str!("pool.json")).expect("valid");
    let milliseconds = Duration::from_millis;
    let rules = Rules {
        polling_interval: milliseconds(4000),
        timeout: milliseconds(1500),
        max_polling_failures: 3,
        recovery_polls: 4,
        max_deviance: 5,
        deviance_grace: milliseconds(20_000),
        stall_after: milliseconds(600_000),
        min_outside_peers: 0,
        block_target: Duration::from_secs(60),
    };
    assert_eq!(config.rules, rules);
    let policy = Policy { min_healthy: 2, fallback: Fallback::Best, failback: Some(milliseconds(600_000)) };
    assert_eq!(config.policy, policy);
    let urls = [
        "http://127.0.0.1:11898",
        "https://node1.example:443",
        "http://node2.example:443",
        "https://[2001:db8::7]:11899",
        "http://10.0.0.4:11898",
    ];
    assert_eq!(endpoints(&config), urls);
    assert_eq!(
        config.daemons.iter().map(|daemon| daemon.drained).collect::<Vec<_>>(),
        [false, false, false, false, true]
    );
    let with_password = HaConfig { port: 11900, password: Some(Password("example".into())) };
    let plain = HaConfig { port: 11899, password: None };
    assert_eq!(
        config.daemons.iter().map(|daemon| daemon.ha.clone()).collect::<Vec<_>>(),
        [None, None, None, Some(with_password), Some(plain)]
    );
    let login = Some(Password("pool:example".into()));
    assert_eq!(
        config.daemons.iter().map(|daemon| daemon.login.clone()).collect::<Vec<_>>(),
        [None, None, login, None, None]
    );
    let (host, password) = (IpAddr::V4(Ipv4Addr::LOCALHOST), Some(Password("example".into())));
    assert_eq!(config.gateway, Some(GatewayConfig { host, port: 8119, password }));
    assert_eq!(config.hedge_after, None);
    assert_eq!(config.warnings, [""; 0]);
}

#[test]
fn the_status_page_may_be_where_only_this_machine_reaches_it_or_behind_a_password() {
    for host in ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"] {
        read_with("/multiDaemon/status", json!({ "port": 8118, "host": host }));
    }
    for host in ["0.0.0.0", "::", "10.0.0.1", "pool.example"] {
        read_with("/multiDaemon/status", json!({ "port": 8118, "host": host, "password": "secret" }));
    }
}

#[test]
fn one_host_with_two_ports_is_two_daemons() {
    let config = read_with("/multiDaemon/daemons/2", json!({ "host": "a.example", "port": 11899 }));
    assert_eq!(config.daemons.len(), 4);
}

#[test]
fn the_primary_in_the_list_is_counted_once_with_a_warning() {
    let config = read_with("/multiDaemon/daemons/1", json!({ "host": "127.0.0.1", "port": 11898, "drain": true }));
    assert_eq!(endpoints(&config), ["127.0.0.1", "a.example", "c.example"].map(|host| format!("http://{host}:11898")));
    assert!(!config.daemons[0].drained);
    assert_eq!(
        config.warnings,
        [
            "multiDaemon.daemons[1] is the primary, 127.0.0.1:11898, again; the addon ignores this entry",
            "multiDaemon.daemons: there are 3 daemons, the primary included; with fewer than 4, one failure ends the \
         protection",
        ]
    );
}

#[test]
fn tls_is_on_by_itself_on_port_443_alone() {
    let table = [
        (json!({ "host": "x", "port": 443 }), true),
        (json!({ "host": "x", "port": "443" }), true),
        (json!({ "host": "x", "port": 443, "tls": false }), false),
        (json!({ "host": "x", "port": 8443 }), false),
        (json!({ "host": "x", "port": 8443, "tls": true }), true),
    ];
    for (daemon, tls) in table {
        assert_eq!(read_with("/daemon", daemon.clone()).daemons[0].endpoint.tls, tls, "primary {daemon}");
        assert_eq!(read_with("/multiDaemon/daemons/0", daemon.clone()).daemons[1].endpoint.tls, tls, "{daemon}");
    }
}

#[test]
fn a_turtlecoind_ha_is_behind_the_daemons_port_unless_it_says_where() {
    let table = [
        (json!(false), None),
        (json!(true), Some(11899)),
        (json!({}), Some(11899)),
        (json!({ "port": 7000 }), Some(7000)),
        (json!({ "password": "example" }), Some(11899)),
    ];
    for (ha, port) in table {
        let config = read_with("/multiDaemon/daemons/0/ha", ha.clone());
        assert_eq!(config.daemons[1].ha.as_ref().map(|ha| ha.port), port, "{ha}");
    }
}

#[test]
fn a_password_is_not_in_what_is_logged_of_a_configuration() {
    let config = read_with("/daemon/ha", json!({ "password": "hunter2" }));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_port_may_be_a_string_of_digits_or_a_whole_float() {
    for port in [json!("11898"), json!(11898.0)] {
        assert_eq!(read_with("/daemon/port", port).daemons[0].endpoint.port, 11898);
    }
}

#[test]
fn the_limits_of_the_ranges_are_inside() {
    let day = Duration::from_secs(86_400);
    assert_eq!(read_with("/multiDaemon/pollingInterval", json!(10)).rules.polling_interval, Duration::from_millis(10));
    assert_eq!(read_with("/multiDaemon/timeout", json!(86_400_000)).rules.timeout, day);
    assert_eq!(read_with("/multiDaemon/devianceGrace", json!(1.5)).rules.deviance_grace, Duration::from_micros(1500));
    assert_eq!(read_with("/coinDifficultyTarget", json!(0.01)).rules.block_target, Duration::from_millis(10));
    assert_eq!(read_with("/multiDaemon/maxDeviance", json!(0)).rules.max_deviance, 0);
    assert_eq!(read_with("/multiDaemon/maxPollingFailures", json!(1000)).rules.max_polling_failures, 1000);
    assert_eq!(read_with("/multiDaemon/failback", json!(0)).policy.failback, Some(Duration::ZERO));
    assert_eq!(read_with("/multiDaemon/failback", json!(false)).policy.failback, None);
    assert_eq!(read_with("/multiDaemon/minHealthy", json!(1)).policy.min_healthy, 1);
}

#[test]
fn a_thousand_daemons_are_read() {
    let list: Vec<_> = (0..1000).map(|n| json!({ "host": format!("node{n}"), "port": 1 })).collect();
    assert_eq!(read_with("/multiDaemon/daemons", json!(list)).daemons.len(), 1001);
}

#[test]
fn a_feature_that_can_never_become_active_is_a_warning() {
    let config = read_with("/multiDaemon/minHealthy", json!(5));
    assert_eq!(
        config.warnings,
        ["multiDaemon.minHealthy is 5, but there are only 4 daemons: the mode is always single"]
    );
}

#[test]
fn two_daemons_by_default_can_neither_start_nor_protect() {
    let config = read_with("/multiDaemon/daemons", json!([{ "host": "a.example", "port": 1 }]));
    assert_eq!(
        config.warnings,
        [
            "multiDaemon.minHealthy is 3, but there are only 2 daemons: the mode is always single",
            "multiDaemon.daemons: there are 2 daemons, the primary included; with fewer than 4, one failure ends the \
         protection",
        ]
    );
}
