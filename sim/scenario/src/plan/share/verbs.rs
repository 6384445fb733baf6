//! Verbs of whoever carries and uses devices that share a subscription.

use super::member;
use crate::plan::lookup::{Member, find};
use crate::plan::verb::Resolve;
use crate::spec::{CarryVerb, ConsentVerb, DeviceVerb, Name, ReleaseVerb, ReplaceVerb};
use polysim_world::ShareAction;

type R<'a, 'r> = Resolve<'a, 'r>;

pub(in crate::plan) fn carry(v: &CarryVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    let (phone, member) = device(v.phone.as_ref(), r, "carry")?;
    let to = r.chosen(&v.to)?;
    let spot = find(r.lookup.spots.get(member.group)?, "spot", &to, r.report)?;
    Some(ShareAction::Carry { phone, spot })
}

pub(in crate::plan) fn pick(v: &DeviceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    let (phone, _) = device(v.phone.as_ref(), r, "pick")?;
    Some(ShareAction::Pick { phone })
}

pub(in crate::plan) fn release(v: &ReleaseVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    if v.terminal.is_some() || v.sim.is_some() || v.reclaim.is_some() {
        let message = "a \"release\" is of a terminal and a SIM, or of a phone, not of both";
        r.report.at(v.phone.as_ref()?.span.clone(), message);
    }
    let (phone, _) = device(v.phone.as_ref(), r, "release")?;
    Some(ShareAction::Release { phone })
}

pub(in crate::plan) fn want(v: &DeviceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    slave(v.phone.as_ref(), r, "want").map(|phone| ShareAction::Want { phone })
}

pub(in crate::plan) fn forget(v: &DeviceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    slave(v.phone.as_ref(), r, "forget").map(|phone| ShareAction::Forget { phone })
}

pub(in crate::plan) fn pair(v: &DeviceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    slave(v.phone.as_ref(), r, "pair").map(|phone| ShareAction::Pair { phone })
}

pub(in crate::plan) fn unpair(v: &DeviceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    slave(v.phone.as_ref(), r, "unpair").map(|phone| ShareAction::Unpair { phone })
}

pub(in crate::plan) fn consent(v: &ConsentVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    let phone = slave(v.phone.as_ref(), r, "consent")?;
    Some(ShareAction::Consent { phone, allow: v.allow })
}

pub(in crate::plan) fn replace(v: &ReplaceVerb, r: &mut R<'_, '_>) -> Option<ShareAction> {
    let group = r.find(|lookup| &lookup.shares, "group", &v.group)?;
    Some(ShareAction::Replace { group })
}

/// Finds a device of a group, and its place there.
fn device(name: Option<&Name>, r: &mut R<'_, '_>, verb: &str) -> Option<(usize, Member)> {
    let phone = r.phone(name, verb)?;
    let place = name.map_or(0..0, |name| name.span.clone());
    member(phone, place, r.lookup, r.report).map(|member| (phone, member))
}

/// Finds a device of a group that is not its master.
fn slave(name: Option<&Name>, r: &mut R<'_, '_>, verb: &str) -> Option<usize> {
    let (phone, member) = device(name, r, verb)?;
    if member.master == phone {
        let place = name.map_or(0..0, |name| name.span.clone());
        r.report.at(place, format!("a \"{verb}\" is of a slave, and this is the master"));
        return None;
    }
    Some(phone)
}
