//! Keys derived from CK and IK by the KDF of TS 33.220, B.2:
//! HMAC-SHA-256 over FC || P0 || L0 || P1 || L1 ...

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::values::{Ck, Ik, Kasme, Kausf, Kseaf, Rand, Res, ResStar};

const FC_K_ASME: u8 = 0x10;
const FC_CK_PRIME_IK_PRIME: u8 = 0x20;
const FC_K_AUSF: u8 = 0x6A;
const FC_RES_STAR: u8 = 0x6B;
const FC_K_SEAF: u8 = 0x6C;

/// A network name longer than the KDF can say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("network name: {got} bytes, at most {limit} allowed")]
pub struct NetworkNameError {
    /// Number of bytes given.
    pub got: usize,
    /// Largest number of bytes ([`NetworkName::LEN_MAX`]).
    pub limit: usize,
}

/// An access network identity (TS 24.302, 8.1.1.2) or serving network name (TS 24.501, 9.12.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NetworkName<'a> {
    name: &'a str,
    len: u16,
}

impl<'a> NetworkName<'a> {
    /// Largest number of bytes: the KDF writes lengths as 16 bits.
    pub const LEN_MAX: usize = 0xFFFF;

    /// Checks the length.
    ///
    /// # Errors
    /// More than [`Self::LEN_MAX`] bytes.
    pub fn new(name: &'a str) -> Result<Self, NetworkNameError> {
        match u16::try_from(name.len()) {
            Ok(len) => Ok(Self { name, len }),
            Err(_) => Err(NetworkNameError { got: name.len(), limit: Self::LEN_MAX }),
        }
    }

    /// Returns the text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.name
    }

    fn parameter(&self) -> Parameter<'_> {
        (self.name.as_bytes(), self.len)
    }
}

/// The serving network name of 5G for a PLMN, such as `5G:mnc001.mcc001.3gppnetwork.org`
/// (TS 24.501, 9.12.1): always 32 characters, as a 2-digit MNC gets a leading zero.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ServingNetworkName([u8; 32]);

impl ServingNetworkName {
    /// Makes the name of the PLMN with these codes, as numbers; `None` if one is above 999.
    #[must_use]
    pub const fn new(mcc: u16, mnc: u16) -> Option<Self> {
        let mut name = *b"5G:mnc000.mcc000.3gppnetwork.org";
        let (Some(mcc), Some(mnc)) = (digits(mcc), digits(mnc)) else {
            return None;
        };
        [name[6], name[7], name[8]] = mnc;
        [name[13], name[14], name[15]] = mcc;
        Some(Self(name))
    }

    /// Returns the name as the KDF takes it.
    #[must_use]
    pub fn name(&self) -> NetworkName<'_> {
        NetworkName { name: core::str::from_utf8(&self.0).unwrap_or_default(), len: 32 }
    }
}

const fn digits(code: u16) -> Option<[u8; 3]> {
    const fn digit(value: u16) -> u8 {
        let [_, low] = value.to_be_bytes();
        b'0' + low
    }
    if code > 999 {
        return None;
    }
    Some([digit(code / 100), digit(code / 10 % 10), digit(code % 10)])
}

/// CK' and IK' of EAP-AKA' (TS 33.402, A.2). `sqn_xor_ak` is the first field of AUTN.
#[must_use]
pub fn ck_prime_ik_prime(
    ck: &Ck,
    ik: &Ik,
    network: &NetworkName<'_>,
    sqn_xor_ak: [u8; 6],
) -> (Ck, Ik) {
    let parameters = [network.parameter(), (&sqn_xor_ak, 6)];
    let output = Zeroizing::new(kdf(&block_of(ck, ik), FC_CK_PRIME_IK_PRIME, &parameters));
    let (halves, _) = output.as_chunks::<16>();
    match halves {
        [ck, ik] => (Ck::from(*ck), Ik::from(*ik)),
        _ => (Ck::from([0; 16]), Ik::from([0; 16])),
    }
}

/// `K_ASME` (TS 33.401, A.2). `plmn` is the serving network's identity as in TS 24.301, 9.9.3.32:
/// three bytes of swapped digits; `sqn_xor_ak` is the first field of AUTN.
#[must_use]
pub fn k_asme(ck: &Ck, ik: &Ik, plmn: [u8; 3], sqn_xor_ak: [u8; 6]) -> Kasme {
    Kasme::from(kdf(&block_of(ck, ik), FC_K_ASME, &[(&plmn, 3), (&sqn_xor_ak, 6)]))
}

/// `K_AUSF` of 5G AKA (TS 33.501, A.2).
#[must_use]
pub fn k_ausf(ck: &Ck, ik: &Ik, network: &NetworkName<'_>, sqn_xor_ak: [u8; 6]) -> Kausf {
    let parameters = [network.parameter(), (&sqn_xor_ak, 6)];
    Kausf::from(kdf(&block_of(ck, ik), FC_K_AUSF, &parameters))
}

/// RES* or XRES* of 5G AKA (TS 33.501, A.4): the lower half of the KDF's output.
#[must_use]
pub fn res_star(ck: &Ck, ik: &Ik, network: &NetworkName<'_>, rand: &Rand, res: &Res) -> ResStar {
    let parameters = [network.parameter(), (rand.as_bytes(), 16), (res.as_bytes(), res.len_u16())];
    let output = kdf(&block_of(ck, ik), FC_RES_STAR, &parameters);
    let (halves, _) = output.as_chunks::<16>();
    ResStar::from(halves.last().copied().unwrap_or_default())
}

/// `K_SEAF` (TS 33.501, A.6).
#[must_use]
pub fn k_seaf(k_ausf: &Kausf, network: &NetworkName<'_>) -> Kseaf {
    let mut block = Zeroizing::new([0; BLOCK_LEN]);
    block.iter_mut().zip(k_ausf.as_bytes()).for_each(|(to, from)| *to = *from);
    Kseaf::from(kdf(&block, FC_K_SEAF, &[network.parameter()]))
}

/// A parameter with its length.
type Parameter<'a> = (&'a [u8], u16);

/// The block of SHA-256: HMAC fills shorter keys up with zeros to it.
const BLOCK_LEN: usize = 64;

fn block_of(ck: &Ck, ik: &Ik) -> Zeroizing<[u8; BLOCK_LEN]> {
    let mut block = Zeroizing::new([0; BLOCK_LEN]);
    let keys = ck.as_bytes().iter().chain(ik.as_bytes());
    block.iter_mut().zip(keys).for_each(|(to, from)| *to = *from);
    block
}

fn kdf(key: &[u8; BLOCK_LEN], fc: u8, parameters: &[Parameter<'_>]) -> [u8; 32] {
    let mut hmac = Hmac::<Sha256>::new(key.into());
    hmac.update(&[fc]);
    for (value, len) in parameters {
        hmac.update(value);
        hmac.update(&len.to_be_bytes());
    }
    hmac.finalize().into_bytes().0
}
