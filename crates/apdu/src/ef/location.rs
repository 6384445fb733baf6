//! Where the card was last registered.

use alloc::vec::Vec;

use polysim_base::{InvalidPlmn, Plmn};

use super::{Contents, EfError, first};

/// How the last location update ended. What 2 and 3 mean depends on the domain.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum UpdateStatus {
    /// 0: updated.
    Updated,
    /// 1: not updated.
    #[default]
    NotUpdated,
    /// 2: network not allowed; for EPS and 5GS, roaming not allowed.
    NotAllowed,
    /// 3: location or routing area not allowed.
    AreaNotAllowed,
    /// Reserved values.
    Reserved(u8),
}

impl From<u8> for UpdateStatus {
    fn from(byte: u8) -> Self {
        match byte {
            0 => Self::Updated,
            1 => Self::NotUpdated,
            2 => Self::NotAllowed,
            3 => Self::AreaNotAllowed,
            byte => Self::Reserved(byte),
        }
    }
}

impl From<UpdateStatus> for u8 {
    fn from(status: UpdateStatus) -> Self {
        match status {
            UpdateStatus::Updated => 0,
            UpdateStatus::NotUpdated => 1,
            UpdateStatus::NotAllowed => 2,
            UpdateStatus::AreaNotAllowed => 3,
            UpdateStatus::Reserved(byte) => byte,
        }
    }
}

/// Location, routing or tracking area: a network and a code of `N` - 3 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AreaId<const N: usize>(pub [u8; N]);

impl<const N: usize> AreaId<N> {
    /// Returns the network; `None` if there is none.
    ///
    /// # Errors
    /// [`InvalidPlmn`] if the digits are none: terminals write such things to clear the area.
    pub fn plmn(&self) -> Result<Option<Plmn>, InvalidPlmn> {
        match self.0.first_chunk() {
            Some(plmn) => Plmn::from_wire(*plmn),
            None => Ok(None),
        }
    }

    /// Returns the code of the area behind the network.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        self.0.get(3..).unwrap_or_default()
    }
}

impl AreaId<5> {
    /// No network, the code for a deleted location area.
    pub const DELETED: Self = Self([0xFF, 0xFF, 0xFF, 0xFF, 0xFE]);

    /// Makes a location area, or a tracking area of EPS.
    #[must_use]
    pub const fn new(plmn: Plmn, code: u16) -> Self {
        let ([a, b, c], [high, low]) = (plmn.wire(), code.to_be_bytes());
        Self([a, b, c, high, low])
    }
}

impl AreaId<6> {
    /// Makes a routing area.
    #[must_use]
    pub const fn routing(area: AreaId<5>, code: u8) -> Self {
        let [a, b, c, d, e] = area.0;
        Self([a, b, c, d, e, code])
    }

    /// Makes a tracking area of 5GS; of the code 24 bits are used.
    #[must_use]
    pub const fn tracking(plmn: Plmn, code: u32) -> Self {
        let ([a, b, c], [_, high, middle, low]) = (plmn.wire(), code.to_be_bytes());
        Self([a, b, c, high, middle, low])
    }
}

/// EF.LOCI (TS 31.102, 4.2.17), 11 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Loci {
    /// TMSI.
    pub tmsi: [u8; 4],
    /// Location area.
    pub lai: AreaId<5>,
    /// TMSI TIME of phase 1, else `FF`.
    pub tmsi_time: u8,
    /// How the last update ended.
    pub status: UpdateStatus,
}

impl Loci {
    /// What a fresh card holds.
    pub const BLANK: Self = Self {
        tmsi: [0xFF; 4],
        lai: AreaId([0xFF, 0xFF, 0xFF, 0x00, 0x00]),
        tmsi_time: 0xFF,
        status: UpdateStatus::NotUpdated,
    };

