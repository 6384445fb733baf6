//! Which profiles there are, and which are next.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use polysim_base::{Iccid, Imsi};
use polysim_rsp::crypto::Randomness;
use polysim_rsp::saip::element::ProfileHeader;
use polysim_rsp::saip::{
    Personal as PackagePersonal, ProfilePackage, SubscriptionKeys, personalise,
};

use super::state::State;
use super::{ProfileType, Range, Stock};
use crate::door::ConfigError;
use crate::{Personal, Subscription};

/// Most octets of the name of an operator, as a user is told.
const PROVIDER_MAX: usize = 32;
/// Most octets of the name of a profile.
const NAME_MAX: usize = 64;
/// Most octets of an icon.
const ICON_MAX: usize = 1_024;

/// Profiles of one type.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) settings: ProfileType,
    pub(super) package: ProfilePackage,
    /// All profiles of the range below this were made. Some above may be.
    next: u32,
}

/// All types.
#[derive(Debug)]
pub(super) struct Inventory {
    kinds: BTreeMap<String, Kind>,
}

impl Inventory {
    pub(super) fn new(profiles: Vec<ProfileType>) -> Result<Self, ConfigError> {
        let mut kinds = BTreeMap::new();
        for settings in profiles {
            let name = settings.name.clone();
            let package = check(&settings)?;
            if kinds.insert(name.clone(), Kind { settings, package, next: 0 }).is_some() {
                return Err(ConfigError::SameType { name });
            }
        }
        check_numbers(&kinds)?;
        Ok(Self { kinds })
    }

    pub(super) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    pub(super) fn operator(&self, name: &str) -> Option<&str> {
        self.kind(name).map(|kind| &*kind.settings.operator)
    }

    /// Finds the type that a profile is of that was not ordered yet.
    pub(super) fn type_of(&self, iccid: Iccid) -> Option<&str> {
        self.kinds
            .iter()
            .find(|(_, kind)| kind.numbers_of(iccid).is_some())
            .map(|(name, _)| &**name)
    }

    /// Chooses a profile of a type: one that was given back, or the next one.
    pub(super) fn next(&mut self, state: &State, name: &str) -> Option<(Iccid, Option<Imsi>)> {
        let kind = self.kinds.get_mut(name)?;
        let Stock::Range(range) = &kind.settings.stock else {
            let Stock::Whole(iccid) = kind.settings.stock else { return None };
            return (!state.profiles.contains_key(&iccid)).then_some((iccid, None));
        };
        while kind.next < range.count {
            let (iccid, imsi) = range.numbers(kind.next)?;
            if !state.profiles.contains_key(&iccid) {
                return Some((iccid, Some(imsi)));
            }
            kind.next = kind.next.saturating_add(1);
        }
        None
    }
}

impl Kind {
    /// Returns what a profile of this type is made with; nothing where it is none of this type.
    pub(super) fn numbers_of(&self, iccid: Iccid) -> Option<Option<Imsi>> {
        match &self.settings.stock {
            Stock::Whole(whole) => (*whole == iccid).then_some(None),
            Stock::Range(range) => range.numbers(range.place(iccid)?).map(|(_, imsi)| Some(imsi)),
        }
    }

    /// Makes the package of a profile.
    pub(super) fn package(&self, personal: &Personal) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        let Some(subscription) = &personal.subscription else {
            return Some(self.package.encode());
        };
        personalise(&self.package, &package_personal(personal.iccid, subscription))
            .ok()
            .map(|package| package.encode())
    }
}

fn package_personal(iccid: Iccid, subscription: &Subscription) -> PackagePersonal {
    let keys = subscription.milenage();
    let keys = SubscriptionKeys::Milenage { key: keys.key().clone(), opc: keys.opc().clone() };
    PackagePersonal::new(iccid, subscription.imsi, keys)
}

/// Draws what makes one profile different from all others.
pub(super) fn draw(randomness: &mut Randomness, iccid: Iccid, imsi: Option<Imsi>) -> Personal {
    let subscription = imsi.map(|imsi| {
        let k = randomness.bytes();
        let opc = randomness.bytes();
        Subscription::new(imsi, k, opc)
    });
    Personal { iccid, subscription }
}

