//! Judges the certificate of a server.

use polysim_hal::Distrust;
use polysim_rsp::crypto::KeyId;
use polysim_rsp::pki::{Certificate, ChainError, Role, Trust};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use std::sync::Arc;

use crate::live::Ring;
use crate::roots::Roots;

/// Why a certificate by the rules of SGP.22 is not trusted, on its way through `rustls`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotTrusted(pub(crate) Distrust);

#[derive(Debug)]
pub(crate) struct Verifier {
    rsp: Trust,
    /// `None` where no root is one for the web.
    web: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(crate) fn new(roots: &Roots, provider: &Arc<CryptoProvider>) -> Self {
        let store = Arc::new(roots.web.clone());
        let web = WebPkiServerVerifier::builder_with_provider(store, Arc::clone(provider));
        Self {
            rsp: roots.rsp.clone(),
            web: web.build().ok(),
            algorithms: provider.signature_verification_algorithms,
        }
    }

    fn web(&self) -> Result<&WebPkiServerVerifier, Error> {
        self.web.as_deref().ok_or_else(|| distrust(Distrust::UnknownIssuer))
    }

    fn judge(
        &self,
        certificate: &Certificate,
        role: Role,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Distrust> {
        let issuer: KeyId = certificate.authority_key_id().ok_or(Distrust::UnknownIssuer)?;
        let now = i64::try_from(now.as_secs()).ok();
        self.rsp.verify_server(&Ring, certificate, role, &issuer, now).map_err(in_words)?;
        if names(certificate, name) { Ok(()) } else { Err(Distrust::WrongName) }
    }

    /// Checks a signature of the handshake with the key of a certificate that the library for the
    /// web does not read.
    fn check_signature(
        &self,
        certificate: &Certificate,
        message: &[u8],
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = certificate.public_key().as_bytes();
        let of_scheme =
            self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let holds = of_scheme
            .flat_map(|(_, algorithms)| algorithms.iter())
            .any(|algorithm| algorithm.verify_signature(key, message, signed.signature()).is_ok());
        if holds {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(distrust(Distrust::BadSignature))
        }
    }
}

/// Reads a certificate that says of itself that it is for TLS of a server of remote SIM
/// provisioning.
fn rsp_server(der: &CertificateDer<'_>) -> Option<(Certificate, Role)> {
    let certificate = Certificate::parse(der).ok()?;
    let first = certificate.roles().iter().next()?;
    // What has another role still is no certificate of the web: it is refused for its role.
    let role = if first == Role::DsTls { Role::DsTls } else { Role::DpTls };
    Some((certificate, role))
}

/// Returns whether it is the certificate of `server`. The library for the web judges names, where it
/// can read the certificate; else there is the host name to compare, which has no asterisks then
/// (SGP.22, 4.5.2.1).
fn names(certificate: &Certificate, server: &ServerName<'_>) -> bool {
    let der = CertificateDer::from(certificate.der());
    if let Ok(parsed) = ParsedCertificate::try_from(&der) {
        return verify_server_name(&parsed, server).is_ok();
    }
    let ServerName::DnsName(name) = server else { return false };
    certificate.dns_names().any(|own| own.eq_ignore_ascii_case(name.as_ref()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else is wrong, it is for something else"
)]
const fn in_words(error: ChainError) -> Distrust {
    match error {
        ChainError::UnknownRoot { .. } | ChainError::WrongIssuer(_) => Distrust::UnknownIssuer,
        ChainError::BadSignature(_) => Distrust::BadSignature,
        ChainError::Expired(_) => Distrust::Expired,
        ChainError::NotYetValid(_) => Distrust::NotYetValid,
        ChainError::Revoked(_) => Distrust::Revoked,
        _ => Distrust::WrongPurpose,
    }
}

fn distrust(why: Distrust) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(NotTrusted(why)))))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match rsp_server(end_entity) {
            Some((certificate, role)) => self
                .judge(&certificate, role, server_name, now)
                .map(|()| ServerCertVerified::assertion())
                .map_err(distrust),
            None => self.web()?.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match rsp_server(cert) {
            Some((certificate, _)) => self.check_signature(&certificate, message, dss),
            None => self.web()?.verify_tls12_signature(message, cert, dss),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match rsp_server(cert) {
            Some((certificate, _)) => self.check_signature(&certificate, message, dss),
            None => self.web()?.verify_tls13_signature(message, cert, dss),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
