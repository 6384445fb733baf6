//! Files that are sets of bits.

use alloc::vec::Vec;

use super::{Contents, EfError, first};

/// Defines a file of one byte of flags, behind which a card may have more bytes.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident { $($(#[$flag_doc:meta])* $flag:ident = $bit:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name(pub u8);

        impl $name {
            $($(#[$flag_doc])* pub const $flag: Self = Self($bit);)*

            /// Tells whether all flags of the other are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Returns the flags of both.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl Contents for $name {
            fn parse(bytes: &[u8]) -> Result<Self, EfError> {
                first(bytes).map(|[flags]| Self(*flags))
            }

            fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
                out.push(self.0);
                Ok(())
            }
        }
    };
}

flags! {
    /// EF.PWS, public warnings (TS 31.102, 4.2.99).
    PwsFlags {
        /// Ignore warnings in the home network and its equivalents.
        IGNORE_HOME = 0x01,
        /// Ignore warnings in visited networks.
        IGNORE_VISITED = 0x02,
    }
}

flags! {
    /// `EF.UAC_AIC`, access identities (TS 31.102, 4.4.11.7).
    UacAccess {
        /// Multimedia priority service.
        MULTIMEDIA_PRIORITY = 0x01,
        /// Mission critical service.
        MISSION_CRITICAL = 0x02,
    }
}

flags! {
    /// EF.AAeM, priorities answered automatically (TS 51.011, 10.3.40).
    AutoAnswer {
        /// Priority level A.
        LEVEL_A = 0x80,
        /// Priority level B.
        LEVEL_B = 0x40,
        /// Priority level 0.
        LEVEL_0 = 0x20,
        /// Priority level 1.
        LEVEL_1 = 0x10,
        /// Priority level 2.
        LEVEL_2 = 0x08,
        /// Priority level 3.
        LEVEL_3 = 0x04,
        /// Priority level 4.
        LEVEL_4 = 0x02,
    }
}

flags! {
    /// Emergency service category (TS 24.008, 10.5.4.33), the last byte of EF.ECC.
    EmergencyServices {
        /// Police.
        POLICE = 0x01,
        /// Ambulance.
        AMBULANCE = 0x02,
        /// Fire brigade.
        FIRE_BRIGADE = 0x04,
        /// Marine guard.
        MARINE_GUARD = 0x08,
        /// Mountain rescue.
        MOUNTAIN_RESCUE = 0x10,
        /// Manually initiated eCall.
        MANUAL_ECALL = 0x20,
        /// Automatically initiated eCall.
        AUTOMATIC_ECALL = 0x40,
    }
}

flags! {
    /// Call forwarding unconditional, the second byte of EF.CFIS (TS 31.102, 4.2.64).
    CallForwardStatus {
        /// Voice.
        VOICE = 0x01,
        /// Fax.
        FAX = 0x02,
        /// Data.
        DATA = 0x04,
        /// Video.
        VIDEO = 0x10,
    }
}

/// EF.EHPLMNPI, how equivalent home networks are shown (TS 31.102, 4.2.83).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum EhplmnIndication {
    /// `00`: nothing told.
    #[default]
    Unspecified,
    /// `01`: only the one with the highest priority.
    HighestOnly,
    /// `02`: all of them.
    All,
}

impl Contents for EhplmnIndication {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        match *first(bytes)? {
            [0] => Ok(Self::Unspecified),
            [1] => Ok(Self::HighestOnly),
            [2] => Ok(Self::All),
            [value] => Err(EfError::Value { at: 0, value }),
        }
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(match self {
            Self::Unspecified => 0,
            Self::HighestOnly => 1,
            Self::All => 2,
        });
        Ok(())
    }
}

/// Services, numbered from 1: EF.UST (TS 31.102, 4.2.8), EF.EST (4.2.47), EF.IST (TS 31.103,
/// 4.2.7).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ServiceTable(pub Vec<u8>);

impl ServiceTable {
    /// Returns a table in which these services are available.
    #[must_use]
    pub fn of(services: &[u8]) -> Self {
        let mut table = Self::default();
        services.iter().for_each(|service| table.set(*service, true));
        table
    }

    /// Tells whether a service is available.
    #[must_use]
    pub fn contains(&self, service: u8) -> bool {
        let (at, bit) = place(service);
        self.0.get(at).is_some_and(|byte| byte & bit != 0)
    }

    /// Makes a service available, or not; the table grows as it needs to.
    pub fn set(&mut self, service: u8, available: bool) {
        let (at, bit) = place(service);
        if available && at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        match self.0.get_mut(at) {
            Some(byte) if available => *byte |= bit,
            Some(byte) => *byte &= !bit,
            None => {}
        }
    }

    /// Returns the services available, in order.
    pub fn services(&self) -> impl Iterator<Item = u8> + '_ {
        (1..=u8::MAX).filter(|service| self.contains(*service))
    }
}

/// Byte and bit of a service; there is no service 0.
fn place(service: u8) -> (usize, u8) {
    match service.checked_sub(1) {
        Some(index) => (usize::from(index / 8), 1 << (index % 8)),
        None => (0, 0),
    }
}

impl Contents for ServiceTable {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        Ok(Self(bytes.to_vec()))
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let start = out.len();
        out.extend_from_slice(&self.0);
        if self.0.len() < size {
            out.resize(start + size, 0);
        }
        Ok(())
    }
}

/// EF.VGCSS and EF.VBSS, the active ones of 50 group identifiers (TS 51.011, 10.3.38).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct GroupFlags(pub [u8; 7]);

impl GroupFlags {
    /// Identifiers that the file has flags for.
    pub const COUNT: usize = 50;

    /// Tells whether the group identifier of a record, from 0 on, is active.
    #[must_use]
    pub fn is_active(&self, record: usize) -> bool {
        record < Self::COUNT
            && self.0.get(record / 8).is_some_and(|byte| (byte >> (record % 8)) & 1 != 0)
    }
}

impl Contents for GroupFlags {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        first(bytes).map(|flags| Self(*flags))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}
