//! The table of options: names, what each may be, defaults.

use std::{ops::RangeInclusive, time::Duration};

use serde_json::Value;

use super::{
    GatewayConfig, HaConfig, Password,
    members::Members,
    quote::quote,
    report::BadValue,
    values::{
        address, choice, count, flag, hidden, host, is_loopback, milliseconds, or_false, port, port_or_none, seconds,
        secret, text, user_and_password, web_url,
    },
};
use crate::consensus::{
    rules::{Rules, STALL_AFTER_BLOCKS},
    select::{Fallback, Policy},
};

const DAY_S: f64 = 86_400.0;
const DAY_MS: f64 = 1000.0 * DAY_S;
/// Times that pass again and again. 10 ms is far too short for a pool, but makes for quick tests without a busy loop;
/// no time is over a day, so that no sum of times can overflow.
const PERIOD_MS: RangeInclusive<f64> = 10.0..=DAY_MS;
/// Times that pass once.
const DELAY_MS: RangeInclusive<f64> = 1.0..=DAY_MS;
/// Times that pass once, or not at all: 0 is at once.
const DELAY_OR_NONE_MS: RangeInclusive<f64> = 0.0..=DAY_MS;
/// The lower end serves tests on a chain of their own.
const BLOCK_TARGET_S: RangeInclusive<f64> = 0.01..=DAY_S;
/// More than anybody needs: a larger number is a time in the wrong place.
const MOST: u16 = 1000;
const FALLBACKS: [(&str, Fallback); 2] = [("primary", Fallback::Primary), ("best", Fallback::Best)];

/// With fewer daemons in all, one failure leaves too few to outvote a wrong one.
const FEWEST_DAEMONS: usize = 4;

/// Longer than a daemon that is well takes on another continent.
const HEDGE_AFTER: Duration = Duration::from_millis(500);

const BLOCK: &str = "multiDaemon";
/// Stands in the wild, and a pool that has it means the block.
const MISSPELT_BLOCK: &str = "mutliDaemon";

/// The time between two blocks, from the pool's own part of the configuration.
pub(super) fn block_target(pool: &mut Members) -> Duration {
    pool.or("coinDifficultyTarget", seconds(BLOCK_TARGET_S), Rules::default().block_target)
}

/// The block with our options, by whichever name it is there.
pub(super) fn block<'json, 'a>(pool: &'a mut Members<'json, '_>) -> Option<Members<'json, 'a>> {
    let name = match (pool.has(BLOCK), pool.has(MISSPELT_BLOCK)) {
        (false, true) => {
            pool.warn(format!("{MISSPELT_BLOCK} is read as {BLOCK}; correct the spelling"));
            MISSPELT_BLOCK
        }
        (true, true) => {
            pool.warn(format!("{MISSPELT_BLOCK} is ignored, because {BLOCK} is there too"));
            BLOCK
        }
        (_, false) => BLOCK,
    };
    pool.required_object(name, "an object with enabled and daemons")
}

/// Whether to watch at all is decided before the block is read; that the member says so is checked here.
pub(super) fn check_enabled(block: &mut Members) {
    block.required("enabled", flag);
}

/// How daemons are judged.
pub(super) fn rules(block: &mut Members, block_target: Duration) -> Rules {
    let defaults = Rules::default();
    Rules {
        polling_interval: block.or("pollingInterval", milliseconds(PERIOD_MS), defaults.polling_interval),
        timeout: block.or("timeout", milliseconds(PERIOD_MS), defaults.timeout),
        max_polling_failures: block.or("maxPollingFailures", count(1..=MOST), defaults.max_polling_failures),
        recovery_polls: block.or("recoveryPolls", count(1..=MOST), defaults.recovery_polls),
        max_deviance: block.or("maxDeviance", count(0..=MOST), defaults.max_deviance),
        deviance_grace: block.or("devianceGrace", milliseconds(DELAY_MS), defaults.deviance_grace),
        stall_after: block.or("stallAfter", milliseconds(PERIOD_MS), STALL_AFTER_BLOCKS * block_target),
        min_outside_peers: block.or("minOutsidePeers", count(0..=MOST), defaults.min_outside_peers),
        block_target,
    }
}

