//! What holds for any bytes that a client or a daemon sends through the gateway.

use turtle_pool_multi_daemon::{
    routing::{
        blob::{Marks, parents_in},
        call::{Call, Ids, Kind},
        reply::Envelope,
    },
    words::text_of,
};

/// Words that leave for logs and pages.
const MOST_WORDS: usize = 200;

/// Bytes are read as a request, as a reply, and as a block; none of them is believed to be more than it is.
pub fn hold_for(input: &[u8]) {
    request(input);
    reply(input);
    block(&String::from_utf8_lossy(input));
}

fn request(body: &[u8]) {
    for path in ["/json_rpc", "/info", "/getblocks.bin", "/sendrawtransaction", "/other"] {
        let call = Call::of(path, body);
        assert!(call.name.len() <= 60 && call.name.is_ascii(), "{call:?}");
        // An id is put into an answer as it is.
        let ids = match &call.ids {
            Ids::One(id) => std::slice::from_ref(id),
            Ids::Batch(ids) => ids,
        };
        assert!(ids.iter().all(|id| serde_json::from_str::<&serde_json::value::RawValue>(id).is_ok()), "{call:?}");
        // Whatever is in it may be done twice, or is asked once.
        assert_eq!(call.is_repeatable(), !matches!(call.kind, Kind::Other | Kind::Block(_)));
    }
}

fn reply(body: &[u8]) {
    let text = text_of(body);
    let Some(envelope) = Envelope::of(&text) else { return };
    let outcome = envelope.outcome();
    let words = outcome.words();
    assert!(words.chars().count() <= MOST_WORDS && words.is_ascii() && !words.contains('\n'), "{words}");
    let _ = (envelope.template(), envelope.header());
}

fn block(hex: &str) {
    let marks = Marks::of(hex);
    let parents = parents_in(hex).unwrap_or_default();
    // What identifies a block names the blocks that a template with the same bytes may build on.
    assert!(marks.parents().all(|parent| parents.contains(&Some(parent))), "{hex}");
}
