//! What a profile may require of an eUICC, and an eUICC may offer.

use core::fmt;

/// A service that a profile may declare mandatory. Its number is that of its field in the list of
/// mandatory services of a profile header.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum Service {
    Contactless = 0,
    Usim = 1,
    Isim = 2,
    Csim = 3,
    Milenage = 4,
    Tuak128 = 5,
    Cave = 6,
    GbaUsim = 7,
    GbaIsim = 8,
    Mbms = 9,
    Eap = 10,
    Javacard = 11,
    Multos = 12,
    MultipleUsim = 13,
    MultipleIsim = 14,
    MultipleCsim = 15,
    Tuak256 = 16,
    UsimTestAlgorithm = 17,
    BerTlv = 18,
    DfLink = 19,
    CatTp = 20,
    GetIdentity = 21,
    ProfileAX25519 = 22,
    ProfileBP256 = 23,
    SuciCalculatorApi = 24,
    DnsResolution = 25,
    Scp11ac = 26,
    Scp11cAuthorization = 27,
    S16Mode = 28,
    Eaka = 29,
}

impl Service {
    /// All of them, in the order of the list in a header.
    pub const ALL: [Self; 30] = [
        Self::Contactless,
        Self::Usim,
        Self::Isim,
        Self::Csim,
        Self::Milenage,
        Self::Tuak128,
        Self::Cave,
        Self::GbaUsim,
        Self::GbaIsim,
        Self::Mbms,
        Self::Eap,
        Self::Javacard,
        Self::Multos,
        Self::MultipleUsim,
        Self::MultipleIsim,
        Self::MultipleCsim,
        Self::Tuak256,
        Self::UsimTestAlgorithm,
        Self::BerTlv,
        Self::DfLink,
        Self::CatTp,
        Self::GetIdentity,
        Self::ProfileAX25519,
        Self::ProfileBP256,
        Self::SuciCalculatorApi,
        Self::DnsResolution,
        Self::Scp11ac,
        Self::Scp11cAuthorization,
        Self::S16Mode,
        Self::Eaka,
    ];

    /// Returns its field in a header.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns its bit in the `UICCCapability` of an eUICC, which has another order.
    #[must_use]
    pub const fn capability_bit(self) -> u8 {
        match self {
            Self::Cave => 5,
            Self::Tuak128 => 6,
            Self::Tuak256 => 7,
            Self::UsimTestAlgorithm => 8,
            Self::GbaUsim => 10,
            Self::GbaIsim => 11,
            Self::Mbms => 12,
            Self::Eap => 13,
            Self::Javacard => 14,
            Self::Multos => 15,
            Self::MultipleUsim => 16,
            Self::MultipleIsim => 17,
            Self::MultipleCsim => 18,
            Self::Contactless | Self::Usim | Self::Isim | Self::Csim | Self::Milenage => {
                self.number()
            }
            Self::BerTlv
            | Self::DfLink
            | Self::CatTp
            | Self::GetIdentity
            | Self::ProfileAX25519
            | Self::ProfileBP256
            | Self::SuciCalculatorApi
            | Self::DnsResolution
            | Self::Scp11ac
            | Self::Scp11cAuthorization
            | Self::S16Mode
            | Self::Eaka => self.number() + 1,
        }
    }
}

/// A set of services; numbers that are not known here are kept, too.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Services(u64);

impl Services {
    /// None.
    pub const NONE: Self = Self(0);

    /// Returns the set of some.
    #[must_use]
    pub fn of(services: &[Service]) -> Self {
        services.iter().fold(Self::NONE, |set, service| set.with(*service))
    }

    /// Returns the set and one more.
    #[must_use]
    pub const fn with(self, service: Service) -> Self {
        Self(self.0 | 1 << service.number())
    }

    /// Tells whether a service is in the set.
    #[must_use]
    pub const fn contains(self, service: Service) -> bool {
        self.0 & 1 << service.number() != 0
    }

    /// Returns the set without those of another.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Tells whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the known ones in order.
    pub fn iter(self) -> impl Iterator<Item = Service> {
        Service::ALL.into_iter().filter(move |service| self.contains(*service))
    }

    /// Returns them as the bits of `UICCCapability`, bit 0 first.
    #[must_use]
    pub fn capability(self) -> [bool; 32] {
        let mut bits = [false; 32];
        for service in self.iter() {
            if let Some(bit) = bits.get_mut(usize::from(service.capability_bit())) {
                *bit = true;
            }
        }
        bits
    }

    /// Returns the numbers in the set.
    pub(super) fn numbers(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |number| self.0 & 1 << number != 0)
    }

    pub(super) const fn insert_number(&mut self, number: u32) {
        if number < u64::BITS {
            self.0 |= 1 << number;
        }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.numbers().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            match Service::ALL.iter().find(|service| u32::from(service.number()) == number) {
                Some(service) => write!(f, "{comma}{service:?}")?,
                None => write!(f, "{comma}number {number}")?,
            }
        }
        Ok(())
    }
}
