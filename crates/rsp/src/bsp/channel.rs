//! One direction of `SCP03t`: segments are ciphered, and every check is chained to the one before.

use alloc::vec::Vec;
use core::fmt;

use aes::Aes128;
use cbc::cipher::array::Array;
use cbc::cipher::{
    Block, BlockCipherEncrypt as _, BlockModeDecrypt as _, BlockModeEncrypt as _, InnerIvInit as _,
    KeyInit as _,
};
use cmac::{Cmac, Mac as _};
use polysim_base::tlv::put_ber;
use subtle::ConstantTimeEq as _;

use super::{SEGMENT_LEN_MAX, SEGMENT_RECEIVED_MAX, SessionKeys};
use crate::pki::Reader;

const BLOCK: usize = 16;
/// Octets of a check that travel.
const CHECK: usize = 8;
/// Octets of tag and length of the longest segment.
const HEADER: usize = 4;
/// Most octets in a segment with a check alone, and, less one for the padding, in a ciphered one:
/// it is a multiple of a block.
const CONTENT_MAX: usize = SEGMENT_LEN_MAX - HEADER - CHECK;

/// Why a segment was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SegmentError {
    /// Its tag, its length or its padding is not as it should be.
    #[error("the structure of a segment is broken")]
    Structure,
    /// Its check does not hold.
    #[error("the check of a segment does not hold")]
    Security,
}

/// The state of a secured channel: keys, counter of segments, and the last check.
///
/// Sender and receiver each have one, and must see the same segments in the same order.
pub struct Channel {
    enc: Aes128,
    mac: Cmac<Aes128>,
    chaining: [u8; BLOCK],
    counter: u128,
}

impl Channel {
    /// Opens a channel.
    #[must_use]
    pub fn new(keys: &SessionKeys) -> Self {
        Self {
            enc: Aes128::new(&keys.enc.into()),
            mac: Cmac::new(&keys.mac.into()),
            chaining: keys.chaining,
            counter: 0,
        }
    }

    /// Ciphers `plain` into as many segments as it takes.
    pub fn encrypt(&mut self, tag: u8, plain: &[u8], out: &mut Vec<u8>) {
        for part in plain.chunks(CONTENT_MAX - 1) {
            let mut content = Vec::with_capacity(CONTENT_MAX + CHECK);
            content.extend_from_slice(part);
            content.push(0x80);
            content.resize(content.len().next_multiple_of(BLOCK), 0);
            let icv = self.next_icv();
            let (blocks, _) = Block::<Aes128>::slice_as_chunks_mut(&mut content);
            cbc::Encryptor::inner_iv_init(self.enc.clone(), &icv).encrypt_blocks(blocks);
            self.finish(tag, content, out);
        }
    }

    /// Puts `plain` into as many segments as it takes, with a check alone.
    pub fn authenticate(&mut self, tag: u8, plain: &[u8], out: &mut Vec<u8>) {
        for part in plain.chunks(CONTENT_MAX) {
            // The counter counts every segment, ciphered or not.
            self.counter += 1;
            self.finish(tag, part.to_vec(), out);
        }
    }

    /// Checks and deciphers one segment: a whole TLV.
    ///
    /// # Errors
    /// [`SegmentError`]; the channel is of no use then.
    pub fn decrypt(&mut self, tag: u8, segment: &[u8]) -> Result<Vec<u8>, SegmentError> {
        let content = self.check(tag, segment)?;
        if content.is_empty() || !content.len().is_multiple_of(BLOCK) {
            return Err(SegmentError::Structure);
        }
        let mut plain = content.to_vec();
        let icv = self.next_icv();
        let (blocks, _) = Block::<Aes128>::slice_as_chunks_mut(&mut plain);
        cbc::Decryptor::inner_iv_init(self.enc.clone(), &icv).decrypt_blocks(blocks);
        let end = plain.iter().rposition(|octet| *octet != 0).ok_or(SegmentError::Structure)?;
        if plain.get(end) != Some(&0x80) || plain.len() - end > BLOCK {
            return Err(SegmentError::Structure);
        }
        plain.truncate(end);
        Ok(plain)
    }

    /// Checks one segment that is not ciphered: a whole TLV.
    ///
    /// # Errors
    /// [`SegmentError`]; the channel is of no use then.
    pub fn verify<'a>(&mut self, tag: u8, segment: &'a [u8]) -> Result<&'a [u8], SegmentError> {
        let content = self.check(tag, segment)?;
        self.counter += 1;
        Ok(content)
    }

    /// Encrypts the counter of segments: the first vector of the next ciphered one.
    fn next_icv(&mut self) -> Array<u8, cbc::cipher::consts::U16> {
        self.counter += 1;
        let mut icv = self.counter.to_be_bytes().into();
        self.enc.encrypt_block(&mut icv);
        icv
    }

    fn finish(&mut self, tag: u8, mut content: Vec<u8>, out: &mut Vec<u8>) {
        // Tag and length are checked as they travel: the length counts the check itself.
        let body = content.len();
        content.extend_from_slice(&[0; CHECK]);
        let start = out.len();
        put_ber(out, u32::from(tag), &content);
        let end = out.len() - CHECK;
        debug_assert!(out.len() - start <= SEGMENT_LEN_MAX, "a segment of {body} octets");
        let check = self.chain(out.get(start..end).unwrap_or_default());
        out.truncate(end);
        out.extend_from_slice(&check);
    }

    fn check<'a>(&mut self, tag: u8, segment: &'a [u8]) -> Result<&'a [u8], SegmentError> {
        let mut reader = Reader::new(segment);
        let value = reader.value(u32::from(tag)).map_err(|_| SegmentError::Structure)?;
        let sound = reader.is_empty() && segment.len() <= SEGMENT_RECEIVED_MAX;
        let (covered, check) =
            segment.split_last_chunk::<CHECK>().filter(|_| sound).ok_or(SegmentError::Structure)?;
        let (content, _) = value.split_last_chunk::<CHECK>().ok_or(SegmentError::Structure)?;
        if bool::from(self.chain(covered).ct_eq(check)) {
            Ok(content)
        } else {
            Err(SegmentError::Security)
        }
    }

    /// Chains the next check, and returns what of it travels.
    fn chain(&mut self, covered: &[u8]) -> [u8; CHECK] {
        let mut mac = self.mac.clone();
        mac.update(&self.chaining);
        mac.update(covered);
        self.chaining = mac.finalize().into_bytes().into();
        self.chaining.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel(segment {})", self.counter)
    }
}
