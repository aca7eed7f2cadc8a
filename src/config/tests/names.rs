//! Names that are misspelt, unknown, or not ours.

use serde_json::json;

use super::*;

#[test]
fn an_unknown_member_is_told_the_nearest_known_name() {
    let long = "timeout".repeat(20);
    let cut = format!("multiDaemon.{}… is not known", &long[..60]);
    let table = [
        ("/multiDaemon/polingInterval", "multiDaemon.polingInterval is not known; did you mean pollingInterval?"),
        ("/multiDaemon/polling_interval", "multiDaemon.polling_interval is not known; did you mean pollingInterval?"),
        ("/multiDaemon/Timeout", "multiDaemon.Timeout is not known; did you mean timeout?"),
        ("/multiDaemon/fallbak", "multiDaemon.fallbak is not known; did you mean fallback?"),
        ("/multiDaemon/colour", "multiDaemon.colour is not known"),
        ("/multiDaemon/__proto__", "multiDaemon.__proto__ is not known"),
        ("/multiDaemon/a\nb", "multiDaemon.a\\nb is not known"),
        (&format!("/multiDaemon/{long}"), &cut),
        ("/multiDaemon/daemons/0/hsot", "multiDaemon.daemons[0].hsot is not known; did you mean host?"),
        ("/multiDaemon/daemons/0/TLS", "multiDaemon.daemons[0].TLS is not known; did you mean tls?"),
        ("/multiDaemon/daemons/0/weight", "multiDaemon.daemons[0].weight is not known"),
    ];
    for (path, expected) in table {
        assert_eq!(mistakes(&pool_with(path, Some(json!("secret")))), [expected]);
    }
}

#[test]
fn an_unknown_member_of_a_nested_block_is_told_the_nearest_known_name() {
    let status = json!({ "port": 1, "pasword": "secret" });
    assert_eq!(
        mistakes(&pool_with("/multiDaemon/status", Some(status))),
        ["multiDaemon.status.pasword is not known; did you mean password?"]
    );
    let ha = json!({ "prt": 1 });
    assert_eq!(
        mistakes(&pool_with("/multiDaemon/daemons/2/ha", Some(ha))),
        ["multiDaemon.daemons[2].ha.prt is not known; did you mean port?"]
    );
}

#[test]
fn members_that_belong_to_the_pool_are_left_alone() {
    let plain = read(&pool()).expect("valid");
    assert_eq!(read_with("/daemon/alwaysPoll", json!("x")), plain);
    assert_eq!(read_with("/multidaemon", json!(7)), plain);
}

#[test]
fn the_misspelt_block_is_read_with_a_warning() {
    let mut pool = pool();
    let block = pool.as_object_mut().and_then(|pool| pool.remove("multiDaemon")).expect("a block");
    pool["mutliDaemon"] = block;
    let config = read(&pool).expect("valid");
    assert_eq!(config.daemons.len(), 4);
    assert_eq!(config.warnings, ["mutliDaemon is read as multiDaemon; correct the spelling"]);

    pool["mutliDaemon"]["timeout"] = json!(0);
    let expected = "mutliDaemon.timeout: 0 is not a number of milliseconds from 10 to 86400000";
    assert_eq!(mistakes(&pool), [expected]);
}

#[test]
fn the_correctly_spelt_block_wins_over_the_misspelt_one() {
    let config = read_with("/mutliDaemon", json!({ "nonsense": 1 }));
    assert_eq!(config.daemons.len(), 4);
    assert_eq!(config.warnings, ["mutliDaemon is ignored, because multiDaemon is there too"]);
}
