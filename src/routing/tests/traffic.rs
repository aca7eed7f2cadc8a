use std::sync::Arc;

use super::*;

fn daemon(port: u16) -> Who {
    Arc::new(Endpoint { host: "a".into(), port, tls: false })
}

#[test]
fn every_ending_has_a_count_of_its_own() {
    let mut traffic = Traffic::default();
    let endings = [Ending::Answered, Ending::Rescued, Ending::Held, Ending::Failed, Ending::Abandoned];
    for (times, ending) in (1..).zip(endings) {
        (0..times).for_each(|_| traffic.end(ending));
    }
    let expected = RequestCounts { answered: 1, rescued: 2, held: 3, failed: 4, abandoned: 5, hedges: 0 };
    assert_eq!(traffic.counts(), expected);
}

#[test]
fn requests_are_counted_by_daemon_until_it_leaves_the_configuration() {
    let mut traffic = Traffic::default();
    let (one, other) = (daemon(1), daemon(2));
    traffic.send(&one, false);
    traffic.send(&one, false);
    traffic.send(&other, true);
    assert_eq!((traffic.sent_to(&one), traffic.sent_to(&other), traffic.counts().hedges), (2, 1, 1));
    traffic.keep(|daemon| daemon.port == 1);
    assert_eq!((traffic.sent_to(&one), traffic.sent_to(&other), traffic.counts().hedges), (2, 0, 1));
}