impl Range {
    /// Returns the numbers at a place of the range.
    fn numbers(&self, place: u32) -> Option<(Iccid, Imsi)> {
        if place >= self.count {
            return None;
        }
        let body = count_up(&self.body(), place)?;
        let imsi = count_up(&self.first_imsi.to_string(), place)?;
        Some((Iccid::with_check_digit(&body).ok()?, Imsi::parse(&imsi).ok()?))
    }

    /// Returns the place of an ICCID in the range.
    fn place(&self, iccid: Iccid) -> Option<u32> {
        let (first, body) = (self.body(), body_of(iccid));
        if first.len() != body.len() {
            return None;
        }
        let place = body.parse::<u128>().ok()?.checked_sub(first.parse().ok()?)?;
        let place = u32::try_from(place).ok().filter(|place| *place < self.count)?;
        (Iccid::with_check_digit(&body).ok()? == iccid).then_some(place)
    }

    fn body(&self) -> String {
        body_of(self.first_iccid)
    }
}

/// Returns the digits before the check digit.
fn body_of(iccid: Iccid) -> String {
    let mut body = iccid.to_string();
    body.pop();
    body
}

/// Adds to a number of digits, which must not become longer.
fn count_up(digits: &str, by: u32) -> Option<String> {
    let width = digits.len();
    let sum = digits.parse::<u128>().ok()?.checked_add(by.into())?;
    let sum = format!("{sum:0width$}");
    (sum.len() == width).then_some(sum)
}

fn check(settings: &ProfileType) -> Result<ProfilePackage, ConfigError> {
    let name = || settings.name.clone();
    let template = |reason: String| ConfigError::Template { name: name(), reason };
    let package =
        ProfilePackage::decode(&settings.template).map_err(|error| template(error.to_string()))?;
    let metadata = &settings.metadata;
    let icon = metadata.icon.as_ref().map_or(0, |(_, icon)| icon.len());
    for (what, length, max) in [
        ("the name of the operator", metadata.service_provider_name.len(), PROVIDER_MAX),
        ("the name of the profile", metadata.profile_name.len(), NAME_MAX),
        ("the icon", icon, ICON_MAX),
    ] {
        if length > max {
            return Err(template(format!("{what} has {length} octets; {max} is the most")));
        }
    }
    if let Stock::Whole(iccid) = &settings.stock {
        let header = package.header().map(|header| header.iccid_digits);
        if header.as_ref() != Some(&ProfileHeader::digits_of(iccid)) {
            return Err(template("its header has another ICCID than the stock".into()));
        }
    }
    if let Stock::Range(range) = &settings.stock {
        let wrong = |reason| ConfigError::Range { name: name(), reason };
        let (iccid, imsi) = range.numbers(0).ok_or_else(|| wrong("are none"))?;
        range
            .numbers(range.count.saturating_sub(1))
            .ok_or_else(|| wrong("run over: begin lower, or have fewer"))?;
        let trial = package_personal(iccid, &Subscription::new(imsi, [0; 16], [0; 16]));
        personalise(&package, &trial).map_err(|error| template(error.to_string()))?;
    }
    Ok(package)
}

/// No two types may make the same profile, or the same subscription.
fn check_numbers(kinds: &BTreeMap<String, Kind>) -> Result<(), ConfigError> {
    for (name, kind) in kinds {
        let is_shared = kinds
            .iter()
            .any(|(other, kind_of_other)| other != name && kind_of_other.begins_within(kind));
        if is_shared {
            let reason = "are those of another type, too; give each its own";
            return Err(ConfigError::Range { name: name.clone(), reason });
        }
    }
    Ok(())
}

impl Kind {
    fn begins_within(&self, other: &Self) -> bool {
        match (&self.settings.stock, &other.settings.stock) {
            (Stock::Whole(iccid), _) => other.numbers_of(*iccid).is_some(),
            (Stock::Range(range), Stock::Range(others)) => {
                others.place(range.first_iccid).is_some() || others.has_imsi(range.first_imsi)
            }
            (Stock::Range(_), Stock::Whole(_)) => false,
        }
    }
}

impl Range {
    fn has_imsi(&self, imsi: Imsi) -> bool {
        let number = |imsi: Imsi| imsi.to_string().parse::<u64>().unwrap_or_default();
        let above = number(imsi).checked_sub(number(self.first_imsi));
        above.is_some_and(|above| above < self.count.into())
    }
}
