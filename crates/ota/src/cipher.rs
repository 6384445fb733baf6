//! CBC, checksums and redundancy checks over bytes (TS 102.225, 5.1.2, 5.1.3 and annex B).

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::array::Array;
use cbc::cipher::{
    Block, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt as _, BlockModeEncrypt as _,
    InnerIvInit as _, KeyInit as _,
};
use cmac::Cmac;
use des::{Des, TdesEde2, TdesEde3};

use crate::header::Crc;
use crate::key::{Key, Material};

/// Bytes of a checksum before it is cut to the length that travels.
pub(crate) const CHECKSUM_LEN: usize = 8;

/// Runs `$body` with the block cipher of a key.
macro_rules! with_cipher {
    ($key:expr, $cipher:ident => $body:expr) => {
        match &$key.0 {
            Material::SingleDes(key) => {
                let $cipher = Des::new(key.into());
                $body
            }
            Material::TripleDes2(key) => {
                let $cipher = TdesEde2::new(key.into());
                $body
            }
            Material::TripleDes3(key) => {
                let $cipher = TdesEde3::new(key.into());
                $body
            }
            Material::Aes128(key) => {
                let $cipher = Aes128::new(key.into());
                $body
            }
            Material::Aes192(key) => {
                let $cipher = Aes192::new(key.into());
                $body
            }
            Material::Aes256(key) => {
                let $cipher = Aes256::new(key.into());
                $body
            }
        }
    };
}

/// Ciphers whole blocks in place; a rest shorter than a block stays as it is.
pub(crate) fn encrypt(key: &Key, data: &mut [u8]) {
    with_cipher!(key, cipher => cbc_encrypt(cipher, data));
}

/// Deciphers whole blocks in place; a rest shorter than a block stays as it is.
pub(crate) fn decrypt(key: &Key, data: &mut [u8]) {
    with_cipher!(key, cipher => cbc_decrypt(cipher, data));
}

/// Returns the cryptographic checksum: CMAC with AES, else the last block of CBC over the data
/// filled up with zeros.
pub(crate) fn checksum(key: &Key, data: &[u8]) -> [u8; CHECKSUM_LEN] {
    match &key.0 {
        Material::SingleDes(key) => cbc_mac(Des::new(key.into()), data),
        Material::TripleDes2(key) => cbc_mac(TdesEde2::new(key.into()), data),
        Material::TripleDes3(key) => cbc_mac(TdesEde3::new(key.into()), data),
        Material::Aes128(key) => leading(Cmac::<Aes128>::new(key.into()), data),
        Material::Aes192(key) => leading(Cmac::<Aes192>::new(key.into()), data),
        Material::Aes256(key) => leading(Cmac::<Aes256>::new(key.into()), data),
    }
}

fn cbc_encrypt<C: BlockCipherEncrypt>(cipher: C, data: &mut [u8]) {
    let (blocks, _) = Block::<C>::slice_as_chunks_mut(data);
    cbc::Encryptor::inner_iv_init(cipher, &Array::default()).encrypt_blocks(blocks);
}

fn cbc_decrypt<C: BlockCipherDecrypt>(cipher: C, data: &mut [u8]) {
    let (blocks, _) = Block::<C>::slice_as_chunks_mut(data);
    cbc::Decryptor::inner_iv_init(cipher, &Array::default()).decrypt_blocks(blocks);
}

fn cbc_mac<C: BlockCipherEncrypt>(cipher: C, data: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut state = Block::<C>::default();
    let mut mode = cbc::Encryptor::inner_iv_init(cipher, &Array::default());
    let (blocks, rest) = Block::<C>::slice_as_chunks(data);
    for block in blocks {
        mode.encrypt_block_b2b(block, &mut state);
    }
    if !rest.is_empty() {
        let mut last = Block::<C>::default();
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        mode.encrypt_block_b2b(&last, &mut state);
    }
    first(&state)
}

fn leading(mut mac: impl cmac::Mac, data: &[u8]) -> [u8; CHECKSUM_LEN] {
    mac.update(data);
    first(&mac.finalize().into_bytes())
}

fn first(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    bytes.first_chunk().copied().unwrap_or_default()
}

/// Returns the redundancy check, the most significant byte first, and zeros behind it.
pub(crate) fn redundancy(crc: Crc, data: &[u8]) -> [u8; CHECKSUM_LEN] {
    let value = match crc {
        Crc::Crc16 => remainder(data, 0x8408, 0xFFFF) << 16,
        Crc::Crc32 => remainder(data, 0xEDB8_8320, 0xFFFF_FFFF),
    };
    let [a, b, c, d] = value.to_be_bytes();
    [a, b, c, d, 0, 0, 0, 0]
}

/// The check sequences of ISO/IEC 13239: bits reversed, all ones before and complemented after.
fn remainder(data: &[u8], polynomial: u32, ones: u32) -> u32 {
    let byte = |state: u32, byte: &u8| {
        (0..8).fold(state ^ u32::from(*byte), |state, _| {
            let carry = if state & 1 == 1 { polynomial } else { 0 };
            state >> 1 ^ carry
        })
    };
    data.iter().fold(ones, byte) ^ ones
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Algorithm, SingleDesAccepted};

    /// TS 102.225, annex B.
    #[test]
    fn redundancy_checks_are_those_of_the_examples() {
        let data = [1, 2, 3, 4, 5];
        assert_eq!(redundancy(Crc::Crc16, &data), [0x22, 0xEC, 0, 0, 0, 0, 0, 0]);
        assert_eq!(redundancy(Crc::Crc32, &data), [0x47, 0x0B, 0x99, 0xF4, 0, 0, 0, 0]);
    }

    /// RFC 4493, example 2, and FIPS 81, C.
    #[test]
    fn known_checksums() {
        let key = polysim_base::parse_hex(b"2b7e151628aed2a6abf7158809cf4f3c").unwrap();
        let key = Key::new(Algorithm::Aes128, &key).unwrap();
        let data = polysim_base::parse_hex(b"6bc1bee22e409f96e93d7e117393172a").unwrap();
        assert_eq!(checksum(&key, &data), 0x070A_16B4_6B4D_4144_u64.to_be_bytes());
        let key = Key::single_des(0x0123_4567_89AB_CDEF_u64.to_be_bytes(), SingleDesAccepted);
        let data = b"7654321 Now is the time for ";
        assert_eq!(checksum(&key, data), 0xF1D3_0F68_4931_2CA4_u64.to_be_bytes());
    }

    #[test]
    fn deciphering_undoes_ciphering() {
        for algorithm in [Algorithm::TripleDes2, Algorithm::TripleDes3, Algorithm::Aes256] {
            let bytes: std::vec::Vec<u8> = (0..=255).take(algorithm.key_len()).collect();
            let key = Key::new(algorithm, &bytes).unwrap();
            let mut data = [0x5A; 48];
            encrypt(&key, &mut data);
            assert_ne!(data, [0x5A; 48]);
            decrypt(&key, &mut data);
            assert_eq!(data, [0x5A; 48]);
        }
    }
}
