//! The client.

use async_trait::async_trait;
use polysim_hal::{HTTP_BODY_MAX, Http, HttpError, HttpErrorKind, HttpRequest, HttpResponse};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::failure::kind_of;
use crate::roots::Roots;
use crate::verifier::Verifier;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(10);

/// How patient a client is.
#[derive(Debug)]
pub struct HttpOptions {
    /// With connecting, TLS included.
    pub connect: Duration,
    /// With the whole of it, from connecting to the end of the answer.
    pub whole: Duration,
    /// Who asks, where a server wants to know by TLS.
    pub identity: Option<ClientIdentity>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        let (connect, whole) = (Duration::from_secs(10), Duration::from_secs(60));
        Self { connect, whole, identity: None }
    }
}

/// A certificate with its chain, and its private key.
pub struct ClientIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientIdentity {
    /// Reads both from PEM; the own certificate is the first.
    ///
    /// # Errors
    /// [`SetupError`] where one of them is not there.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, SetupError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = certificates.ok().filter(|all| !all.is_empty());
        let key = PrivateKeyDer::from_pem_slice(key).ok();
        match (chain, key) {
            (Some(chain), Some(key)) => Ok(Self { chain, key }),
            (None, _) => Err(SetupError::Identity("the PEM of a certificate is expected")),
            (Some(_), None) => {
                Err(SetupError::Identity("the PEM of a private key is expected, not encrypted"))
            }
        }
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity")
            .field("certificates", &self.chain.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// What was given to identify by is not usable.
    #[error("no identity for TLS: {0}")]
    Identity(&'static str),
    /// The library for TLS refuses what it was given.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The library for HTTP does not start.
    #[error("HTTP cannot be set up")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A client of servers, by TLS 1.2 or 1.3 and HTTP 1.1. It lives in a runtime of tokio.
#[derive(Clone, Debug)]
pub struct HttpClient(reqwest::Client);

impl HttpClient {
    /// Returns a client that trusts servers by these roots alone.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(roots: &Roots, options: HttpOptions) -> Result<Self, SetupError> {
        let provider = Arc::new(ring::default_provider());
        let config = tls(roots, options.identity, &provider)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .connect_timeout(options.connect)
            .timeout(options.whole)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build();
        client.map(Self).map_err(|error| SetupError::Http(Box::new(error)))
    }
}

fn tls(
    roots: &Roots,
    identity: Option<ClientIdentity>,
    provider: &Arc<CryptoProvider>,
) -> Result<ClientConfig, rustls::Error> {
    let verifier = Arc::new(Verifier::new(roots, provider));
    let config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match identity {
        Some(ClientIdentity { chain, key }) => config.with_client_auth_cert(chain, key),
        None => Ok(config.with_no_client_auth()),
    }
}

#[async_trait]
impl Http for HttpClient {
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let place = request.address.to_string();
        request.check().map_err(|kind| HttpError::new(kind, &place))?;
        self.exchange(request).await.map_err(|failure| match failure {
            Failure::TooLong => {
                HttpError::new(HttpErrorKind::TooLong { limit: HTTP_BODY_MAX }, place)
            }
            Failure::Client(error) => HttpError::new(kind_of(&error), place).caused_by(error),
        })
    }
}

enum Failure {
    TooLong,
    Client(reqwest::Error),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Client(error.without_url())
    }
}

impl HttpClient {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let url = format!("{}{}", request.address, request.path);
        let mut post = self.0.post(url).body(request.body);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        let mut answer = post.send().await?;
        let status = answer.status().as_u16();
        let announced = answer.content_length().unwrap_or_default();
        if usize::try_from(announced).is_ok_and(|length| length > HTTP_BODY_MAX) {
            return Err(Failure::TooLong);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > HTTP_BODY_MAX {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, body })
    }
}
