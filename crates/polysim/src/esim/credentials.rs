//! Certificates and private keys in a folder.

use polysim_base::Eid;
use polysim_rsp::crypto::{Mode, Origin, PrivateKey, Verifier};
use polysim_rsp::pki::files::{FileError, read_certificate, read_private_key};
use polysim_rsp::pki::{
    Certificate, EuiccIdentity, Identity, IdentityError, LoadCrlError, Role, RootError, Trust,
};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most files that are looked into.
const FILES_MAX: usize = 1_000;
/// Longest file that is looked into.
const FILE_LEN_MAX: u64 = 65_536;
/// Folders within the folder are looked into, and no deeper.
const DEPTH_MAX: usize = 1;

/// What a folder has: certificates, known by what they say of themselves, and private keys, which
/// belong to the certificate with their public key. Names of files are of no account.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    folder: PathBuf,
    certificates: Vec<(PathBuf, Certificate)>,
    keys: Vec<PrivateKey>,
    revocations: Vec<(PathBuf, Vec<u8>)>,
}

/// What is wrong with a folder of certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Io {
        /// The folder, or a file in it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It has more files than are looked into.
    #[error("{}: more than {FILES_MAX} files", folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that should be a certificate or a private key is neither.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// Nothing in it has this role.
    #[error("{}: no certificate of the role {role} (its policies name the role)", folder.display())]
    NoCertificate {
        /// The folder.
        folder: PathBuf,
        /// The role.
        role: Role,
    },
    /// The key of a certificate is not there.
    #[error("{}: no file of {} has the private key of this certificate", path.display(), folder.display())]
    NoKey {
        /// The folder.
        folder: PathBuf,
        /// The certificate.
        path: PathBuf,
    },
    /// Several could be meant.
    #[error(
        "{}: {count} certificates of the role {role} with their keys; leave one in the folder",
        folder.display()
    )]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// The role.
        role: Role,
        /// How many.
        count: usize,
    },
    /// It has no root.
    #[error("{}: no root certificate (CERT.CI)", folder.display())]
    NoRoot {
        /// The folder.
        folder: PathBuf,
    },
    /// A root is none, or may not be used.
    #[error("{}: {source}", path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: RootError,
    },
    /// A revocation list is not taken.
    #[error("{}: {source}", path.display())]
    Revocations {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: LoadCrlError,
    },
    /// A certificate and its key may not be used.
    #[error("{}: {source}", path.display())]
    Identity {
        /// The certificate.
        path: PathBuf,
        /// Why not.
        source: IdentityError,
    },
}

impl Credentials {
    /// Reads what ends in `.pem`, `.der`, `.crt`, `.cer`, `.key` or `.crl`, in a folder and in the
    /// folders within it.
    ///
    /// # Errors
    /// [`CredentialsError`] for what cannot be read, and for a file that is neither a certificate
    /// nor a private key. Those for other curves than P-256 are passed over.
    pub fn read(folder: &Path) -> Result<Self, CredentialsError> {
        let mut files = Vec::new();
        list(folder, 0, &mut files)?;
        if files.len() > FILES_MAX {
            return Err(CredentialsError::TooMany { folder: folder.to_owned() });
        }
        files.sort();
        let mut found = Self { folder: folder.to_owned(), ..Self::default() };
        for path in files {
            found.take(path)?;
        }
        Ok(found)
    }

    fn take(&mut self, path: PathBuf) -> Result<(), CredentialsError> {
        let octets = read_file(&path)?;
        if path.extension().is_some_and(|ending| ending == "crl") {
            self.revocations.push((path, octets));
            return Ok(());
        }
        // A file may have both.
        let certificate = read_certificate(&octets);
        let key = read_private_key(&octets, Origin::Live);
        match (certificate, key) {
            (Ok(certificate), key) => {
                self.certificates.push((path, certificate));
                self.keys.extend(key.ok());
                Ok(())
            }
            (Err(_), Ok(key)) => {
                self.keys.push(key);
                Ok(())
            }
            (Err(of_certificate), Err(of_key)) => {
                // Without a block of a certificate there is a key in it, or nothing.
                let no_certificate = matches!(of_certificate, FileError::NoBlock { .. });
                let source = if no_certificate { of_key } else { of_certificate };
                if is_of_another_curve(&source) || is_public_key(&octets) {
                    return Ok(());
                }
                Err(CredentialsError::File { path, source })
            }
        }
    }

    /// Returns the roots.
    pub fn roots(&self) -> impl Iterator<Item = &Certificate> {
        self.of_role(Role::Ci).map(|(_, root)| root)
    }

