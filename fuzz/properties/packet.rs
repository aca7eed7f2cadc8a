//! What holds for any text that comes in place of a turtlecoind-ha's packet.

use std::time::Duration;

use serde_json::Value;
use turtle_pool_multi_daemon::ha::packet::{Event, Packet, parse};

/// It means something or nothing, and the same to a second reader.
pub fn hold_for(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match parse(text) {
        Packet::Open(heartbeat) => {
            let sensible = Duration::from_secs(1)..=Duration::from_secs(60);
            assert!(sensible.contains(&heartbeat.interval) && sensible.contains(&heartbeat.timeout), "{heartbeat:?}");
        }
        Packet::Event(event) => check_event(event, text),
        Packet::Close | Packet::Pong | Packet::Connected | Packet::Refused | Packet::Other => {}
    }
}

fn check_event(event: Event, text: &str) {
    assert_eq!(parse(&written(event)), Packet::Event(event));
    // A second reader, where it can read it: it minds nesting and large numbers even where nobody looks at them.
    let list = text["42".len()..].trim_start_matches(|char: char| char.is_ascii_digit());
    let Ok(value) = serde_json::from_str::<Value>(list) else { return };
    let expected: &[&str] = match event {
        Event::Block(Some(hash)) => {
            let told = value[1]["hash"].as_str().map(str::to_lowercase);
            assert_eq!(told, Some(hash.to_string()), "{text}");
            &["block"]
        }
        Event::Block(None) => &["block"],
        Event::News => &["topblock", "desync", "ready"],
        Event::Down => &["down", "stopped"],
        Event::Auth(right) => {
            assert_eq!(value[1] == Value::Bool(true), right, "{text}");
            &["auth"]
        }
        Event::Other => return,
    };
    assert!(value[0].as_str().is_some_and(|name| expected.contains(&name)), "{event:?} in {text}");
}

fn written(event: Event) -> String {
    match event {
        Event::Block(Some(hash)) => format!(r#"42["block",{{"hash":"{hash}"}}]"#),
        Event::Block(None) => r#"42["block"]"#.into(),
        Event::News => r#"42["topblock",7]"#.into(),
        Event::Down => r#"42["down"]"#.into(),
        Event::Auth(right) => format!(r#"42["auth",{right}]"#),
        Event::Other => r#"42["another"]"#.into(),
    }
}