/// How one is chosen.
pub(super) fn policy(block: &mut Members) -> Policy {
    let defaults = Policy::default();
    Policy {
        min_healthy: block.or("minHealthy", count(1..=MOST), defaults.min_healthy),
        fallback: block.or("fallback", choice(&FALLBACKS), defaults.fallback),
        failback: block.or("failback", or_false(milliseconds(DELAY_OR_NONE_MS)), defaults.failback),
    }
}

/// Options that only the JavaScript side uses.
pub(super) fn check_for_javascript(block: &mut Members) {
    block.optional("rpcTimeout", milliseconds(PERIOD_MS));
    block.optional("webhook", hidden(web_url));
    check_status(block);
}

/// How long a request may take before a second daemon is asked as well.
pub(super) fn hedge_after(block: &mut Members) -> Option<Duration> {
    block.or("hedgeAfter", or_false(milliseconds(DELAY_MS)), Some(HEDGE_AFTER))
}

/// Where requests are taken: unless it is `false`, at a port of this machine alone.
pub(super) fn gateway(block: &mut Members) -> Option<GatewayConfig> {
    let defaults = GatewayConfig::default();
    match block.get("gateway") {
        None | Some(Value::Bool(true)) => return Some(defaults),
        Some(Value::Bool(false)) => return None,
        Some(_) => {}
    }
    let mut gateway = block.object("gateway", "true, false, or an object with port, host and password")?;
    let port = gateway.or("port", port_or_none, defaults.port);
    let host = gateway.or("host", address, defaults.host);
    let has_password = gateway.get("password").is_some();
    let password = gateway.optional("password", hidden(secret)).map(Password);
    if !has_password && !host.is_loopback() {
        let bad = BadValue::fault("can be reached from other machines", "127.0.0.1, or a password beside it");
        gateway.mistake("host", &bad.about(&quote(&Value::String(host.to_string()))));
    }
    gateway.finish();
    Some(GatewayConfig { host, port, password })
}

/// What a daemon's RPC asks for.
pub(super) fn login(daemon: &mut Members) -> Option<Password> {
    daemon.optional("login", hidden(user_and_password)).map(Password)
}

/// Where the status page is, and who may see it.
fn check_status(block: &mut Members) {
    let Some(mut status) = block.object("status", "an object with port, host and password") else { return };
    status.required("port", port);
    let host = status.optional("host", host);
    let password = status.get("password").is_some();
    status.optional("password", hidden(secret));
    if let Some(host) = host.filter(|host| !password && !is_loopback(host)) {
        let bad = BadValue::fault("can be reached from other machines", "127.0.0.1, or a password beside it");
        status.mistake("host", &bad.about(&quote(&Value::String(host))));
    }
    status.finish();
}

/// A daemon's `ha`: yes or no, or where and how. Without a port of its own it is behind the daemon's.
pub(super) fn ha(daemon: &mut Members, daemon_port: Option<u16>) -> Option<HaConfig> {
    let (own_port, password) = match daemon.get("ha") {
        None | Some(Value::Bool(false)) => return None,
        Some(Value::Bool(true)) => (None, None),
        Some(_) => {
            let mut ha = daemon.object("ha", "true, false, or an object with port and password")?;
            let (port, password) = (ha.optional("port", port), ha.optional("password", hidden(text)));
            ha.finish();
            // An empty one is none: nobody is to be told a password that was not set.
            (port, password.filter(|it| !it.is_empty()).map(Password))
        }
    };
    let port = own_port.or(daemon_port?.checked_add(1));
    if port.is_none() {
        daemon.mistake("ha", "there is no port after 65535; expected an object with port");
    }
    Some(HaConfig { port: port?, password })
}

/// Warns where the configuration is valid but protects little or nothing.
pub(super) fn warn_of_too_few(daemons: usize, min_healthy: usize, block: &mut Members) {
    if min_healthy > daemons {
        let path = block.path_of("minHealthy");
        block.warn(format!("{path} is {min_healthy}, but there are only {daemons} daemons: the mode is always single"));
    }
    if daemons < FEWEST_DAEMONS {
        let path = block.path_of("daemons");
        block.warn(format!(
            "{path}: there are {daemons} daemons, the primary included; with fewer than {FEWEST_DAEMONS}, one failure \
             ends the protection"
        ));
    }
}
