use super::*;

#[test]
fn the_head_s_age_starts_anew_when_it_moves() {
    let mut counts = Counts::default();
    counts.note_head(at(10), BlockHash::new([1; 32]), || Duration::from_secs(300));
    counts.note_head(at(15), BlockHash::new([1; 32]), || Duration::ZERO);
    assert_eq!(counts.head_age(at(20)), Some(Duration::from_secs(310)));
    counts.note_head(at(25), BlockHash::new([2; 32]), || Duration::ZERO);
    assert_eq!(counts.head_age(at(27)), Some(Duration::from_secs(2)));
}

fn at(seconds: u64) -> Moment {
    Moment { elapsed: Duration::from_secs(seconds), unix: Duration::from_secs(1_000_000 + seconds) }
}
