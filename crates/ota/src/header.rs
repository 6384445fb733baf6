//! The fields of a command header (TS 102.225, 5.1; TS 31.115, 4.2).

use core::fmt;

use crate::key::Algorithm;

/// Which application a packet is for: the toolkit application reference (TS 101.220, annex D).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tar(pub [u8; 3]);

impl Tar {
    /// Remote management of applications: the card manager (TS 101.220, annex D).
    pub const CARD_MANAGER: Self = Self([0x00, 0x00, 0x00]);
    /// Remote management of files, beginning at the MF of the UICC (TS 101.220, annex D).
    pub const UICC_FILES: Self = Self([0xB0, 0x00, 0x00]);
    /// Remote management of files with the first USIM selected, as cards commonly have it.
    pub const USIM_FILES: Self = Self([0xB0, 0x00, 0x11]);
}

impl fmt::Display for Tar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        polysim_base::Hex(&self.0).fmt(f)
    }
}

/// The version of a key set: the high half of `KIc` and `KID`, 1 to 15.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyVersion(u8);

impl KeyVersion {
    /// How many there are.
    pub const COUNT: usize = 15;

    /// Makes a version; `None` for 0 and above 15.
    #[must_use]
    pub const fn new(version: u8) -> Option<Self> {
        if matches!(version, 1..=15) { Some(Self(version)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    const fn nibble(self, low: u8) -> u8 {
        self.0 << 4 | low
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the low half of `KIc`, or of `KID` with a checksum, says of the algorithm
/// (TS 102.225, 5.1.2 and 5.1.3.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AlgorithmCode {
    /// The one that the key is for (`0`).
    Implicit,
    /// DES in CBC (`1`).
    SingleDes,
    /// Triple DES with two keys (`5`).
    TripleDes2,
    /// Triple DES with three keys (`9`).
    TripleDes3,
    /// AES, in CBC or as CMAC, of any key length (`2`).
    Aes,
    /// Proprietary, reserved, or DES in ECB, which is withdrawn: not for us.
    Unsupported(u8),
}

impl AlgorithmCode {
    const fn of_nibble(nibble: u8) -> Self {
        match nibble {
            0x0 => Self::Implicit,
            0x1 => Self::SingleDes,
            0x2 => Self::Aes,
            0x5 => Self::TripleDes2,
            0x9 => Self::TripleDes3,
            other => Self::Unsupported(other),
        }
    }

    const fn nibble(self) -> u8 {
        match self {
            Self::Implicit => 0x0,
            Self::SingleDes => 0x1,
            Self::Aes => 0x2,
            Self::TripleDes2 => 0x5,
            Self::TripleDes3 => 0x9,
            Self::Unsupported(nibble) => nibble & 0x0F,
        }
    }

    /// Tells whether a key for this algorithm is meant.
    #[must_use]
    pub const fn means(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Implicit => true,
            Self::SingleDes => matches!(algorithm, Algorithm::SingleDes),
            Self::TripleDes2 => matches!(algorithm, Algorithm::TripleDes2),
            Self::TripleDes3 => matches!(algorithm, Algorithm::TripleDes3),
            Self::Aes => algorithm.is_aes(),
            Self::Unsupported(_) => false,
        }
    }
}

impl From<Algorithm> for AlgorithmCode {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::SingleDes => Self::SingleDes,
            Algorithm::TripleDes2 => Self::TripleDes2,
            Algorithm::TripleDes3 => Self::TripleDes3,
            Algorithm::Aes128 | Algorithm::Aes192 | Algorithm::Aes256 => Self::Aes,
        }
    }
}

/// A redundancy check, which anybody can compute (TS 102.225, 5.1.3.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Crc {
    /// 2 bytes.
    Crc16,
    /// 4 bytes.
    Crc32,
}

/// `KIc`: which key ciphers, and how (TS 102.225, 5.1.2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Kic(pub u8);

impl Kic {
    /// Names a key.
    #[must_use]
    pub const fn new(version: KeyVersion, algorithm: AlgorithmCode) -> Self {
        Self(version.nibble(algorithm.nibble()))
    }

    /// Returns the version of the key; `None` for 0, which names none.
    #[must_use]
    pub const fn version(self) -> Option<KeyVersion> {
        KeyVersion::new(self.0 >> 4)
    }

