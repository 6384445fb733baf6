//! Fields of headers in words.

use alloc::string::String;
use core::fmt;

use crate::header::{
    AlgorithmCode, CommandHeader, CounterMode, Crc, Integrity, Kic, Kid, ProofRequest, ProofRoute,
    ProofWanted, Spi, Tar,
};

impl Tar {
    /// Returns the application that cards commonly have there, if it is a well-known one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.0 {
            [0x00, 0x00, 0x00] => Some("card manager (RAM)"),
            [0xB0, 0x00, 0x00..=0x0F] => Some("files of the card (RFM)"),
            [0xB0, 0x00, 0x10..=0x1F] => Some("files of the SIM or USIM (RFM)"),
            _ => None,
        }
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no check",
            Self::RedundancyCheck => "redundancy check (RC)",
            Self::Checksum => "checksum (CC)",
            Self::Signature => "digital signature (DS)",
        })
    }
}

impl fmt::Display for CounterMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no counter",
            Self::Unchecked => "counter not checked",
            Self::Higher => "counter must be higher",
            Self::Next => "counter must be the next",
        })
    }
}

impl fmt::Display for ProofRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.wanted {
            ProofWanted::Never => return f.write_str("no proof of receipt"),
            ProofWanted::Always => "proof of receipt",
            ProofWanted::OnError => "proof of receipt on errors",
        })?;
        f.write_str(match self.route {
            ProofRoute::DeliverReport => " by DELIVER-REPORT",
            ProofRoute::Submit => " by SUBMIT",
        })?;
        write!(f, " ({}, {})", self.integrity, ciphered(self.ciphered))
    }
}

impl fmt::Display for Spi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { integrity, ciphered: is_ciphered, counter, proof } = self;
        write!(f, "{integrity}, {}, {counter}; {proof}", ciphered(*is_ciphered))
    }
}

const fn ciphered(is_ciphered: bool) -> &'static str {
    if is_ciphered { "ciphered" } else { "not ciphered" }
}

impl fmt::Display for AlgorithmCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implicit => f.write_str("the algorithm of the key"),
            Self::SingleDes => f.write_str("DES"),
            Self::TripleDes2 => f.write_str("3DES with 2 keys"),
            Self::TripleDes3 => f.write_str("3DES with 3 keys"),
            Self::Aes => f.write_str("AES"),
            Self::Unsupported(code) => write!(f, "unsupported algorithm {code:X}"),
        }
    }
}

impl fmt::Display for Crc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crc16 => "CRC-16",
            Self::Crc32 => "CRC-32",
        })
    }
}

impl fmt::Display for Kic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        key(f, self.0, self.algorithm())
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        key(f, self.0, self.algorithm())
    }
}

fn key(f: &mut fmt::Formatter<'_>, octet: u8, algorithm: AlgorithmCode) -> fmt::Result {
    match octet >> 4 {
        0 => write!(f, "no key set, {algorithm}"),
        version => write!(f, "key set {version}, {algorithm}"),
    }
}

/// What `KIc` means beside this header.
pub(super) fn kic(header: &CommandHeader) -> String {
    let spi = &header.spi;
    let is_used = spi.ciphered || spi.proof.wanted != ProofWanted::Never && spi.proof.ciphered;
    with_use(&header.kic, is_used)
}

/// What `KID` means beside this header.
pub(super) fn kid(header: &CommandHeader) -> String {
    let signs_proof = header.spi.proof.needs_key()
        && matches!(header.spi.proof.integrity, Integrity::Checksum | Integrity::Signature);
    match header.spi.integrity {
        Integrity::RedundancyCheck => match header.kid.crc() {
            Some(crc) => alloc::format!("{crc}"),
            None => String::from("a redundancy check that is proprietary or reserved"),
        },
        Integrity::Checksum | Integrity::Signature => with_use(&header.kid, true),
        Integrity::None => with_use(&header.kid, signs_proof),
    }
}

fn with_use(key: &impl fmt::Display, is_used: bool) -> String {
    if is_used { alloc::format!("{key}") } else { alloc::format!("not used ({key})") }
}
