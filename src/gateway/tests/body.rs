use super::*;

/// What the headers say of a body of five bytes, after they said this.
fn told(values: &[&'static str]) -> Vec<String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_LENGTH, hyper::header::HeaderValue::from_static(value));
    }
    tell_length(&mut headers, 5);
    let values = headers.get_all(CONTENT_LENGTH).iter().map(|value| value.to_str().unwrap_or("?").to_owned());
    values.collect()
}

#[test]
fn a_length_that_is_told_rightly_stays_as_it_came() {
    assert_eq!(told(&["5"]), ["5"]);
    assert_eq!(told(&["05"]), ["05"]);
}

#[test]
fn any_other_is_told_anew_and_once() {
    for values in [&[][..], &["6"], &["+5"], &[" 5"], &["5, 5"], &["five"], &[""], &["5", "5"], &["5", "6"]] {
        assert_eq!(told(values), ["5"], "{values:?}");
    }
}
