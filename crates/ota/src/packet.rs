//! What command and response packets have in common: lengths, padding, check, ciphering
//! (TS 102.225, 5.1 and 5.2; TS 31.115, 4.2 and 4.3).
//!
//! ```text
//! length(2) header length(1) fixed | lead check data padding
//! ```
//! From `lead` on the packet is ciphered. `lead` begins with CNTR and PCNTR.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::cipher;
use crate::counter::COUNTER_LEN;
use crate::protection::Protection;

/// The most octets of a packet: its length field has two, and counts what is behind it.
pub const PACKET_LEN_MAX: usize = 65_537;
/// Octets of the two length fields.
const LENGTHS: usize = 3;

/// Why data cannot be put into a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a packet of {len} octets, the limit is {limit}; send less data")]
pub struct PacketTooLong {
    /// Octets it would have.
    pub len: usize,
    /// [`PACKET_LEN_MAX`].
    pub limit: usize,
}

/// Why octets are no packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// Fewer octets than the fields that every packet has.
    #[error("{len} octets of packet, {min} are needed")]
    Short {
        /// Octets there are.
        len: usize,
        /// Octets needed.
        min: usize,
    },
    /// The packet length does not agree with the number of octets.
    #[error("the packet length says {stated} octets, {found} follow")]
    Length {
        /// What CPL or RPL says.
        stated: usize,
        /// Octets behind it.
        found: usize,
    },
    /// The header length is shorter than the header's fields, or longer than the packet.
    #[error("a header of {stated} octets, possible are {min} to {max}")]
    HeaderLength {
        /// What CHL or RHL says.
        stated: usize,
        /// Octets of the fields that every header has.
        min: usize,
        /// Octets there are.
        max: usize,
    },
    /// Bits of the header have a reserved value.
    #[error(transparent)]
    Reserved(#[from] crate::header::ReservedProof),
}

/// Why a packet cannot be opened with this protection.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The check has another length than the one agreed on.
    #[error("a check of {found} octets, {expected} are agreed on")]
    CheckLength {
        /// Octets of it.
        found: usize,
        /// Octets agreed on.
        expected: usize,
    },
    /// The ciphered part is not made of whole blocks.
    #[error("{len} ciphered octets do not make whole blocks of {block}")]
    Blocks {
        /// Octets ciphered.
        len: usize,
        /// Octets of a block.
        block: usize,
    },
    /// The check does not hold, or what was deciphered makes no sense: another key, or a change on
    /// the way. The two are not told apart, so that nobody learns about plain text by trying.
    #[error("the check does not hold: another key, or the packet was changed")]
    Check,
}

/// A packet whose lengths were checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a, const FIXED: usize, const LEAD: usize> {
    bytes: &'a [u8],
    pub(crate) fixed: [u8; FIXED],
    body: &'a [u8],
    /// Octets of the check.
    check_len: usize,
}

/// What was in a packet.
pub(crate) struct Content<const LEAD: usize> {
    pub(crate) lead: [u8; LEAD],
    pub(crate) data: Zeroizing<Vec<u8>>,
}

