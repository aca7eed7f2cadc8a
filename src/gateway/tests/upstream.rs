use super::*;

#[test]
fn which_addresses_are_public_is_known_before_the_first_connection() {
    for (host, is_public) in [
        ("8.8.8.8", true),
        ("2001:4860::8888", true),
        ("::ffff:8.8.8.8", true),
        ("127.0.0.1", false),
        ("10.1.2.3", false),
        ("192.168.1.1", false),
        ("169.254.1.1", false),
        ("fd00::1", false),
        ("fe80::1", false),
        ("::1", false),
        ("daemon", false),
    ] {
        let upstream = Upstream::new(&Endpoint { host: host.into(), port: 1, tls: false }, None);
        assert_eq!(upstream.is_public(), is_public, "{host}");
    }
}
