//! Verbs of whoever has a phone with a courier.

use super::{device, user};
use crate::plan::verb::Resolve;
use crate::spec::{
    BySpec, CallVerb, ChoiceSpec, ChooseVerb, ConfirmVerb, ContactsVerb, CourierVerb, LinkVerb,
    MatterSpec, Name, RateVerb, RegisterVerb, SwapCardsVerb, TextVerb,
};
use polysim_base::Msisdn;
use polysim_courier::Code;
use polysim_world::{CourierAction, CourierMatter};

type R<'a, 'r> = Resolve<'a, 'r>;

/// Returns whether a phone goes by its courier.
pub(in crate::plan) fn goes_by(by: BySpec, phone: usize, r: &R<'_, '_>) -> bool {
    by == BySpec::Data && r.lookup.courier_phones.contains(&phone)
}

pub(in crate::plan) fn text(
    v: &TextVerb,
    (phone, to): (usize, Msisdn),
    r: &mut R<'_, '_>,
) -> CourierAction {
    if v.report || v.valid.is_some() {
        let message = "texts over data have no \"report\" and no \"valid\"";
        let help = "courier = { expires = \"1h\" } of the phone says how long its texts may wait";
        r.report.with(v.to.span.clone(), message, Some(help.to_owned()));
    }
    CourierAction::Text { phone, to, text: v.text.clone() }
}

pub(in crate::plan) fn dial(
    v: &CallVerb,
    (phone, to): (usize, Msisdn),
    r: &mut R<'_, '_>,
) -> CourierAction {
    if v.hide || v.rings.is_some() {
        let message = "calls over data have no \"hide\" and no \"rings\"";
        r.report.at(v.to.span.clone(), message);
    }
    CourierAction::Dial { phone, to }
}

pub(in crate::plan) fn register(v: &RegisterVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = device(v.phone.as_ref(), r, "register");
    let number = match &v.number {
        Some(name) => Some(r.number(name)?),
        None => None,
    };
    Some(CourierAction::Register { phone: phone?, number })
}

pub(in crate::plan) fn confirm(v: &ConfirmVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = device(v.phone.as_ref(), r, "confirm");
    let Some(code) = &v.code else { return Some(CourierAction::Confirm { phone: phone? }) };
    let read = Code::parse(&code.text);
    let code = read.map_err(|error| r.report.at(code.span.clone(), error.to_string())).ok()?;
    Some(CourierAction::Guess { phone: phone?, code })
}

pub(in crate::plan) fn deregister(v: &CourierVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    device(v.phone.as_ref(), r, "deregister").map(|phone| CourierAction::Deregister { phone })
}

pub(in crate::plan) fn read(v: &CourierVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    device(v.phone.as_ref(), r, "read").map(|phone| CourierAction::Read { phone })
}

pub(in crate::plan) fn link(v: &LinkVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let (phone, with) = pair(v, r, "link")?;
    Some(CourierAction::Link { phone, with })
}

pub(in crate::plan) fn unlink(v: &LinkVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let (phone, other) = pair(v, r, "unlink")?;
    Some(CourierAction::Unlink { phone, other })
}

/// Finds the phone of a primary device, and that of a linked one.
fn pair(v: &LinkVerb, r: &mut R<'_, '_>, verb: &str) -> Option<(usize, usize)> {
    let linked = device(v.phone.as_ref(), r, verb);
    let primary = device(Some(&v.to), r, verb)?;
    Some((primary, linked?))
}

pub(in crate::plan) fn contacts(v: &ContactsVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = device(v.phone.as_ref(), r, "contacts");
    let names: Vec<_> = v.are.iter().filter_map(|name| r.chosen(name)).collect();
    let contacts = device::numbers(&names, r.lookup, r.report);
    Some(CourierAction::Contacts { phone: phone?, contacts })
}

pub(in crate::plan) fn choose(v: &ChooseVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = device(v.phone.as_ref(), r, "choose");
    if v.about == MatterSpec::Call && v.choice == ChoiceSpec::Wait {
        r.report.at(0..0, "a call that is offered to the carrier does not wait: carrier, or quit");
    }
    let about = match v.about {
        MatterSpec::Call => CourierMatter::Call,
        MatterSpec::Text => CourierMatter::Text,
    };
    Some(CourierAction::Choose { phone: phone?, about, choice: device::choice(v.choice) })
}

pub(in crate::plan) fn rate(v: &RateVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = device(v.phone.as_ref(), r, "rate")?;
    Some(CourierAction::Rate { phone, kbps: v.to.0 })
}

pub(in crate::plan) fn swap_cards(v: &SwapCardsVerb, r: &mut R<'_, '_>) -> Option<CourierAction> {
    let phone = r.phone(v.phone.as_ref(), "swap_cards");
    let with = r.phone(Some(&v.with), "swap_cards")?;
    Some(CourierAction::SwapCards { phone: phone?, with })
}

/// Finds a phone that has a courier.
fn device(name: Option<&Name>, r: &mut R<'_, '_>, verb: &str) -> Option<usize> {
    let phone = r.phone(name, verb)?;
    let place = name.map_or(0..0, |name| name.span.clone());
    user(phone, place, r.lookup, r.report)
}
