use super::*;

const HASH: &str = "7fb97df81221dd1366051b2d0bc7f49c66c22ac4431d879c895b06d66ef66f4c";

#[test]
fn every_kind_of_packet() {
    let beat = |interval, timeout| {
        let (interval, timeout) = (Duration::from_millis(interval), Duration::from_millis(timeout));
        Packet::Open(Heartbeat { interval, timeout })
    };
    let block = format!(r#"42["block",{{"height":7,"hash":"{HASH}","prev_hash":"x","transactions":[{{}}]}}]"#);
    let hash = Some(HASH.parse().unwrap());
    let table = [
        (r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}"#, beat(25_000, 5_000)),
        (r#"0{"pingInterval":0,"pingTimeout":99999999999}"#, beat(1_000, 60_000)),
        (r#"0{"pingInterval":-1}"#, beat(25_000, 5_000)),
        ("0", beat(25_000, 5_000)),
        ("1", Packet::Close),
        ("3", Packet::Pong),
        ("3probe", Packet::Pong),
        ("40", Packet::Connected),
        ("41", Packet::Refused),
        (r#"44"not you""#, Packet::Refused),
        (r#"42["topblock",1204331]"#, Packet::Event(Event::News)),
        (&block, Packet::Event(Event::Block(hash))),
        (r#"42["block"]"#, Packet::Event(Event::Block(None))),
        (r#"42["block",{"hash":7}]"#, Packet::Event(Event::Block(None))),
        (r#"42["down"]"#, Packet::Event(Event::Down)),
        (r#"42["stopped",1,2,[3]]"#, Packet::Event(Event::Down)),
        (r#"42["desync",{"a":1}]"#, Packet::Event(Event::News)),
        (r#"42["ready",{"height":1}]"#, Packet::Event(Event::News)),
        (r#"4217["ready"]"#, Packet::Event(Event::News)),
        (r#"42["re\u0061dy"]"#, Packet::Event(Event::News)),
        (r#"42["auth",true]"#, Packet::Event(Event::Auth(true))),
        (r#"42["auth",false]"#, Packet::Event(Event::Auth(false))),
        (r#"42["auth"]"#, Packet::Event(Event::Auth(false))),
        (r#"42["syncing",{}]"#, Packet::Event(Event::Other)),
    ];
    for (text, packet) in table {
        assert_eq!(parse(text), packet, "{text}");
    }
}

#[test]
fn what_is_no_packet_is_of_no_use() {
    for text in ["", "2", "4", "5", "6", "9", "43[]", "450-[]", "hello", "\u{1f422}", "<html>"] {
        assert_eq!(parse(text), Packet::Other, "{text}");
    }
    let deep = format!(r#"42["ready",{}"#, "[".repeat(100_000));
    for text in ["42", "42[]", "42{}", "42[7]", "42[\"down\"", "42/admin,[\"down\"]", "42\u{1f422}", "42null", &deep] {
        assert_eq!(parse(text), Packet::Event(Event::Other), "{}", &text[..text.len().min(40)]);
    }
}

#[test]
fn a_password_goes_out_as_its_sha256() {
    let hex = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    assert_eq!(auth("password"), format!(r#"42["auth","{hex}"]"#));
}
