//! What a request asks for, and so how it may be asked: how often, of whom, and what is an answer to it.

use std::{borrow::Cow, ops::Not, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{self, Raw};
use crate::{
    consensus::block::Height,
    words::{one_line, text_of},
};

/// How a request is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// For a block template.
    Template,
    /// A block that was found, in hex digits.
    Block(String),
    /// For a header or a block of the chain: while it is not known which chain is the network's, some answers do harm.
    Chain(WhichBlock),
    /// For anything else that asking twice does not change.
    Read,
    /// A transaction to spread; the same one twice is one.
    Transaction,
    /// For what wallets read: large and slow to make, or no text; its answer is passed on unread.
    Wallet,
    /// Anything else: asking twice could do harm.
    Other,
}

/// Which header or block is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichBlock {
    /// The last one of the chain.
    Top,
    /// The one at a height.
    At(Height),
    /// One that the request names by its hash, or by something that only the daemon understands.
    Told,
    /// Several, in one request.
    Several,
}

/// A request as far as routing has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// How it is asked.
    pub kind: Kind,
    /// Whether it is JSON-RPC.
    pub json_rpc: bool,
    /// What it is called in texts for people: a method or a path, cut to 60 characters.
    pub name: String,
    /// Whether it asks for a block's header, which an answer has to have.
    pub wants_header: bool,
    /// How many bytes of a template's blob the asker wants for itself.
    pub reserve_size: u64,
    /// The `id` of the JSON-RPC request, as it was written; the ids of all where it is a batch.
    pub ids: Ids,
}

/// The ids that an answer of our own has to have, as JSON texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ids {
    /// One request.
    One(String),
    /// A batch of them.
    Batch(Vec<String>),
}

impl Call {
    /// The call in a request's path (without what follows a `?`) and body.
    pub fn of(path: &str, body: &[u8]) -> Self {
        if path == JSON_RPC { Self::json_rpc(&text_of(body)) } else { Self::plain(path) }
    }

    fn plain(path: &str) -> Self {
        let (kind, ids) = (kind_of_path(path), Ids::One("null".into()));
        Self { kind, json_rpc: false, name: short(path), wants_header: false, reserve_size: 0, ids }
    }

    fn json_rpc(body: &str) -> Self {
        if let Some(request) = json::object::<Request>(body) {
            let ids = Ids::One(request.id.map_or("null", RawValue::get).into());
            let wants_header = HEADERS.contains(&&*request.method);
            let (kind, name, reserve_size) = (request.kind(), short(&request.method), request.reserve_size());
            return Self { kind, json_rpc: true, name, wants_header, reserve_size, ids };
        }
        let batch = || serde_json::from_str::<Vec<Request>>(body).ok().filter(|batch| !batch.is_empty());
        let is_list = body.trim_ascii_start().starts_with('[');
        match is_list.then(batch).flatten() {
            Some(batch) => Self::batch(&batch),
            None => Self::unread(),
        }
    }

    /// Whatever else is sent there is the daemon's to judge.
    fn unread() -> Self {
        let ids = Ids::One("null".into());
        let name = "json_rpc".into();
        Self { kind: Kind::Other, json_rpc: true, name, wants_header: false, reserve_size: 0, ids }
    }

    /// As the most careful of its members.
    fn batch(batch: &[Request]) -> Self {
        let kinds: Vec<_> = batch.iter().map(Request::kind).collect();
        let is_read = |kind: &Kind| matches!(kind, Kind::Template | Kind::Chain(_) | Kind::Read);
        let is_held = |kind: &Kind| matches!(kind, Kind::Chain(place) if *place != WhichBlock::Top);
        let kind = match () {
            () if kinds.iter().all(is_read).not() => Kind::Other,
            () if kinds.iter().any(is_held) => Kind::Chain(WhichBlock::Several),
            () => Kind::Read,
        };
        let ids = batch.iter().map(|request| request.id.map_or("null", RawValue::get).into()).collect();
        let (name, ids) = (format!("a batch of {}", batch.len()), Ids::Batch(ids));
        Self { kind, json_rpc: true, name, wants_header: false, reserve_size: 0, ids }
    }

    /// Whether the asker may get the answer of another daemon than the one that was asked first.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.kind, Kind::Other | Kind::Block(_))
    }
}

/// The latest request for a template. A pool asks the same, to the byte, once a second or more often: then it is not read again.
#[derive(Debug, Default)]
pub struct LatestCall(Option<(Box<[u8]>, Arc<Call>)>);

impl LatestCall {
    /// The call in a request's path and body, as [`Call::of`] has it.
    pub fn call(&mut self, path: &str, body: &[u8]) -> Arc<Call> {
        if let Some((latest, call)) = &self.0
            && **latest == *body
            && path == JSON_RPC
        {
            return call.clone();
        }
        let call = Arc::new(Call::of(path, body));
        if call.kind == Kind::Template && body.len() <= LONGEST_KEPT {
            self.0 = Some((body.into(), call.clone()));
        }
        call
    }
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Raw<'a>,
    #[serde(borrow)]
    id: Raw<'a>,
}

