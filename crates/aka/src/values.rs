//! The values of TS 33.102, 6.3, and of the keys derived from them.

use crate::octets::{OctetsError, checked_octets, open_octets, secret_octets};
use crate::sqn::Sqn;

secret_octets!(
    /// K or Ki: the 128-bit key shared by the card and the `AuC`.
    Key, 16
);
secret_octets!(
    /// OP: the operator's variant of MILENAGE (TS 35.206, 4.1).
    Op, 16
);
secret_octets!(
    /// `OPc`: OP bound to one subscriber's key (TS 35.206, 4.1).
    Opc, 16
);
secret_octets!(
    /// CK: the cipher key of f3.
    Ck, 16
);
secret_octets!(
    /// IK: the integrity key of f4.
    Ik, 16
);
secret_octets!(
    /// AK: the anonymity key of f5 or f5*, which hides SQN on the air.
    Ak, 6
);
secret_octets!(
    /// Kc: the 64-bit GSM cipher key.
    Kc, 8
);
secret_octets!(
    /// `K_ASME` of EPS (TS 33.401, A.2).
    Kasme, 32
);
secret_octets!(
    /// `K_AUSF` of 5G (TS 33.501, A.2).
    Kausf, 32
);
secret_octets!(
    /// `K_SEAF` of 5G (TS 33.501, A.6).
    Kseaf, 32
);
open_octets!(
    /// RAND: the network's challenge.
    Rand, 16
);
open_octets!(
    /// AUTN: (SQN xor AK) || AMF || MAC-A (TS 33.102, 6.3.2).
    Autn, 16
);
open_octets!(
    /// AUTS: (`SQN_MS` xor AK*) || MAC-S (TS 33.102, 6.3.3).
    Auts, 14
);
open_octets!(
    /// AMF: the authentication management field (TS 33.102, annexes F and H).
    Amf, 2
);
checked_octets!(
    /// MAC-A or MAC-S: 64 bits from f1 or f1*.
    Mac, 8
);
checked_octets!(
    /// SRES: the GSM response.
    Sres, 4
);
checked_octets!(
    /// RES* of 5G AKA (TS 33.501, A.4).
    ResStar, 16
);

impl Amf {
    /// All bits zero; what f1* is computed over on resynchronisation (TS 33.102, 6.3.3).
    pub const ZERO: Self = Self([0, 0]);
    /// Only the separation bit set: vectors for EPS and 5G (TS 33.401, 6.1.1).
    pub const EPS: Self = Self([0x80, 0]);

    /// Returns whether the separation bit (bit 0, the most significant) is set.
    #[must_use]
    pub const fn separation(self) -> bool {
        self.0[0] & 0x80 != 0
    }
}

impl Autn {
    /// Joins the three fields.
    #[must_use]
    pub fn new(sqn: Sqn, ak: &Ak, amf: Amf, mac_a: Mac) -> Self {
        let [a, b, c, d, e, f] = conceal(sqn, ak);
        let [g, h] = amf.0;
        let [i, j, k, l, m, n, o, p] = mac_a.0;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// Returns SQN xor AK as it stands in AUTN: an input of several key derivations.
    #[must_use]
    pub const fn sqn_xor_ak(&self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = self.0;
        [a, b, c, d, e, f]
    }

    /// Returns SQN, revealed with the AK of the same RAND.
    #[must_use]
    pub fn sqn(&self, ak: &Ak) -> Sqn {
        reveal(self.sqn_xor_ak(), ak)
    }

    /// Returns AMF.
    #[must_use]
    pub const fn amf(&self) -> Amf {
        let [_, _, _, _, _, _, g, h, ..] = self.0;
        Amf([g, h])
    }

    /// Returns MAC-A.
    #[must_use]
    pub const fn mac_a(&self) -> Mac {
        let [.., i, j, k, l, m, n, o, p] = self.0;
        Mac([i, j, k, l, m, n, o, p])
    }
}

impl Auts {
    /// Joins the two fields.
    #[must_use]
    pub fn new(sqn_ms: Sqn, ak_star: &Ak, mac_s: Mac) -> Self {
        let [a, b, c, d, e, f] = conceal(sqn_ms, ak_star);
        let [g, h, i, j, k, l, m, n] = mac_s.0;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n])
    }

    /// Returns `SQN_MS`, revealed with the AK* of the same RAND.
    #[must_use]
    pub fn sqn_ms(&self, ak_star: &Ak) -> Sqn {
        let [a, b, c, d, e, f, ..] = self.0;
        reveal([a, b, c, d, e, f], ak_star)
    }

    /// Returns MAC-S.
    #[must_use]
    pub const fn mac_s(&self) -> Mac {
        let [.., g, h, i, j, k, l, m, n] = self.0;
        Mac([g, h, i, j, k, l, m, n])
    }
}

fn conceal(sqn: Sqn, ak: &Ak) -> [u8; 6] {
    let mut bytes = sqn.to_bytes();
    bytes.iter_mut().zip(ak.0).for_each(|(byte, mask)| *byte ^= mask);
    bytes
}

fn reveal(mut bytes: [u8; 6], ak: &Ak) -> Sqn {
    bytes.iter_mut().zip(ak.0).for_each(|(byte, mask)| *byte ^= mask);
    Sqn::from(bytes)
}

/// RES or XRES: 4 to 16 bytes from f2 (TS 33.102, 6.3.7), compared in constant time.
#[derive(Clone, Copy)]
pub struct Res {
    len: u8,
    bytes: [u8; Self::LEN_MAX],
}

impl Res {
    /// Least number of bytes.
    pub const LEN_MIN: usize = 4;
    /// Largest number of bytes.
    pub const LEN_MAX: usize = 16;

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }

    /// Returns the number of bytes as the KDF writes it.
    pub(crate) fn len_u16(&self) -> u16 {
        u16::from(self.len)
    }

    /// Returns the bytes followed by zeros, as c2 wants them.
    pub(crate) const fn padded(&self) -> &[u8; Self::LEN_MAX] {
        &self.bytes
    }
}

impl From<[u8; 4]> for Res {
    fn from(res: [u8; 4]) -> Self {
        let [a, b, c, d] = res;
        Self { len: 4, bytes: [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    }
}

impl From<[u8; 8]> for Res {
    fn from(res: [u8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = res;
        Self { len: 8, bytes: [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0] }
    }
}

impl From<[u8; 16]> for Res {
    fn from(bytes: [u8; 16]) -> Self {
        Self { len: 16, bytes }
    }
}

impl TryFrom<&[u8]> for Res {
    type Error = OctetsError;

    fn try_from(res: &[u8]) -> Result<Self, Self::Error> {
        let wrong = OctetsError::Length {
            what: "Res",
            expected_min: Self::LEN_MIN,
            expected_max: Self::LEN_MAX,
            got: res.len(),
        };
        let len = u8::try_from(res.len()).map_err(|_| wrong)?;
        let mut bytes = [0; Self::LEN_MAX];
        match bytes.get_mut(..res.len()) {
            Some(room) if res.len() >= Self::LEN_MIN => room.copy_from_slice(res),
            Some(_) | None => return Err(wrong),
        }
        Ok(Self { len, bytes })
    }
}

crate::octets::shown_octets!(Res);
crate::octets::constant_time_eq!(Res);
