//! Changes JSON texts into other JSON texts: bytes changed at random seldom get past the first brace.

use serde_json::{Value, json};

/// A mutator for libFuzzer: half of the time by the members, half of the time by the bytes, as are all texts that are no JSON.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) << 1 | 1);
    let changed = if dice.below(2) == 0 { None } else { change(&data[..size], &mut dice) };
    match changed {
        Some(text) if text.len() <= max_size.min(data.len()) => {
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
}

/// The text with one to three of its values replaced.
fn change(text: &[u8], dice: &mut Dice) -> Option<String> {
    let mut value: Value = serde_json::from_slice(text).ok()?;
    for _ in 0..=dice.below(3) {
        let places = places(&value, String::new());
        let (place, other) = (dice.one_of(&places).clone(), dice.one_of(&places).clone());
        let new = match dice.below(3) {
            0 => value.pointer(&other)?.clone(),
            1 => odd(dice),
            _ => varied(value.pointer(&place)?, dice),
        };
        *value.pointer_mut(&place)? = new;
    }
    Some(value.to_string())
}

/// The pointers to everything in a value, itself included.
fn places(value: &Value, path: String) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (escaped(name), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => vec![],
    };
    let below: Vec<String> =
        inner.into_iter().flat_map(|(name, value)| places(value, format!("{path}/{name}"))).collect();
    std::iter::once(path).chain(below).collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A little of the same kind.
fn varied(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => match (number.as_u64(), dice.below(4)) {
            (Some(number), 0) => json!(number.wrapping_add(1)),
            (Some(number), 1) => json!(number.wrapping_sub(1)),
            (Some(number), 2) => json!(number.wrapping_mul(2)),
            _ => json!(number.as_f64().unwrap_or_default() / 2.0),
        },
        Value::String(text) => json!(varied_text(text, dice)),
        Value::Array(list) => json!(list.iter().chain(list).collect::<Vec<_>>()),
        Value::Object(members) => {
            let gone = dice.below(members.len().max(1));
            members
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != gone)
                .map(|(_, (name, it))| (name.clone(), it.clone()))
                .collect()
        }
        Value::Null => json!({}),
    }
}

fn varied_text(text: &str, dice: &mut Dice) -> String {
    let middle = dice.below(text.chars().count() + 1);
    let before: String = text.chars().take(middle).collect();
    let after: String = text.chars().skip(middle).collect();
    let piece = *dice.one_of(&["é", "\u{1f422}", "\u{0}", "\n", "0", "A", "-", ".", ":", "%", "[", "@", "/"]);
    match dice.below(4) {
        0 => before,
        1 => format!("{before}{after}{before}"),
        2 => format!("{before}{}{after}", piece.repeat(1 + dice.below(300))),
        _ => format!("{before}{piece}{after}"),
    }
}

/// Values that have surprised somebody before.
fn odd(dice: &mut Dice) -> Value {
    let odd = [
        json!(null),
        json!([]),
        json!({}),
        json!(""),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(65536),
        json!(499_999_999),
        json!(500_000_001),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("BUSY"),
        json!(-9),
        json!(true),
        json!("7f".repeat(32)),
        json!({ "status": "BUSY" }),
    ];
    dice.one_of(&odd).clone()
}

/// Numbers that follow from a seed (the generator is called splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, number: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % number as u64) as usize
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
