use serde_json::json;

use super::*;

#[test]
fn a_value_is_shown_short_and_without_secrets() {
    let long = "x".repeat(61);
    let values = [
        (json!("abc"), r#""abc""#.to_owned()),
        (json!(-1.5), "-1.5".to_owned()),
        (json!(true), "true".to_owned()),
        (json!(null), "null".to_owned()),
        (json!(["secret"]), "a list".to_owned()),
        (json!({ "password": "secret" }), "an object".to_owned()),
        (json!(long), format!("\"{}…\"", &long[..60])),
        (json!("a\"b\n\u{1b}[31m\u{202e}"), r#""a\"b\n\u{1b}[31m\u{202e}""#.to_owned()),
        (json!("http://node.example/"), r#""http://node.example/""#.to_owned()),
        (json!("http://me:secret@node.example"), r#""…@node.example""#.to_owned()),
        (json!("http://me:sec/ret@node.example/in"), r#""…@node.example/…""#.to_owned()),
        (json!("https://chat.example/secret"), r#""https://chat.example/…""#.to_owned()),
        (json!("htps:/chat.example/secret"), r#""htps:/…""#.to_owned()),
        (json!("https://chat.example?key=secret"), r#""https://chat.example?…""#.to_owned()),
    ];
    for (value, shown) in values {
        assert_eq!(quote(&value), shown);
    }
}
