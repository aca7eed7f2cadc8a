//! What holds for any JSON at all.

use serde_json::{Value, json};

use super::*;

#[test]
fn no_password_is_ever_shown() {
    let places = [
        "/daemon/ha",
        "/multiDaemon/daemons/0/ha",
        "/multiDaemon/daemons/0/login",
        "/multiDaemon/gateway",
        "/multiDaemon/status",
        "/multiDaemon/webhook",
    ];
    let secrets = [
        json!("secret"),
        json!(["secret"]),
        json!({ "password": ["secret"] }),
        json!({ "password": { "password": "secret" } }),
        json!({ "passwort": "secret", "port": "x" }),
    ];
    for place in places {
        for secret in &secrets {
            let error = read(&pool_with(place, Some(secret.clone()))).expect_err("a mistake");
            assert!(!format!("{error} {error:?}").contains("secret"), "{place} {secret}: {error}");
        }
    }
}

#[test]
fn no_value_anywhere_makes_it_panic() {
    let mut values = vec![json!(null), json!(true), json!(false), json!([]), json!([[]]), json!({}), json!({ "": "" })];
    values.extend([0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, 1e-9, 65535.5, 86_400_000.0, 1e19, f64::MAX].map(Value::from));
    values.extend([u64::MAX, u64::from(u32::MAX)].map(Value::from));
    values.extend(["", "0", "é", "@", ":", "[", "]", "[]", "://", "…@://…/", "\u{0}", "\u{ad}", "۱۲"].map(Value::from));
    values.push(json!("é".repeat(10_000)));
    values.push(json!("9".repeat(10_000)));
    let full: Value = serde_json::from_str(include_str!("pool.json")).expect("valid");
    for path in paths(&full) {
        for value in &values {
            let mut pool = full.clone();
            *pool.pointer_mut(&path).expect("a member") = value.clone();
            let outcome = read(&pool).map_err(|error| error.mistakes.is_empty());
            assert_ne!(outcome, Err(true), "{path} {value}");
        }
    }
}

/// The pointers to everything in a value, itself included.
fn paths(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect(),
        _ => Vec::new(),
    };
    let below = |(name, child): (String, &Value)| paths(child).into_iter().map(move |path| format!("/{name}{path}"));
    std::iter::once(String::new()).chain(children.into_iter().flat_map(below)).collect()
}
