//! What encrypted connections are checked with.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::TlsConnector;

use super::provider::provider;

/// What makes connections encrypted. All daemons share it, with the one copy of the machine's certificate store.
///
/// # Errors
///
/// Where the machine has no store. It may get one later, so the next call looks again.
pub(super) fn connector() -> Result<TlsConnector, rustls::Error> {
    static SHARED: Mutex<Option<Arc<ClientConfig>>> = Mutex::new(None);
    let mut shared = SHARED.lock();
    let config = match &*shared {
        Some(config) => config.clone(),
        None => shared.insert(Arc::new(config()?)).clone(),
    };
    Ok(config.into())
}

/// Certificates are checked against the machine's own store. The provider is named here, so that whatever else the process
/// uses is left alone.
fn config() -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()));
    let mut config = builder.with_safe_default_protocol_versions()?.with_platform_verifier()?.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
