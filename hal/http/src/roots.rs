//! Whom to trust.

use polysim_rsp::crypto::Mode;
use polysim_rsp::pki::{Certificate, Trust};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Longest file of roots that is read.
const FILE_LEN_MAX: usize = 1 << 20;

/// Certificates that may sign those of servers. There are no others.
#[derive(Clone, Debug)]
pub struct Roots {
    /// Those of remote SIM provisioning.
    pub(crate) rsp: Trust,
    /// All of them, for servers whose certificates are those of the web.
    pub(crate) web: RootCertStore,
}

/// Why a file gives no root.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// Longer than is read.
    #[error("a file of {len} octets; at most {FILE_LEN_MAX} are read")]
    TooLong {
        /// How long it is.
        len: usize,
    },
    /// No certificate in it.
    #[error("no certificate: PEM or DER of X.509 is expected")]
    NoCertificate,
    /// Something in it is damaged.
    #[error("a certificate cannot be read: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

impl Roots {
    /// Returns none: nobody is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self { rsp: Trust::new(), web: RootCertStore::empty() }
    }

    /// Adds the certificates of a file, PEM or DER; returns how many there were.
    ///
    /// # Errors
    /// [`RootsError`]; then none of them was added.
    pub fn add(&mut self, file: &[u8]) -> Result<usize, RootsError> {
        if file.len() > FILE_LEN_MAX {
            return Err(RootsError::TooLong { len: file.len() });
        }
        let certificates = read(file)?;
        let mut added = self.clone();
        for der in &certificates {
            added.add_one(der)?;
        }
        *self = added;
        Ok(certificates.len())
    }

    fn add_one(&mut self, der: &CertificateDer<'static>) -> Result<(), RootsError> {
        // Each of the two takes what it can use; one is enough. Which root is good enough for live
        // work, the card says: it has roots of its own, and what TLS carries is signed once more.
        let rsp = Certificate::parse(der).ok();
        let rsp = rsp.map(|root| self.rsp.add_root(root, Mode::Simulation));
        let web = self.web.add(der.clone());
        match (rsp, web) {
            (Some(Ok(_)), _) | (_, Ok(())) => Ok(()),
            (Some(Err(error)), Err(_)) => Err(RootsError::Damaged { reason: error.to_string() }),
            (None, Err(error)) => Err(RootsError::Damaged { reason: error.to_string() }),
        }
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.web.is_empty() && self.rsp.key_ids().next().is_none()
    }
}

impl Default for Roots {
    fn default() -> Self {
        Self::new()
    }
}

fn read(file: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    if file.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(file.to_vec())]);
    }
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file).collect();
    match certificates {
        Ok(none) if none.is_empty() => Err(RootsError::NoCertificate),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(RootsError::Damaged { reason: error.to_string() }),
    }
}
