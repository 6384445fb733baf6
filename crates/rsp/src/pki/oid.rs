//! Object identifiers, and those that name roles.

use alloc::vec::Vec;
use core::fmt;

/// Longest value of an object identifier that is accepted.
const OID_LEN_MAX: usize = 39;

/// Why octets or a text are no object identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "an object identifier is numbers between dots, such as 2.999.10, of at most {OID_LEN_MAX} octets"
)]
pub struct InvalidOid;

/// An object identifier, kept as the octets of its DER value.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Oid {
    len: u8,
    octets: [u8; OID_LEN_MAX],
}

impl Oid {
    /// Reads the value of an OBJECT IDENTIFIER, without tag and length.
    ///
    /// # Errors
    /// [`InvalidOid`] where it is empty, too long, or its numbers are not in their shortest form.
    pub fn from_der(value: &[u8]) -> Result<Self, InvalidOid> {
        let mut starts = true;
        for octet in value {
            if starts && *octet == 0x80 {
                return Err(InvalidOid);
            }
            starts = octet & 0x80 == 0;
        }
        if value.is_empty() || !starts {
            return Err(InvalidOid);
        }
        Self::from_octets(value)
    }

    /// Reads numbers between dots.
    ///
    /// # Errors
    /// [`InvalidOid`] for anything else, and where it takes too many octets.
    pub fn parse(text: &str) -> Result<Self, InvalidOid> {
        let mut numbers = text.split('.').map(|number| {
            let digits = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
            number.parse::<u64>().ok().filter(|_| digits).ok_or(InvalidOid)
        });
        let first = numbers.next().ok_or(InvalidOid)??;
        let second = numbers.next().ok_or(InvalidOid)??;
        if first > 2 || (first < 2 && second >= 40) {
            return Err(InvalidOid);
        }
        let mut octets = Vec::new();
        put_number(&mut octets, (first * 40).checked_add(second).ok_or(InvalidOid)?);
        for number in numbers {
            put_number(&mut octets, number?);
        }
        Self::from_octets(&octets)
    }

    fn from_octets(value: &[u8]) -> Result<Self, InvalidOid> {
        let len = u8::try_from(value.len()).map_err(|_| InvalidOid)?;
        let mut octets = [0; OID_LEN_MAX];
        octets.get_mut(..value.len()).ok_or(InvalidOid)?.copy_from_slice(value);
        Ok(Self { len, octets })
    }

    /// Returns the value of the OBJECT IDENTIFIER, without tag and length.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len)).unwrap_or_default()
    }
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    let septets = (64 - number.leading_zeros()).div_ceil(7).max(1);
    for at in (0..septets).rev() {
        let septet = u8::try_from(number >> (7 * at) & 0x7F).unwrap_or_default();
        out.push(septet | if at == 0 { 0 } else { 0x80 });
    }
}

impl Oid {
    /// Returns its numbers, the first two apart. Bits beyond 64 of a number are not kept.
    #[must_use]
    pub fn arcs(&self) -> Vec<u64> {
        let (mut arcs, mut number) = (Vec::new(), 0_u64);
        for octet in self.as_der() {
            number = number << 7 | u64::from(octet & 0x7F);
            if octet & 0x80 != 0 {
                continue;
            }
            if arcs.is_empty() {
                let root = (number / 40).min(2);
                arcs.push(root);
                number -= root * 40;
            }
            arcs.push(number);
            number = 0;
        }
        arcs
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arc) in self.arcs().into_iter().enumerate() {
            write!(f, "{}{arc}", if at == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

/// The OID 2.23.146.1.2.1 (id-rspRole), of which each role is a child.
const RSP_ROLE: [u8; 7] = [0x67, 0x81, 0x12, 0x01, 0x02, 0x01, 0x00];

/// What a certificate may be used for (SGP.22, 4.5.2.1.0.2).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// The root: certificate issuer.
    Ci,
    /// A manufacturer of eUICCs.
    Eum,
    /// An eUICC.
    Euicc,
    /// TLS of an SM-DP+.
    DpTls,
    /// Authentication of an SM-DP+.
    DpAuth,
    /// Profile binding of an SM-DP+.
    DpPb,
    /// TLS of an SM-DS.
    DsTls,
    /// Authentication of an SM-DS.
    DsAuth,
}

impl Role {
    /// Every role, in the order of their OIDs.
    pub const ALL: [Self; 8] = [
        Self::Ci,
        Self::Euicc,
        Self::Eum,
        Self::DpTls,
        Self::DpAuth,
        Self::DpPb,
        Self::DsTls,
        Self::DsAuth,
    ];

    const fn number(self) -> u8 {
        match self {
            Self::Ci => 0,
            Self::Euicc => 1,
            Self::Eum => 2,
            Self::DpTls => 3,
            Self::DpAuth => 4,
            Self::DpPb => 5,
            Self::DsTls => 6,
            Self::DsAuth => 7,
        }
    }

    /// Returns the OID that stands in the policies of a certificate for this role.
    #[must_use]
    pub fn oid(self) -> Oid {
        let mut octets = [0; OID_LEN_MAX];
        octets.iter_mut().zip(RSP_ROLE).for_each(|(to, from)| *to = from);
        if let Some(last) = octets.get_mut(RSP_ROLE.len() - 1) {
            *last = self.number();
        }
        Oid { len: 7, octets }
    }

    /// Returns the role of an OID.
    #[must_use]
    pub fn of(oid: &Oid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.oid() == *oid)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ci => "CERT.CI",
            Self::Eum => "CERT.EUM",
            Self::Euicc => "CERT.EUICC",
            Self::DpTls => "CERT.DP.TLS",
            Self::DpAuth => "CERT.DPauth",
            Self::DpPb => "CERT.DPpb",
            Self::DsTls => "CERT.DS.TLS",
            Self::DsAuth => "CERT.DSauth",
        })
    }
}

/// A set of roles.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Roles(u8);

impl Roles {
    /// Returns the set with `role` in it.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role.number())
    }

    /// Returns whether `role` is in it.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & 1 << role.number() != 0
    }

    /// Returns the roles in the order of their OIDs.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