    /// Returns what trusts the roots of the folder and heeds its revocation lists.
    ///
    /// # Errors
    /// [`CredentialsError`] where there is no root, or one that may not be used in `mode`.
    pub fn trust(
        &self,
        verifier: &dyn Verifier,
        mode: Mode,
        now: Option<i64>,
    ) -> Result<Trust, CredentialsError> {
        let mut trust = Trust::new();
        for (path, root) in self.of_role(Role::Ci) {
            trust
                .add_root(root.clone(), mode)
                .map_err(|source| CredentialsError::Root { path: path.to_owned(), source })?;
        }
        if trust.key_ids().next().is_none() {
            return Err(CredentialsError::NoRoot { folder: self.folder.clone() });
        }
        for (path, list) in &self.revocations {
            trust
                .load_crl(verifier, list, now)
                .map_err(|source| CredentialsError::Revocations { path: path.clone(), source })?;
        }
        Ok(trust)
    }

    /// Returns all certificates, with their files.
    pub fn certificates(&self) -> impl Iterator<Item = (&Path, &Certificate)> {
        self.certificates.iter().map(|(path, certificate)| (path.as_path(), certificate))
    }

    /// Returns the one certificate of a role whose key is there, too.
    ///
    /// # Errors
    /// [`CredentialsError`] where there is none, or several.
    pub fn identity(&self, role: Role, mode: Mode) -> Result<Identity, CredentialsError> {
        let (path, certificate, key) = self.pair(role, |_| true)?;
        Identity::new(certificate.clone(), key.clone(), mode)
            .map_err(|source| CredentialsError::Identity { path: path.to_owned(), source })
    }

    /// Returns the eUICC with this EID, or the only one there is.
    ///
    /// # Errors
    /// [`CredentialsError`] where there is none, or several.
    pub fn euicc(&self, eid: Option<&Eid>, mode: Mode) -> Result<EuiccIdentity, CredentialsError> {
        let is_it =
            |certificate: &Certificate| eid.is_none_or(|eid| certificate.eid() == Some(eid));
        let (path, certificate, key) = self.pair(Role::Euicc, is_it)?;
        let eums = self.of_role(Role::Eum).map(|(_, eum)| eum);
        let issuer = certificate.authority_key_id();
        let eum = eums
            .clone()
            .find(|eum| issuer.is_some() && eum.subject_key_id() == issuer)
            .ok_or_else(|| self.missing(Role::Eum))?;
        EuiccIdentity::new(certificate.clone(), key.clone(), eum.clone(), mode)
            .map_err(|source| CredentialsError::Identity { path: path.to_owned(), source })
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = (&Path, &Certificate)> + Clone {
        let all = self.certificates.iter();
        all.filter(move |(_, certificate)| certificate.has_role(role))
            .map(|(path, certificate)| (path.as_path(), certificate))
    }

    fn pair(
        &self,
        role: Role,
        is_it: impl Fn(&Certificate) -> bool,
    ) -> Result<(&Path, &Certificate, &PrivateKey), CredentialsError> {
        let of_role: Vec<_> = self.of_role(role).filter(|(_, found)| is_it(found)).collect();
        let mut pairs: Vec<_> = of_role
            .iter()
            .filter_map(|(path, certificate)| {
                Some((*path, *certificate, self.key_of(certificate)?))
            })
            .collect();
        // One certificate may be there in both forms.
        pairs.dedup_by(|(_, one, _), (_, other, _)| one == other);
        match (pairs.as_slice(), of_role.first()) {
            ([pair], _) => Ok(*pair),
            ([], None) => Err(self.missing(role)),
            ([], Some((path, _))) => Err(CredentialsError::NoKey {
                folder: self.folder.clone(),
                path: (*path).to_owned(),
            }),
            (several, _) => Err(CredentialsError::Ambiguous {
                folder: self.folder.clone(),
                role,
                count: several.len(),
            }),
        }
    }

    fn key_of(&self, certificate: &Certificate) -> Option<&PrivateKey> {
        self.keys.iter().find(|key| key.public() == *certificate.public_key())
    }

    fn missing(&self, role: Role) -> CredentialsError {
        CredentialsError::NoCertificate { folder: self.folder.clone(), role }
    }
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), CredentialsError> {
    let failed = |source| CredentialsError::Io { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            if depth < DEPTH_MAX {
                list(&path, depth + 1, files)?;
            }
        } else if is_named_so(&path) && files.len() <= FILES_MAX {
            files.push(path);
        }
    }
    Ok(())
}

fn is_named_so(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| matches!(ending, "pem" | "der" | "crt" | "cer" | "key" | "crl"))
}

fn read_file(path: &Path) -> Result<Vec<u8>, CredentialsError> {
    let failed = |source| CredentialsError::Io { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > FILE_LEN_MAX {
        let why = format!("{length} octets; at most {FILE_LEN_MAX} are read");
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, why)));
    }
    fs::read(path).map_err(failed)
}

/// Folders of test certificates hold those of Brainpool beside those of NIST.
fn is_of_another_curve(error: &FileError) -> bool {
    use polysim_rsp::pki::CertificateError;
    matches!(error, FileError::Curve | FileError::Certificate(CertificateError::Curve))
}

fn is_public_key(octets: &[u8]) -> bool {
    octets.starts_with(b"-----BEGIN PUBLIC KEY-----")
}