    /// Returns the algorithm.
    #[must_use]
    pub const fn algorithm(self) -> AlgorithmCode {
        AlgorithmCode::of_nibble(self.0 & 0x0F)
    }
}

/// `KID`: which key makes the checksum, and how; or which redundancy check it is
/// (TS 102.225, 5.1.3).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Kid(pub u8);

impl Kid {
    /// Names a key.
    #[must_use]
    pub const fn new(version: KeyVersion, algorithm: AlgorithmCode) -> Self {
        Self(version.nibble(algorithm.nibble()))
    }

    /// Names a redundancy check.
    #[must_use]
    pub const fn redundancy_check(crc: Crc) -> Self {
        Self(match crc {
            Crc::Crc16 => 0x1,
            Crc::Crc32 => 0x5,
        })
    }

    /// Returns the version of the key; `None` for 0, which names none.
    #[must_use]
    pub const fn version(self) -> Option<KeyVersion> {
        KeyVersion::new(self.0 >> 4)
    }

    /// Returns the algorithm of a checksum.
    #[must_use]
    pub const fn algorithm(self) -> AlgorithmCode {
        AlgorithmCode::of_nibble(self.0 & 0x0F)
    }

    /// Returns the redundancy check: CRC-32 where it is left to agreement, `None` where it is
    /// proprietary or reserved.
    #[must_use]
    pub const fn crc(self) -> Option<Crc> {
        match self.0 & 0x0F {
            0x1 => Some(Crc::Crc16),
            0x0 | 0x5 => Some(Crc::Crc32),
            _ => None,
        }
    }
}

/// What guards a packet against change: each guards better than those before it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Integrity {
    /// Nothing.
    #[default]
    None,
    /// A redundancy check, against mistakes of the transport only.
    RedundancyCheck,
    /// A cryptographic checksum.
    Checksum,
    /// A digital signature, which no card in use makes: refused here.
    Signature,
}

impl Integrity {
    const fn of_bits(bits: u8) -> Self {
        match bits & 0b11 {
            0b00 => Self::None,
            0b01 => Self::RedundancyCheck,
            0b10 => Self::Checksum,
            _ => Self::Signature,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::None => 0b00,
            Self::RedundancyCheck => 0b01,
            Self::Checksum => 0b10,
            Self::Signature => 0b11,
        }
    }
}

/// What the receiver does with the counter (TS 102.225, 5.1.1): each mode is stricter than those
/// before it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CounterMode {
    /// It means nothing.
    #[default]
    None,
    /// It is information for the application, and not checked.
    Unchecked,
    /// It must be higher than the last one.
    Higher,
    /// It must be the last one plus one.
    Next,
}

/// Whether a proof of receipt is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ProofWanted {
    /// Never.
    #[default]
    Never,
    /// Always.
    Always,
    /// When something went wrong.
    OnError,
}

/// How a proof of receipt travels (TS 31.115, 4.2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ProofRoute {
    /// In the SMS-DELIVER-REPORT of the message that brought the command.
    #[default]
    DeliverReport,
    /// In an SMS-SUBMIT of its own.
    Submit,
}

/// The proof of receipt that is asked for: the second octet of SPI.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ProofRequest {
    /// Whether there is to be one.
    pub wanted: ProofWanted,
    /// What guards it against change.
    pub integrity: Integrity,
    /// Whether it is ciphered.
    pub ciphered: bool,
    /// How it travels.
    pub route: ProofRoute,
}

impl ProofRequest {
    /// Tells whether a key is needed to make it.
    #[must_use]
    pub const fn needs_key(self) -> bool {
        let signed = matches!(self.integrity, Integrity::Checksum | Integrity::Signature);
        !matches!(self.wanted, ProofWanted::Never) && (self.ciphered || signed)
    }
}

/// SPI: how the packet is secured, and the proof of receipt with it (TS 102.225, 5.1.1).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Spi {
    /// What guards the command against change.
    pub integrity: Integrity,
    /// Whether the command is ciphered.
    pub ciphered: bool,
    /// What is done with its counter.
    pub counter: CounterMode,
    /// The proof of receipt.
    pub proof: ProofRequest,
}

/// The two bits that ask for a proof of receipt have their reserved value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("SPI asks for a proof of receipt in a way that is reserved")]
pub struct ReservedProof;

