use rustls::{SupportedCipherSuite, crypto::ring::default_provider, pki_types::SignatureVerificationAlgorithm};

use super::provider;

#[test]
fn ciphers_and_key_exchanges_are_those_of_rustls_less_chacha20() {
    let (ours, theirs) = (provider(), default_provider());
    let names = |suites: &[SupportedCipherSuite]| -> Vec<String> {
        let names = suites.iter().map(|suite| format!("{:?}", suite.suite()));
        names.filter(|name| !name.contains("CHACHA20")).collect()
    };
    assert_eq!(names(&ours.cipher_suites), names(&theirs.cipher_suites));
    assert_eq!(ours.cipher_suites.len(), names(&ours.cipher_suites).len());
    let groups =
        |provider: &super::CryptoProvider| provider.kx_groups.iter().map(|group| group.name()).collect::<Vec<_>>();
    assert_eq!(groups(&ours), groups(&theirs));
}

#[test]
fn signatures_are_checked_as_rustls_checks_them() {
    let (ours, theirs) =
        (provider().signature_verification_algorithms, default_provider().signature_verification_algorithms);
    let words = |algorithms: &[&dyn SignatureVerificationAlgorithm]| {
        let word = |it: &&dyn SignatureVerificationAlgorithm| (it.public_key_alg_id(), it.signature_alg_id());
        algorithms.iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(words(ours.all), words(theirs.all));
    let schemes = |(scheme, algorithms): &(super::SignatureScheme, &[&dyn SignatureVerificationAlgorithm])| {
        (*scheme, words(algorithms))
    };
    assert_eq!(
        ours.mapping.iter().map(schemes).collect::<Vec<_>>(),
        theirs.mapping.iter().map(schemes).collect::<Vec<_>>()
    );
}

#[test]
fn random_numbers_are_no_zeros() {
    let mut bytes = [0; 32];
    provider().secure_random.fill(&mut bytes).unwrap();
    assert_ne!(bytes, [0; 32]);
}