impl<'a, const FIXED: usize, const LEAD: usize> View<'a, FIXED, LEAD> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let short = PacketError::Short { len: bytes.len(), min: LENGTHS + FIXED + LEAD };
        let (&[high, low, header_len], rest) = bytes.split_first_chunk::<LENGTHS>().ok_or(short)?;
        let stated = usize::from(u16::from_be_bytes([high, low]));
        let found = bytes.len().saturating_sub(2);
        if stated != found {
            return Err(PacketError::Length { stated, found });
        }
        let (&fixed, body) = rest.split_first_chunk::<FIXED>().ok_or(short)?;
        if body.len() < LEAD {
            return Err(short);
        }
        let (stated, min, max) = (usize::from(header_len), FIXED + LEAD, rest.len());
        let check_len = stated.checked_sub(min).filter(|_| stated <= max);
        let check_len = check_len.ok_or(PacketError::HeaderLength { stated, min, max })?;
        Ok(Self { bytes, fixed, body, check_len })
    }

    pub(crate) const fn check_len(&self) -> usize {
        self.check_len
    }

    /// The first octets of the body as they stand: clear only in a packet that is not ciphered.
    pub(crate) fn clear_lead(&self) -> [u8; LEAD] {
        self.body.first_chunk().copied().unwrap_or([0; LEAD])
    }

    /// All octets, and those behind the clear part of the header.
    pub(crate) const fn outline(&self) -> (&'a [u8], &'a [u8]) {
        (self.bytes, self.body)
    }

    /// The body, deciphered if the protection ciphers and the blocks are whole.
    pub(crate) fn deciphered(&self, protection: &Protection<'_>) -> Zeroizing<Vec<u8>> {
        let mut body = Zeroizing::new(self.body.to_vec());
        if let Some(key) = protection.cipher() {
            cipher::decrypt(key, &mut body);
        }
        body
    }

    /// Deciphers and checks; `outside` are octets that the check covers beside the packet.
    pub(crate) fn open(
        &self,
        outside: &[u8],
        protection: &Protection<'_>,
    ) -> Result<Content<LEAD>, OpenError> {
        let (found, expected) = (self.check_len, protection.guard_len());
        if found != expected {
            return Err(OpenError::CheckLength { found, expected });
        }
        let len = self.body.len();
        if let Some(block) = protection.cipher().map(|key| key.algorithm().block_len())
            && !len.is_multiple_of(block)
        {
            return Err(OpenError::Blocks { len, block });
        }
        let body = self.deciphered(protection);
        let (&lead, rest) = body.split_first_chunk::<LEAD>().ok_or(OpenError::Check)?;
        let (check, padded) = rest.split_at_checked(self.check_len).ok_or(OpenError::Check)?;
        let head = self.bytes.get(..LENGTHS + FIXED).unwrap_or(&[]);
        let holds = protection.holds(&covered(outside, head, &lead, padded), check);
        let padding = usize::from(lead.get(COUNTER_LEN).copied().unwrap_or(0));
        let block = protection.cipher().map_or(1, |key| key.algorithm().block_len());
        let data = padded.len().checked_sub(padding).and_then(|len| padded.get(..len));
        match data {
            Some(data) if holds && padding < block => {
                Ok(Content { lead, data: Zeroizing::new(data.to_vec()) })
            }
            Some(_) | None => Err(OpenError::Check),
        }
    }
}

/// Makes a packet; the PCNTR of `lead` is filled in.
pub(crate) fn seal<const LEAD: usize>(
    outside: &[u8],
    fixed: &[u8],
    mut lead: [u8; LEAD],
    data: &[u8],
    protection: &Protection<'_>,
) -> Result<Vec<u8>, PacketTooLong> {
    let check_len = protection.guard_len();
    let body = LEAD.saturating_add(check_len).saturating_add(data.len());
    let padding = protection.padding(body);
    let len = [LENGTHS, fixed.len(), body, padding].into_iter().fold(0, usize::saturating_add);
    let too_long = PacketTooLong { len, limit: PACKET_LEN_MAX };
    let [high, low] = u16::try_from(len.saturating_sub(2)).map_err(|_| too_long)?.to_be_bytes();
    let header_len = u8::try_from(fixed.len() + LEAD + check_len).map_err(|_| too_long)?;
    if let Some(octet) = lead.get_mut(COUNTER_LEN) {
        *octet = u8::try_from(padding).map_err(|_| too_long)?;
    }
    let mut packet = Vec::with_capacity(len);
    packet.extend_from_slice(&[high, low, header_len]);
    packet.extend_from_slice(fixed);
    let mut padded = Zeroizing::new(Vec::with_capacity(data.len() + padding));
    padded.extend_from_slice(data);
    padded.resize(data.len() + padding, 0);
    let check = protection.guard(&covered(outside, &packet, &lead, &padded));
    packet.extend_from_slice(&lead);
    packet.extend_from_slice(check.get(..check_len).unwrap_or(&check));
    packet.extend_from_slice(&padded);
    if let (Some(key), Some(body)) = (protection.cipher(), packet.get_mut(LENGTHS + fixed.len()..))
    {
        cipher::encrypt(key, body);
    }
    Ok(packet)
}

/// What the check covers: all of the packet but itself, padding included.
fn covered(outside: &[u8], head: &[u8], lead: &[u8], padded: &[u8]) -> Zeroizing<Vec<u8>> {
    let len = outside.len() + head.len() + lead.len() + padded.len();
    let mut all = Zeroizing::new(Vec::with_capacity(len));
    for part in [outside, head, lead, padded] {
        all.extend_from_slice(part);
    }
    all
}