const CIPHERED: u8 = 0x04;
const PROOF_CIPHERED: u8 = 0x10;
const PROOF_BY_SUBMIT: u8 = 0x20;

impl Spi {
    /// Checksum, ciphering and a counter that grows, with a proof of receipt of the same kind:
    /// what there is no reason to go below.
    pub const FULL: Self = Self {
        integrity: Integrity::Checksum,
        ciphered: true,
        counter: CounterMode::Higher,
        proof: ProofRequest {
            wanted: ProofWanted::Always,
            integrity: Integrity::Checksum,
            ciphered: true,
            route: ProofRoute::DeliverReport,
        },
    };

    /// Reads the two octets. Reserved bits are ignored, as the standard says.
    ///
    /// # Errors
    /// [`ReservedProof`] for the reserved value of the bits that ask for a proof.
    pub const fn parse([first, second]: [u8; 2]) -> Result<Self, ReservedProof> {
        let counter = match first >> 3 & 0b11 {
            0b00 => CounterMode::None,
            0b01 => CounterMode::Unchecked,
            0b10 => CounterMode::Higher,
            _ => CounterMode::Next,
        };
        let wanted = match second & 0b11 {
            0b00 => ProofWanted::Never,
            0b01 => ProofWanted::Always,
            0b10 => ProofWanted::OnError,
            _ => return Err(ReservedProof),
        };
        let by_submit = second & PROOF_BY_SUBMIT != 0;
        let proof = ProofRequest {
            wanted,
            integrity: Integrity::of_bits(second >> 2),
            ciphered: second & PROOF_CIPHERED != 0,
            route: if by_submit { ProofRoute::Submit } else { ProofRoute::DeliverReport },
        };
        let integrity = Integrity::of_bits(first);
        Ok(Self { integrity, ciphered: first & CIPHERED != 0, counter, proof })
    }

    /// Returns the two octets.
    #[must_use]
    pub const fn octets(self) -> [u8; 2] {
        let counter = match self.counter {
            CounterMode::None => 0b00,
            CounterMode::Unchecked => 0b01,
            CounterMode::Higher => 0b10,
            CounterMode::Next => 0b11,
        };
        let wanted = match self.proof.wanted {
            ProofWanted::Never => 0b00,
            ProofWanted::Always => 0b01,
            ProofWanted::OnError => 0b10,
        };
        let ciphered = if self.ciphered { CIPHERED } else { 0 };
        let proof_ciphered = if self.proof.ciphered { PROOF_CIPHERED } else { 0 };
        let route = match self.proof.route {
            ProofRoute::DeliverReport => 0,
            ProofRoute::Submit => PROOF_BY_SUBMIT,
        };
        [
            self.integrity.bits() | ciphered | counter << 3,
            wanted | self.proof.integrity.bits() << 2 | proof_ciphered | route,
        ]
    }
}

/// The part of a command header that travels in clear.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CommandHeader {
    /// How the packet is secured.
    pub spi: Spi,
    /// Which key ciphers.
    pub kic: Kic,
    /// Which key or redundancy check guards.
    pub kid: Kid,
    /// Which application it is for.
    pub tar: Tar,
}

/// Octets of a [`CommandHeader`].
pub(crate) const COMMAND_HEADER_LEN: usize = 7;

impl CommandHeader {
    /// Reads the octets.
    ///
    /// # Errors
    /// [`ReservedProof`] as [`Spi::parse`].
    pub const fn parse(octets: [u8; COMMAND_HEADER_LEN]) -> Result<Self, ReservedProof> {
        let [spi1, spi2, kic, kid, t1, t2, t3] = octets;
        let spi = match Spi::parse([spi1, spi2]) {
            Ok(spi) => spi,
            Err(error) => return Err(error),
        };
        Ok(Self { spi, kic: Kic(kic), kid: Kid(kid), tar: Tar([t1, t2, t3]) })
    }

    /// Returns the octets.
    #[must_use]
    pub const fn octets(&self) -> [u8; COMMAND_HEADER_LEN] {
        let [spi1, spi2] = self.spi.octets();
        let [t1, t2, t3] = self.tar.0;
        [spi1, spi2, self.kic.0, self.kid.0, t1, t2, t3]
    }
}
