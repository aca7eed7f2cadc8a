use std::sync::Arc;

use super::*;

fn daemon(host: &str) -> Who {
    Arc::new(Endpoint { host: host.into(), port: 1, tls: false })
}

#[test]
fn what_is_known_of_a_daemon_is_found_by_its_address_whoever_names_it() {
    let mut each = Each::default();
    for (host, value) in [("a", 1), ("b", 2), ("a", 3)] {
        *each.get_or_insert_with(&daemon(host), || 0) = value;
    }
    assert_eq!((each.get(&daemon("a")), each.get(&daemon("b")), each.get(&daemon("c"))), (Some(&3), Some(&2), None));
    let other = Endpoint { port: 2, ..Endpoint::clone(&daemon("a")) };
    assert_eq!(each.get(&other), None);
}

#[test]
fn what_is_missing_is_made_and_what_is_there_is_not() {
    let mut each = Each::default();
    *each.get_or_insert_with(&daemon("a"), || 5) += 1;
    *each.get_or_insert_with(&daemon("a"), || unreachable!()) += 1;
    *each.get_or_insert_with(&daemon("b"), || 1) += 1;
    assert_eq!(each.iter().map(|(it, value)| (it.host.as_str(), *value)).collect::<Vec<_>>(), [("a", 7), ("b", 2)]);
}

#[test]
fn daemons_are_forgotten_one_by_one_or_all_but_some() {
    let mut each = Each::default();
    for (host, value) in [("a", 1), ("b", 2), ("c", 3)] {
        each.get_or_insert_with(&daemon(host), || value);
    }
    each.remove(&daemon("b"));
    each.remove(&daemon("x"));
    assert_eq!(each.iter().count(), 2);
    each.keep(|daemon| daemon.host == "c");
    assert_eq!((each.get(&daemon("a")), each.get(&daemon("c"))), (None, Some(&3)));
}
