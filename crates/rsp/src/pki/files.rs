//! Certificates and private keys as files hold them: PEM or DER. Pure text; nothing here opens a
//! file.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::certificate::{Certificate, CertificateError, EC_PUBLIC_KEY, PRIME256V1};
use super::der::{
    BIT_STRING, DerError, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, tlv,
};
use crate::crypto::{KeyError, Origin, PrivateKey};

/// Longest file that is read.
const FILE_LEN_MAX: usize = 65_536;

/// Why a file gives no certificate or key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Longer than is read.
    #[error("the file has {len} octets; at most {FILE_LEN_MAX} are read")]
    TooLong {
        /// How long it is.
        len: usize,
    },
    /// A PEM file without what is looked for.
    #[error("the file holds no PEM block {label}")]
    NoBlock {
        /// What stands behind BEGIN.
        label: &'static str,
    },
    /// A PEM block without its end, or with other characters than base64.
    #[error("a PEM block of the file is damaged")]
    Pem,
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// No private key of SEC 1 or PKCS #8.
    #[error("no private key of SEC 1 or PKCS #8: {0}")]
    Der(#[from] DerError),
    /// A key of another kind or curve.
    #[error("the private key is not of the curve P-256")]
    Curve,
    /// The number is out of range.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key is encrypted.
    #[error("the private key is encrypted; decrypt it first, for example with `openssl pkey`")]
    Encrypted,
}

const CERTIFICATE: &str = "CERTIFICATE";
const PKCS8: &str = "PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Reads a certificate from a PEM or DER file; of several in PEM, the first.
///
/// # Errors
/// [`FileError`].
pub fn read_certificate(file: &[u8]) -> Result<Certificate, FileError> {
    let der = match pem(file)? {
        None => Cow::Borrowed(file),
        Some(text) => {
            let block =
                block(text, CERTIFICATE).ok_or(FileError::NoBlock { label: CERTIFICATE })?;
            Cow::Owned(base64::decode(block).ok_or(FileError::Pem)?)
        }
    };
    Ok(Certificate::parse(&der)?)
}

/// Reads a private key of SEC 1 or PKCS #8 from a PEM or DER file.
///
/// # Errors
/// [`FileError`].
pub fn read_private_key(file: &[u8], origin: Origin) -> Result<PrivateKey, FileError> {
    let der = match pem(file)? {
        None => Zeroizing::new(file.to_vec()),
        Some(text)
            if block(text, ENCRYPTED).is_some() || text.contains("Proc-Type: 4,ENCRYPTED") =>
        {
            return Err(FileError::Encrypted);
        }
        Some(text) => {
            let block = block(text, PKCS8).or_else(|| block(text, SEC1));
            let block = block.ok_or(FileError::NoBlock { label: PKCS8 })?;
            Zeroizing::new(base64::decode(block).ok_or(FileError::Pem)?)
        }
    };
    let scalar = match read_sec1(&der) {
        Err(FileError::Der(_)) => read_pkcs8(&der)?,
        other => other?,
    };
    Ok(PrivateKey::from_bytes(scalar, origin)?)
}

/// Writes a certificate as PEM.
#[must_use]
pub fn certificate_pem(certificate: &Certificate) -> String {
    write_pem(CERTIFICATE, certificate.der())
}

/// Writes a private key as PEM of PKCS #8. The file must be readable by its owner only.
#[must_use]
pub fn private_key_pem(key: &PrivateKey) -> Zeroizing<String> {
    let public = tlv(0xA1, &[&tlv(BIT_STRING, &[&[0], key.public().as_bytes()])]);
    let scalar = Zeroizing::new(tlv(OCTET_STRING, &[&*key.to_bytes()]));
    let inner = Zeroizing::new(tlv(SEQUENCE, &[&[INTEGER_TAG, 1, 1], &scalar, &public]));
    let curve = [tlv(OBJECT_IDENTIFIER, &[&EC_PUBLIC_KEY]), tlv(OBJECT_IDENTIFIER, &[&PRIME256V1])];
    let algorithm = tlv(SEQUENCE, &[&curve.concat()]);
    let octets = Zeroizing::new(tlv(OCTET_STRING, &[&inner]));
    let der = Zeroizing::new(tlv(SEQUENCE, &[&[INTEGER_TAG, 1, 0], &algorithm, &octets]));
    Zeroizing::new(write_pem(PKCS8, &der))
}

