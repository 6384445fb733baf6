//! What an error of the client means.

use polysim_hal::{Distrust, HttpErrorKind};
use rustls::{CertificateError, Error as TlsError};
use std::error::Error;
use std::io;

use crate::verifier::NotTrusted;

/// Returns what an error means that came of a request.
pub(crate) fn kind_of(error: &reqwest::Error) -> HttpErrorKind {
    if error.is_timeout() {
        return HttpErrorKind::Timeout;
    }
    if let Some(tls) = find_tls(error) {
        return of_tls(tls);
    }
    if error.is_connect() {
        HttpErrorKind::Unreachable
    } else if error.is_builder() {
        HttpErrorKind::BadRequest
    } else {
        HttpErrorKind::Garbled
    }
}

/// Looks for an error of TLS among the causes. One that went through an [`io::Error`] is within it:
/// the cause of that is the cause of what is within.
fn find_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match within {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list grows")]
fn of_tls(error: &TlsError) -> HttpErrorKind {
    match error {
        TlsError::InvalidCertificate(why) => HttpErrorKind::Untrusted(of_certificate(why)),
        TlsError::NoCertificatesPresented => HttpErrorKind::Untrusted(Distrust::Malformed),
        TlsError::AlertReceived(_) | TlsError::PeerIncompatible(_) => HttpErrorKind::TlsRefused,
        _ => HttpErrorKind::Garbled,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list grows")]
fn of_certificate(error: &CertificateError) -> Distrust {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => Distrust::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => Distrust::NotYetValid,
        E::NotValidForName | E::NotValidForNameContext { .. } => Distrust::WrongName,
        E::UnknownIssuer => Distrust::UnknownIssuer,
        E::Revoked => Distrust::Revoked,
        E::BadSignature => Distrust::BadSignature,
        E::InvalidPurpose | E::InvalidPurposeContext { .. } | E::UnhandledCriticalExtension => {
            Distrust::WrongPurpose
        }
        E::Other(other) => {
            other.0.downcast_ref().map_or(Distrust::Malformed, |NotTrusted(why)| *why)
        }
        _ => Distrust::Malformed,
    }
}
