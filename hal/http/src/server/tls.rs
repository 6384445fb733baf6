//! Who a server is.

use polysim_rsp::pki::{Identity, files};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::fmt;
use std::sync::Arc;

/// A server's certificate and key for TLS.
#[derive(Clone)]
pub struct ServerIdentity {
    pub(super) config: Arc<ServerConfig>,
}

/// Why TLS cannot be served so.
#[derive(Clone, Debug, thiserror::Error)]
#[error("TLS cannot be served with this certificate and key")]
pub struct ServerIdentityError(#[source] rustls::Error);

impl ServerIdentity {
    /// Takes a certificate and its key.
    ///
    /// # Errors
    /// Where the library for TLS does not take them.
    pub fn new(identity: &Identity) -> Result<Self, ServerIdentityError> {
        Self::configure(identity).map_err(ServerIdentityError)
    }

    fn configure(identity: &Identity) -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let pem = files::private_key_pem(&identity.key);
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let key = provider.key_provider.load_private_key(key)?;
        let chain = vec![CertificateDer::from(identity.certificate.der().to_vec())];
        // An `Identity` is a pair that fits. The library does not read certificates with critical
        // policies, so that it could not check that.
        let own = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(own));
        Ok(Self { config: Arc::new(config) })
    }
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity").finish_non_exhaustive()
    }
}