const INTEGER_TAG: u8 = 2;

fn read_pkcs8(der: &[u8]) -> Result<&[u8], FileError> {
    let mut outer = Reader::only(der, SEQUENCE)?;
    outer.value(INTEGER)?;
    let mut algorithm = outer.enter(SEQUENCE)?;
    let kind = algorithm.value(OBJECT_IDENTIFIER)?;
    let inner = outer.value(OCTET_STRING)?;
    if *kind != EC_PUBLIC_KEY || algorithm.optional(OBJECT_IDENTIFIER)? != Some(&PRIME256V1) {
        return Err(FileError::Curve);
    }
    read_sec1(inner)
}

fn read_sec1(der: &[u8]) -> Result<&[u8], FileError> {
    let mut inner = Reader::only(der, SEQUENCE)?;
    if inner.value(INTEGER)? != [1] {
        return Err(inner.error().into());
    }
    let scalar = inner.value(OCTET_STRING)?;
    match inner.optional(0xA0)? {
        Some(curve) if Reader::new(curve).value(OBJECT_IDENTIFIER)? != PRIME256V1 => {
            Err(FileError::Curve)
        }
        _ => Ok(scalar),
    }
}

/// Returns the file as text where it is PEM.
fn pem(file: &[u8]) -> Result<Option<&str>, FileError> {
    if file.len() > FILE_LEN_MAX {
        return Err(FileError::TooLong { len: file.len() });
    }
    Ok(core::str::from_utf8(file).ok().filter(|text| text.contains("-----BEGIN ")))
}

/// Returns what stands in the first block with a label. Text around blocks is allowed: programs
/// write the parameters of a key or a description of a certificate there.
fn block<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let (_, behind) = rest.split_once("-----BEGIN ")?;
        let (found, behind) = behind.split_once("-----")?;
        let (body, behind) = behind.split_once("-----END ")?;
        if found == label {
            return Some(body);
        }
        rest = behind;
    }
}

fn write_pem(label: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(base64::encode(der));
    let mut out = String::with_capacity(text.len() * 2 + 80);
    out.extend(["-----BEGIN ", label, "-----\n"]);
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|c| char::from(*c)));
        out.push('\n');
    }
    out.extend(["-----END ", label, "-----\n"]);
    out
}

/// Base64 of RFC 4648, section 4.
mod base64 {
    use super::{String, Vec};

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pub(super) fn encode(octets: &[u8]) -> String {
        let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
        for chunk in octets.chunks(3) {
            let group = (0..3).fold(0_usize, |group, at| {
                group << 8 | chunk.get(at).map_or(0, |octet| usize::from(*octet))
            });
            for at in 0..4 {
                let digit = ALPHABET.get(group >> (18 - 6 * at) & 0x3F);
                out.push(if at > chunk.len() {
                    '='
                } else {
                    digit.map_or('=', |c| char::from(*c))
                });
            }
        }
        out
    }

    pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len() / 4 * 3);
        let mut digits = text.bytes().filter(|c| !c.is_ascii_whitespace());
        let (mut group, mut count) = (0_u32, 0_u32);
        for c in digits.by_ref().take_while(|c| *c != b'=') {
            let value = ALPHABET.iter().position(|digit| *digit == c)?;
            group = group << 6 | u32::try_from(value).ok()?;
            count += 1;
            if count.is_multiple_of(4) {
                out.extend(group.to_be_bytes().into_iter().skip(1));
                group = 0;
            }
        }
        match count % 4 {
            0 => {}
            2 => out.extend(u8::try_from(group >> 4 & 0xFF).ok()),
            3 => out.extend((group >> 2).to_be_bytes().into_iter().skip(2)),
            _ => return None,
        }
        digits.all(|c| c == b'=').then_some(out)
    }
}
