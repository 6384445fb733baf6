//! Sequence numbers: SQN = SEQ || IND (TS 33.102, C.1.1.1) and the `AuC`'s generator (C.1.1.2).

/// SQN: 48 bits, the upper 43 are SEQ, the lower 5 are IND.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sqn(u64);

/// A SEQ or IND outside its range.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SqnRangeError {
    /// The whole number does not fit 48 bits.
    #[error("SQN {got:#x} does not fit 48 bits")]
    Sqn {
        /// The number given.
        got: u64,
    },
    /// SEQ does not fit 43 bits.
    #[error("SEQ {got:#x} does not fit 43 bits")]
    Seq {
        /// The number given.
        got: u64,
    },
    /// IND does not fit 5 bits.
    #[error("IND {got} does not fit 5 bits")]
    Ind {
        /// The number given.
        got: u8,
    },
}

impl Sqn {
    /// Number of bytes on the air.
    pub const LEN: usize = 6;
    /// Number of bits of IND.
    pub const IND_BITS: u32 = 5;
    /// Number of entries of the card's array, one per IND.
    pub const IND_COUNT: usize = 1 << Self::IND_BITS;
    /// Largest SEQ: 43 bits.
    pub const SEQ_MAX: u64 = (1 << 43) - 1;
    /// Largest SQN: 48 bits.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// Joins SEQ and IND.
    ///
    /// # Errors
    /// SEQ above [`Self::SEQ_MAX`], or IND above 31.
    pub const fn new(seq: u64, ind: u8) -> Result<Self, SqnRangeError> {
        if seq > Self::SEQ_MAX {
            return Err(SqnRangeError::Seq { got: seq });
        }
        if ind >> Self::IND_BITS != 0 {
            return Err(SqnRangeError::Ind { got: ind });
        }
        let ind = u64::from_be_bytes([0, 0, 0, 0, 0, 0, 0, ind]);
        Ok(Self(seq << Self::IND_BITS | ind))
    }

    /// Returns SEQ.
    #[must_use]
    pub const fn seq(self) -> u64 {
        self.0 >> Self::IND_BITS
    }

    /// Returns IND, 0 to 31.
    #[must_use]
    pub const fn ind(self) -> u8 {
        let [.., last] = self.0.to_be_bytes();
        last & 0x1F
    }

    /// Returns the 48 bits as a number.
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// Returns the 48 bits, the most significant byte first.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 6] {
        let [_, _, bytes @ ..] = self.0.to_be_bytes();
        bytes
    }
}

impl From<[u8; 6]> for Sqn {
    fn from(bytes: [u8; 6]) -> Self {
        let [a, b, c, d, e, f] = bytes;
        Self(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }
}

impl TryFrom<u64> for Sqn {
    type Error = SqnRangeError;

    fn try_from(got: u64) -> Result<Self, Self::Error> {
        if got > Self::MAX.0 { Err(SqnRangeError::Sqn { got }) } else { Ok(Self(got)) }
    }
}

impl core::str::FromStr for Sqn {
    type Err = crate::OctetsError;

    /// Reads twelve hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::octets::from_hex::<6>("Sqn", text).map(Self::from)
    }
}

impl core::fmt::Display for Sqn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

/// SEQ has reached its last value: the subscriber needs a new key (TS 33.102, C.1.2 lets no SEQ
/// wrap around).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the sequence numbers of this subscriber are used up")]
pub struct SqnExhausted;

/// The `AuC`'s sequence numbers of one subscriber: SEQ grows by one per vector, IND goes round robin
/// (TS 33.102, C.1.1.2 and C.3.4).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SqnGenerator {
    /// `SQN_HE`: the number issued last.
    last: Sqn,
}

impl SqnGenerator {
    /// Makes a generator that has issued `sqn_he` last.
    #[must_use]
    pub const fn after(sqn_he: Sqn) -> Self {
        Self { last: sqn_he }
    }

    /// Returns `SQN_HE`, the number issued last.
    #[must_use]
    pub const fn last(&self) -> Sqn {
        self.last
    }

    /// Issues the next number.
    ///
    /// # Errors
    /// SEQ has reached [`Sqn::SEQ_MAX`].
    pub fn issue(&mut self) -> Result<Sqn, SqnExhausted> {
        self.last = self.peek()?;
        Ok(self.last)
    }

    /// Takes over `SQN_MS` from a verified AUTS, unless the next number would be accepted anyway
    /// (TS 33.102, 6.3.5, steps 2 to 5). Returns whether `SQN_HE` changed.
    pub fn resynchronise(&mut self, sqn_ms: Sqn) -> bool {
        let accepted = self.peek().is_ok_and(|next| {
            next.seq()
                .checked_sub(sqn_ms.seq())
                .is_some_and(|ahead| ahead > 0 && ahead < crate::SqnArray::DELTA)
        });
        if !accepted {
            self.last = sqn_ms;
        }
        !accepted
    }

    const fn peek(&self) -> Result<Sqn, SqnExhausted> {
        match Sqn::new(self.last.seq() + 1, (self.last.ind() + 1) & 0x1F) {
            Ok(next) => Ok(next),
            Err(_) => Err(SqnExhausted),
        }
    }
}
