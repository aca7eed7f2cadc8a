use super::*;

#[test]
fn a_name_has_all_the_addresses_of_its_lines() {
    let text = "# 10.0.0.1 node\n127.0.0.1\tlocalhost node  # one\n\n::1 Node\nfe80::1%eth0 node\nnode 10.0.0.2\n10.0.0.3 other#node\n";
    let addresses = ["127.0.0.1", "::1"].map(|it| it.parse::<IpAddr>().unwrap());
    assert_eq!(find(text, "node"), Some(addresses.to_vec()));
    assert_eq!(find(text, "LOCALHOST"), Some(addresses[..1].to_vec()));
    assert_eq!(find(text, "nod"), None);
    assert_eq!(find(text, ""), None);
}
