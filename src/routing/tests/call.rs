use super::*;

fn kind(body: &str) -> Kind {
    Call::of("/json_rpc", body.as_bytes()).kind
}

fn at(height: u64) -> WhichBlock {
    Height::new(height).map_or(WhichBlock::Told, WhichBlock::At)
}

#[test]
fn methods_are_known_in_both_spellings() {
    assert_eq!(kind(r#"{"method":"getblocktemplate","params":{}}"#), Kind::Template);
    assert_eq!(kind(r#"{"method":"get_block_template"}"#), Kind::Template);
    assert_eq!(kind(r#"{"method":"submitblock","params":["00ff"]}"#), Kind::Block("00ff".into()));
    assert_eq!(kind(r#"{"method":"submit_block","params":["00ff"]}"#), Kind::Block("00ff".into()));
    assert_eq!(kind(r#"{"method":"getblockcount"}"#), Kind::Read);
    assert_eq!(kind(r#"{"method":"relay_tx"}"#), Kind::Transaction);
    assert_eq!(kind(r#"{"method":"get_txpool_backlog"}"#), Kind::Wallet);
    assert_eq!(kind(r#"{"method":"generateblocks"}"#), Kind::Other);
}

#[test]
fn a_submission_that_names_no_single_block_is_the_daemons_to_judge() {
    for params in ["[]", "[1]", r#"["a","b"]"#, "{}", "null", r#""00""#] {
        assert_eq!(kind(&format!(r#"{{"method":"submitblock","params":{params}}}"#)), Kind::Other, "{params}");
    }
}

#[test]
fn headers_and_blocks_tell_where_they_are() {
    assert_eq!(kind(r#"{"method":"getlastblockheader"}"#), Kind::Chain(WhichBlock::Top));
    assert_eq!(kind(r#"{"method":"getblockheaderbyheight","params":{"height":7}}"#), Kind::Chain(at(7)));
    assert_eq!(kind(r#"{"method":"on_getblockhash","params":[7]}"#), Kind::Chain(at(7)));
    assert_eq!(kind(r#"{"method":"getblock","params":{"height":7,"hash":""}}"#), Kind::Chain(at(7)));
    assert_eq!(kind(r#"{"method":"getblock","params":{"height":7,"hash":"ab"}}"#), Kind::Chain(WhichBlock::Told));
    assert_eq!(kind(r#"{"method":"getblockheaderbyhash","params":{"hash":"ab"}}"#), Kind::Chain(WhichBlock::Told));
}

#[test]
fn a_header_is_wanted_by_those_who_ask_for_one() {
    let wants = |body: &str| Call::of("/json_rpc", body.as_bytes()).wants_header;
    for method in ["getlastblockheader", "get_block_header_by_height", "getblockheaderbyhash"] {
        assert!(wants(&format!(r#"{{"method":"{method}"}}"#)), "{method}");
        assert!(!wants(&format!(r#"[{{"method":"{method}"}}]"#)), "{method} in a batch");
    }
    for method in ["getblock", "on_getblockhash", "getblockheadersrange", "f_block_json"] {
        assert!(!wants(&format!(r#"{{"method":"{method}"}}"#)), "{method}");
    }
}

#[test]
fn a_batch_is_as_its_most_careful_member() {
    let batch = |methods: &[&str]| {
        let members: Vec<_> = methods.iter().map(|method| format!(r#"{{"id":1,"method":"{method}"}}"#)).collect();
        kind(&format!("[{}]", members.join(",")))
    };
    assert_eq!(batch(&["getblockcount", "getinfo"]), Kind::Read);
    assert_eq!(batch(&["getblockcount", "getblockheaderbyheight"]), Kind::Chain(WhichBlock::Several));
    assert_eq!(batch(&["getblockcount", "submitblock"]), Kind::Other);
    assert_eq!(kind("[]"), Kind::Other);
}

#[test]
fn ids_are_kept_as_they_were_written() {
    let call = |body: &str| Call::of("/json_rpc", body.as_bytes()).ids;
    assert_eq!(call(r#"{"id": "x" ,"method":"a"}"#), Ids::One("\"x\"".into()));
    assert_eq!(call(r#"{"method":"a"}"#), Ids::One("null".into()));
    assert_eq!(call(r#"[{"id":1,"method":"a"},{"id":[2],"method":"b"}]"#), Ids::Batch(vec!["1".into(), "[2]".into()]));
}

#[test]
fn paths_of_wallets_and_of_information_are_known() {
    let of = |path: &str| Call::of(path, b"").kind;
    assert_eq!(of("/info"), Kind::Read);
    assert_eq!(of("/getblocks.bin"), Kind::Wallet);
    assert_eq!(of("/getwalletsyncdata"), Kind::Wallet);
    assert_eq!(of("/sendrawtransaction"), Kind::Transaction);
    assert_eq!(of("/stop_daemon"), Kind::Other);
}

#[test]
fn the_latest_request_for_a_template_is_read_once_however_often_it_comes() {
    let mut latest = LatestCall::default();
    let body =
        |wallet: &str| format!(r#"{{"id":"0","method":"getblocktemplate","params":{{"wallet_address":"{wallet}"}}}}"#);
    let first = latest.call("/json_rpc", body("a").as_bytes());
    assert_eq!(*first, Call::of("/json_rpc", body("a").as_bytes()));
    latest.call("/json_rpc", br#"{"id":1,"method":"getblockcount"}"#);
    assert!(Arc::ptr_eq(&first, &latest.call("/json_rpc", body("a").as_bytes())));
    // The same bytes are something else at another place.
    assert_eq!(latest.call("/stop_daemon", body("a").as_bytes()).kind, Kind::Other);
    // Another id, or another wallet, is another request.
    let other = body("a").replace("\"0\"", "\"1\"");
    assert_eq!(latest.call("/json_rpc", other.as_bytes()).ids, Ids::One("\"1\"".into()));
    assert!(!Arc::ptr_eq(&first, &latest.call("/json_rpc", body("a").as_bytes())));
    let long = body(&"a".repeat(LONGEST_KEPT));
    let [one, two] = [(); 2].map(|()| latest.call("/json_rpc", long.as_bytes()));
    assert!(one == two && !Arc::ptr_eq(&one, &two));
}

#[test]
fn how_much_room_a_template_has_to_have_is_what_the_pool_asks_for() {
    let wanted = |params: &str| {
        let body = format!(r#"{{"method":"getblocktemplate","params":{params}}}"#);
        Call::of("/json_rpc", body.as_bytes()).reserve_size
    };
    assert_eq!(wanted(r#"{"reserve_size":17,"wallet_address":"a"}"#), 17);
    for params in ["{}", "[]", "null", r#"{"reserve_size":-1}"#, r#"{"reserve_size":null}"#] {
        assert_eq!(wanted(params), 0, "{params}");
    }
}
