//! What holds for any bytes that come in place of a reply.

use turtle_pool_multi_daemon::rpc::{
    dialect::Reply,
    response::{Malformed, Response},
};

const MAX_BODY: usize = 512;

/// In how many pieces they come changes nothing, and nobody has to keep more of them than is allowed. The first byte says how
/// long the pieces are.
pub fn hold_for(input: &[u8]) {
    let Some((size, bytes)) = input.split_first() else { return };
    let at_once = read(&[bytes]);
    let pieces: Vec<_> = bytes.chunks(1 + usize::from(*size)).collect();
    assert_eq!(read(&pieces), at_once);
    if let Ok(Some(reply)) = at_once {
        assert!(reply.body.len() <= MAX_BODY && (100..1000).contains(&reply.status), "{reply:?}");
        assert!(reply.body.is_empty() || Reply::has_meaning(reply.status), "{reply:?}");
    }
}

/// The reply, if the connection ends after these pieces.
fn read(pieces: &[&[u8]]) -> Result<Option<Reply>, Malformed> {
    let mut response = Response::new(MAX_BODY);
    for piece in pieces {
        response.room().extend_from_slice(piece);
        if let Some(whole) = response.advance()? {
            return Ok(Some(whole.reply));
        }
    }
    Ok(response.end().map(|whole| whole.reply))
}
