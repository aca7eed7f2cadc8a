use super::*;

const WORDS: &str = "a:1: Core is busy";

#[test]
fn ten_seconds_and_three_requests_without_a_template_are_told_in_one_text() {
    let mut drought = Drought::default();
    assert_eq!(told_at(&mut drought, &[0, 5, 9, 10]), [None, None, None, Some(warning())]);
    drought.lacks(at(60), "b:1: something else".into());
    assert_eq!(
        (drought.warning(), drought.status()),
        (Some(warning()), Workless::Now),
        "a text that changes would be told again"
    );
}

#[test]
fn two_requests_are_too_few_however_long_they_take() {
    assert_eq!(told_at(&mut Drought::default(), &[0, 300, 600]), [None, None, Some(warning())]);
}

#[test]
fn a_template_ends_it_and_what_was_never_told_has_no_end() {
    let mut drought = Drought::default();
    told_at(&mut drought, &[0, 5]);
    drought.ends(at(9));
    assert_eq!(drought.status(), Workless::Never);
    assert_eq!(told_at(&mut drought, &[10, 15, 19]), [None, None, None], "it counts from the last template on");
    drought.lacks(at(20), WORDS.into());
    drought.ends(at(99));
    assert_eq!((drought.warning(), drought.status()), (None, Workless::Ended(Duration::from_secs(89))));
}

#[test]
fn what_is_told_lasts_until_there_is_a_template_and_what_is_not_told_ends_with_a_long_pause() {
    let mut drought = Drought::default();
    assert_eq!(told_at(&mut drought, &[0, 9, 610, 615, 620]), [None, None, None, None, Some(warning())]);
    drought.lacks(at(9000), WORDS.into());
    drought.ends(at(9001));
    assert_eq!(drought.status(), Workless::Ended(Duration::from_secs(9001 - 610)));
}

#[test]
fn one_request_that_waits_for_so_long_is_enough() {
    let mut drought = Drought::default();
    drought.lasts(at(15), WORDS.into());
    assert_eq!((drought.warning(), drought.status()), (Some(warning()), Workless::Now));
    drought.ends(at(35));
    assert_eq!((drought.warning(), drought.status()), (None, Workless::Ended(Duration::from_secs(30))));
}

#[test]
fn what_failed_long_before_it_has_nothing_to_do_with_it() {
    let mut drought = Drought::default();
    drought.lacks(at(0), WORDS.into());
    drought.lasts(at(7015), WORDS.into());
    drought.ends(at(7020));
    assert_eq!(drought.status(), Workless::Ended(Duration::from_secs(15)));
}

/// What is told after each of the requests at these seconds, none of which gets a template.
fn told_at(drought: &mut Drought, seconds: &[u64]) -> Vec<Option<String>> {
    let ask = |second: &u64| {
        drought.lacks(at(*second), WORDS.into());
        drought.warning()
    };
    seconds.iter().map(ask).collect()
}

fn warning() -> String {
    format!("no daemon has given a block template for 10 s or longer ({WORDS})")
}

fn at(seconds: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(seconds), unix: Duration::from_secs(1_000_000 + seconds) }
}
