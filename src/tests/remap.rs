use super::*;
use crate::endpoint::Endpoint;

#[test]
fn what_stays_is_carried_along_and_the_rest_is_new() {
    let remap = Remap::new(&endpoints("abc"), &endpoints("cxa"));
    assert_eq!(remap.carry(vec!["A", "B", "C"], |_| "new"), ["C", "new", "A"]);
    assert_eq!([0, 1, 2].map(|id| remap.to(DaemonId(id))), [Some(DaemonId(2)), None, Some(DaemonId(0))]);
    assert_eq!([0, 1, 2].map(|id| remap.from(DaemonId(id))), [Some(DaemonId(2)), None, Some(DaemonId(0))]);
}

#[test]
fn a_daemon_that_is_spoken_to_otherwise_is_another_one() {
    let mut encrypted = endpoints("a");
    encrypted[0].tls = true;
    assert_eq!(Remap::new(&endpoints("a"), &encrypted).to(DaemonId(0)), None);
}

fn endpoints(hosts: &str) -> Vec<Endpoint> {
    hosts.chars().map(|host| Endpoint { host: host.into(), port: 1, tls: false }).collect()
}