impl Request<'_> {
    fn kind(&self) -> Kind {
        match &*self.method {
            "getblocktemplate" | "get_block_template" => Kind::Template,
            "submitblock" | "submit_block" => self.blob().map_or(Kind::Other, Kind::Block),
            "getlastblockheader" | "get_last_block_header" => Kind::Chain(WhichBlock::Top),
            "getblockheaderbyheight" | "get_block_header_by_height" | "getblock" | "get_block" => {
                Kind::Chain(self.height().map_or(WhichBlock::Told, WhichBlock::At))
            }
            "on_getblockhash" | "on_get_block_hash" => {
                Kind::Chain(self.first_height().map_or(WhichBlock::Told, WhichBlock::At))
            }
            "getblockheaderbyhash" | "get_block_header_by_hash" | "f_block_json" => Kind::Chain(WhichBlock::Told),
            "relay_tx" => Kind::Transaction,
            // monerod writes raw bytes into their answers, which is no JSON for anybody who looks.
            "get_txpool_backlog" | "get_output_distribution" => Kind::Wallet,
            method if READS.contains(&method) => Kind::Read,
            _ => Kind::Other,
        }
    }

    /// The block that is submitted; `None` where it is not one text, about which the daemon may say what is wrong.
    fn blob(&self) -> Option<String> {
        let [blob]: [String; 1] = serde_json::from_str(self.params?.get()).ok()?;
        Some(blob)
    }

    fn height(&self) -> Option<Height> {
        let params: Params = json::inner(self.params)?;
        // With a hash beside it, that counts.
        if params.hash.is_some_and(|hash| hash.get() != "\"\"") {
            None
        } else {
            Height::new(json::number(params.height)?)
        }
    }

    fn reserve_size(&self) -> u64 {
        let params = json::inner::<Params>(self.params);
        params.and_then(|params| json::number(params.reserve_size)).unwrap_or_default()
    }

    fn first_height(&self) -> Option<Height> {
        let [height]: [u64; 1] = serde_json::from_str(self.params?.get()).ok()?;
        Height::new(height)
    }
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    height: Raw<'a>,
    #[serde(borrow)]
    hash: Raw<'a>,
    #[serde(borrow)]
    reserve_size: Raw<'a>,
}

/// The methods for a header. What they answer is the same in all families that have them; a daemon without that passes no poll.
const HEADERS: [&str; 6] = [
    "getlastblockheader",
    "get_last_block_header",
    "getblockheaderbyheight",
    "get_block_header_by_height",
    "getblockheaderbyhash",
    "get_block_header_by_hash",
];

/// The other methods that read, of the CryptoNote and the Monero families.
const READS: [&str; 30] = [
    "getblockcount",
    "get_block_count",
    "getinfo",
    "get_info",
    "getheight",
    "getblockheadersrange",
    "get_block_headers_range",
    "getcurrencyid",
    "getblockstimestamps",
    "getblocktimestamp",
    "get_version",
    "hard_fork_info",
    "get_fee_estimate",
    "getfeeaddress",
    "get_connections",
    "sync_info",
    "get_alternate_chains",
    "get_coinbase_tx_sum",
    "get_output_histogram",
    "get_miner_data",
    "get_transaction_pool",
    "f_blocks_list_json",
    "f_transaction_json",
    "f_on_transactions_pool_json",
    "f_on_transaction_pool_json",
    "f_mempool_json",
    "k_transactions_by_payment_id",
    "getblocksbyheights",
    "getblocksbyhashes",
    "getblockindexes",
];

fn kind_of_path(path: &str) -> Kind {
    match path {
        "/sendrawtransaction" | "/send_raw_transaction" => Kind::Transaction,
        // No path of the binary RPC writes anything.
        path if path.ends_with(".bin") || WALLETS_READ.contains(&path) => Kind::Wallet,
        path if INFORMATION.contains(&path) => Kind::Read,
        _ => Kind::Other,
    }
}

const INFORMATION: [&str; 20] = [
    "/info",
    "/getinfo",
    "/get_info",
    "/height",
    "/getheight",
    "/get_height",
    "/fee",
    "/feeinfo",
    "/feeaddress",
    "/peers",
    "/getpeers",
    "/get_limit",
    "/get_peer_list",
    "/get_public_nodes",
    "/get_net_stats",
    "/get_alt_blocks_hashes",
    "/get_transaction_pool_stats",
    "/mining_status",
    "/gethashrate",
    "/block/last",
];

/// What the wallets of TurtleCoin and Monero read by other paths than those of the binary RPC.
const WALLETS_READ: [&str; 21] = [
    "/getwalletsyncdata",
    "/getrawblocks",
    "/queryblockslite",
    "/queryblocksdetailed",
    "/get_pool_changes",
    "/get_pool_changes_lite",
    "/get_transactions_status",
    "/get_block_details_by_height",
    "/get_blocks_details_by_hashes",
    "/get_blocks_hashes_by_timestamps",
    "/get_transaction_details_by_hashes",
    "/get_transaction_hashes_by_payment_id",
    "/getrandom_outs",
    "/randomOutputs",
    "/get_o_indexes",
    "/get_global_indexes_for_range",
    "/gettransactions",
    "/get_transactions",
    "/is_key_image_spent",
    "/get_transaction_pool",
    "/get_transaction_pool_hashes",
];

fn short(name: &str) -> String {
    one_line(name, LONGEST_NAME)
}

const JSON_RPC: &str = "/json_rpc";
const LONGEST_NAME: usize = 60;
/// Many times what pools send, in bytes.
const LONGEST_KEPT: usize = 4096;

#[cfg(test)]
#[path = "tests/call.rs"]
mod tests;
