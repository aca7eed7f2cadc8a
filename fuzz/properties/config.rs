//! What holds for any text that comes in place of a pool's configuration.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig, GatewayConfig, HaConfig, Password},
    consensus::{moment::Moment, select::Fallback},
    core::Core,
};

/// Either it names mistakes, or all of it can be worked with.
pub fn hold_for(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Config::from_json(text) {
        Err(error) => check_mistakes(&error.mistakes),
        Ok(config) => check_config(&config),
    }
}

fn check_mistakes(mistakes: &[String]) {
    assert!(!mistakes.is_empty());
    mistakes.iter().for_each(|mistake| check_text(mistake));
}

/// One line that can be shown, no longer than its parts may be: a path of three names, two of which are ours, and a value.
fn check_text(text: &str) {
    assert!(!text.is_empty() && text.chars().count() < 1200, "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

fn check_config(config: &Config) {
    config.warnings.iter().for_each(|warning| check_text(warning));
    assert!(!config.daemons.is_empty());
    config.daemons.iter().for_each(check_daemon);
    let places: HashSet<_> =
        config.daemons.iter().map(|daemon| (&daemon.endpoint.host, daemon.endpoint.port)).collect();
    assert_eq!(places.len(), config.daemons.len(), "a daemon is there twice");
    check_rules(config);
    let again = Config::from_json(&written(config)).unwrap_or_else(|error| panic!("written again: {error}"));
    let without_warnings = |config: Config| Config { warnings: vec![], ..config };
    assert_eq!(without_warnings(again), without_warnings(config.clone()));
}

fn check_daemon(daemon: &DaemonConfig) {
    let endpoint = &daemon.endpoint;
    assert!(endpoint.port > 0 && (1..=253).contains(&endpoint.host.len()), "{endpoint}");
    assert!(endpoint.host.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()), "{endpoint}");
    assert!(!endpoint.host.contains(['/', '@', '?', '#', '%', '[', ']']), "{endpoint}");
}

/// No time is zero or over a day, and whoever judges by them has an answer at once.
fn check_rules(config: &Config) {
    let rules = &config.rules;
    for time in [rules.polling_interval, rules.timeout, rules.deviance_grace, rules.stall_after, rules.block_target] {
        assert!(!time.is_zero() && time <= Duration::from_secs(864_000), "{time:?}");
    }
    assert!(rules.max_polling_failures > 0 && rules.recovery_polls > 0 && config.policy.min_healthy > 0);
    let now = Moment { elapsed: Duration::ZERO, unix: Duration::from_secs(1_700_000_000) };
    let status = Core::new(config, now).snapshot();
    assert_eq!(*status.current, config.daemons[0].endpoint);
    assert_eq!(status.daemons.len(), config.daemons.len());
}

/// The configuration as an operator could have written it.
fn written(config: &Config) -> String {
    let ha = |ha: &HaConfig| match &ha.password {
        Some(Password(password)) => json!({ "port": ha.port, "password": password }),
        None => json!({ "port": ha.port }),
    };
    let daemon = |daemon: &DaemonConfig| {
        let endpoint = &daemon.endpoint;
        let ha = daemon.ha.as_ref().map_or(json!(false), ha);
        let entry = json!({ "host": endpoint.host, "port": endpoint.port, "tls": endpoint.tls, "drain": daemon.drained, "ha": ha });
        with_secret(entry, "login", daemon.login.as_ref())
    };
    let gateway = |gateway: &GatewayConfig| {
        with_secret(json!({ "host": gateway.host, "port": gateway.port }), "password", gateway.password.as_ref())
    };
    let (rules, policy) = (&config.rules, &config.policy);
    // The list must not be empty; the primary once more is ignored.
    let others = if config.daemons.len() > 1 { &config.daemons[1..] } else { &config.daemons[..] };
    json!({
        "coinDifficultyTarget": rules.block_target.as_secs_f64(),
        "daemon": daemon(&config.daemons[0]),
        "multiDaemon": {
            "enabled": true,
            "daemons": others.iter().map(daemon).collect::<Vec<Value>>(),
            "pollingInterval": milliseconds(rules.polling_interval),
            "timeout": milliseconds(rules.timeout),
            "maxPollingFailures": rules.max_polling_failures,
            "recoveryPolls": rules.recovery_polls,
            "minHealthy": policy.min_healthy,
            "maxDeviance": rules.max_deviance,
            "devianceGrace": milliseconds(rules.deviance_grace),
            "stallAfter": milliseconds(rules.stall_after),
            "minOutsidePeers": rules.min_outside_peers,
            "fallback": match policy.fallback { Fallback::Primary => "primary", Fallback::Best => "best" },
            "failback": policy.failback.map_or(json!(false), |time| json!(milliseconds(time))),
            "hedgeAfter": config.hedge_after.map_or(json!(false), |time| json!(milliseconds(time))),
            "gateway": config.gateway.as_ref().map_or(json!(false), gateway),
        },
    })
    .to_string()
}

fn with_secret(mut object: Value, name: &str, secret: Option<&Password>) -> Value {
    if let Some(Password(secret)) = secret {
        object[name] = json!(secret);
    }
    object
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
