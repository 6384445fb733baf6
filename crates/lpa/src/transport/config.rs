use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// How many octets one STORE DATA may carry.
pub const BLOCK_LEN: RangeInclusive<u8> = 6..=255;
/// What every modem lets through.
const BLOCK_LEN_DEFAULT: u8 = 120;
/// Most octets of an application identifier.
const AID_LEN_MAX: usize = 16;

/// The identifiers under which ISD-Rs are found: that of SGP.22 first, then those of removable eUICCs
/// that have their own.
pub const ISD_R: [[u8; 16]; 6] = [
    *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x00",
    *b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x30",
    *b"\xA0\x65\x73\x74\x6B\x6D\x65\xFF\xFF\x49\x53\x44\x2D\x52\x20\x31",
    *b"\xA0\x00\x00\x05\x59\x10\x10\x00\x00\x00\x00\x89\x00\x00\x03\x00",
    *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x77",
    *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x05\x05\x00",
];

/// How functions are brought to a card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransportConfig {
    block_len: u8,
    aids: Vec<Vec<u8>>,
    announce: bool,
}

/// Why a configuration cannot be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransportConfigError {
    /// The block size is out of its range.
    #[error("a block of {0} octets: from {low} to {high} are possible", low = BLOCK_LEN.start(), high = BLOCK_LEN.end())]
    BlockLen(u8),
    /// No application identifier, or one that is none.
    #[error("application identifiers have 5 to {AID_LEN_MAX} octets, and one at least is needed")]
    Aid,
}

impl Default for TransportConfig {
    fn default() -> Self {
        let aids = ISD_R.map(|aid| aid.to_vec()).to_vec();
        Self { block_len: BLOCK_LEN_DEFAULT, aids, announce: true }
    }
}

impl TransportConfig {
    /// Has each STORE DATA carry so many octets at most.
    ///
    /// # Errors
    /// [`TransportConfigError::BlockLen`] outside of [`BLOCK_LEN`].
    pub fn with_block_len(mut self, block_len: u8) -> Result<Self, TransportConfigError> {
        if !BLOCK_LEN.contains(&block_len) {
            return Err(TransportConfigError::BlockLen(block_len));
        }
        self.block_len = block_len;
        Ok(self)
    }

    /// Tries these identifiers, in their order.
    ///
    /// # Errors
    /// [`TransportConfigError::Aid`].
    pub fn with_aids(mut self, aids: Vec<Vec<u8>>) -> Result<Self, TransportConfigError> {
        if aids.is_empty() || aids.iter().any(|aid| !(5..=AID_LEN_MAX).contains(&aid.len())) {
            return Err(TransportConfigError::Aid);
        }
        self.aids = aids;
        Ok(self)
    }

    /// Leaves TERMINAL CAPABILITY to a modem that holds the card.
    #[must_use]
    pub const fn without_announcement(mut self) -> Self {
        self.announce = false;
        self
    }

    pub(super) fn block_len(&self) -> usize {
        usize::from(self.block_len)
    }

    pub(super) fn aids(&self) -> &[Vec<u8>] {
        &self.aids
    }

    pub(super) const fn announces(&self) -> bool {
        self.announce
    }
}
