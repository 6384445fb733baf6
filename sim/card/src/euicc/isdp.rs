//! ISD-Ps: a profile each.

use std::sync::Arc;

use polysim_base::Iccid as IccidDigits;
use polysim_rsp::data::{DpProprietaryData, Iccid, OperatorId};

use super::config::{Metadata, security_domain};
use crate::contents::{Contents, Managed};

/// The first ISD-P: `…89 00 00 10 00` (SGP.02, annex H).
const FIRST: u16 = 0x0010;

/// Names an ISD-P for as long as the eUICC lives: numbers are not used again while the profile is
/// there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct IsdpId(pub(super) u16);

impl IsdpId {
    /// Returns the AID: the low octet of the number is the last one.
    pub(super) const fn aid(self) -> [u8; 16] {
        let [high, low] = self.0.to_be_bytes();
        security_domain(FIRST + high as u16, low)
    }
}

/// Files, PINs and keys of a profile that the terminal does not see.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) contents: Contents,
    pub(super) managed: Managed,
}

/// An ISD-P with its profile.
#[derive(Debug)]
pub(super) struct Isdp {
    pub(super) id: IsdpId,
    pub(super) iccid: Iccid,
    pub(super) metadata: Arc<Metadata>,
    pub(super) nickname: Option<String>,
    /// What the SM-DP+ keeps with it.
    pub(super) proprietary: Option<DpProprietaryData>,
    /// Octets of memory that it takes.
    pub(super) size: u32,
    /// Whether it is the one to fall back to.
    pub(super) fallback: bool,
    /// Whether it was there from the factory.
    pub(super) preset: bool,
    /// Nothing while the terminal sees it.
    pub(super) parked: Option<Box<Parked>>,
}

impl Isdp {
    pub(super) fn digits(&self) -> Option<IccidDigits> {
        self.iccid.digits().ok()
    }

    pub(super) fn owner(&self) -> Option<&OperatorId> {
        self.metadata.owner.as_ref()
    }
}
