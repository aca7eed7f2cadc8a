use super::*;

#[test]
fn an_ipv6_host_is_put_in_brackets() {
    let endpoint = Endpoint { host: "::1".into(), port: 443, tls: true };
    assert_eq!(endpoint.base_url(), "https://[::1]:443");
}