    /// Returns the file.
    #[must_use]
    pub fn bytes(&self) -> [u8; 11] {
        let ([a, b, c, d], AreaId([p, q, r, high, low])) = (self.tmsi, self.lai);
        [a, b, c, d, p, q, r, high, low, self.tmsi_time, self.status.into()]
    }
}

impl Contents for Loci {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[a, b, c, d, p, q, r, high, low, tmsi_time, status] = first(bytes)?;
        let lai = AreaId([p, q, r, high, low]);
        Ok(Self { tmsi: [a, b, c, d], lai, tmsi_time, status: status.into() })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.bytes());
        Ok(())
    }
}

/// EF.PSLOCI (TS 31.102, 4.2.23), EF.LOCIGPRS of a 2G SIM, 14 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PsLoci {
    /// P-TMSI.
    pub ptmsi: [u8; 4],
    /// P-TMSI signature.
    pub signature: [u8; 3],
    /// Routing area.
    pub rai: AreaId<6>,
    /// How the last update ended.
    pub status: UpdateStatus,
}

impl PsLoci {
    /// What a fresh card holds.
    pub const BLANK: Self = Self {
        ptmsi: [0xFF; 4],
        signature: [0xFF; 3],
        rai: AreaId([0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF]),
        status: UpdateStatus::NotUpdated,
    };

    /// Returns the file.
    #[must_use]
    pub fn bytes(&self) -> [u8; 14] {
        let ([a, b, c, d], [s, t, u]) = (self.ptmsi, self.signature);
        let AreaId([p, q, r, high, low, routing]) = self.rai;
        [a, b, c, d, s, t, u, p, q, r, high, low, routing, self.status.into()]
    }
}

impl Contents for PsLoci {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[a, b, c, d, s, t, u, p, q, r, high, low, routing, status] = first(bytes)?;
        let rai = AreaId([p, q, r, high, low, routing]);
        let status = status.into();
        Ok(Self { ptmsi: [a, b, c, d], signature: [s, t, u], rai, status })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.bytes());
        Ok(())
    }
}

/// EF.EPSLOCI (TS 31.102, 4.2.91), 18 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EpsLoci {
    /// GUTI as the mobile identity of TS 24.301, 9.9.3.12, with its length.
    pub guti: [u8; 12],
    /// Tracking area.
    pub tai: AreaId<5>,
    /// How the last update ended.
    pub status: UpdateStatus,
}

impl EpsLoci {
    /// What a fresh card holds.
    pub const BLANK: Self = Self {
        guti: [0xFF; 12],
        tai: AreaId([0xFF, 0xFF, 0xFF, 0x00, 0x00]),
        status: UpdateStatus::NotUpdated,
    };
}

impl Contents for EpsLoci {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let [guti @ .., p, q, r, high, low, status] = *first::<18>(bytes)?;
        Ok(Self { guti, tai: AreaId([p, q, r, high, low]), status: status.into() })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.guti);
        out.extend_from_slice(&self.tai.0);
        out.push(self.status.into());
        Ok(())
    }
}

/// EF.5GS3GPPLOCI and EF.5GSN3GPPLOCI (TS 31.102, 4.4.11.2), 20 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FiveGsLoci {
    /// 5G-GUTI as the mobile identity of TS 24.501, 9.11.3.4, with its length.
    pub guti: [u8; 13],
    /// Tracking area.
    pub tai: AreaId<6>,
    /// How the last update ended.
    pub status: UpdateStatus,
}

impl FiveGsLoci {
    /// What a fresh card holds.
    pub const BLANK: Self = Self {
        guti: [0xFF; 13],
        tai: AreaId([0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00]),
        status: UpdateStatus::NotUpdated,
    };
}

impl Contents for FiveGsLoci {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let [guti @ .., p, q, r, high, middle, low, status] = *first::<20>(bytes)?;
        let tai = AreaId([p, q, r, high, middle, low]);
        Ok(Self { guti, tai, status: status.into() })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.guti);
        out.extend_from_slice(&self.tai.0);
        out.push(self.status.into());
        Ok(())
    }
}
