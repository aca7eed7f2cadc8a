use super::*;
use crate::endpoint::Endpoint;

#[test]
fn alone_the_primary_is_offered_it_at_once_and_what_it_says_is_told() {
    let primary: Who = Endpoint { host: "d".into(), port: 1, tls: false }.into();
    let chart = Chart::start(primary.clone());
    let mut submission = Submission::new(Duration::ZERO, Marks::of("00ff"), &chart);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Offer(primary.clone())]);
    assert_eq!(submission.deadline(&chart), Some(ALONE));
    submission.heard(Duration::ZERO, &primary, Said::Taken);
    assert_eq!(submission.orders(Duration::ZERO, &chart), [Order::Tell(Answer::Accepted(primary))]);
    assert!(submission.is_over());
}
