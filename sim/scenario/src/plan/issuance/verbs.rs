//! Verbs of customers, of whoever comes with a tool, and of attackers.

use super::phones;
use crate::plan::lookup::find;
use crate::plan::verb::Resolve;
use crate::spec::{
    AttackSpec, AttackVerb, CancelOrderVerb, MethodSpec, Name, OnSiteVerb, OrderVerb, RouteSpec,
    SwapCardsVerb,
};
use polysim_base::{Duration, Imei};
use polysim_issuance::wire::{Method, Route};
use polysim_world::{Attack, IssuanceAction};

/// How long somebody with a tool stays where the file does not say.
const STAY: Duration = Duration::from_secs(120);

type R<'a, 'r> = Resolve<'a, 'r>;

pub(in crate::plan) fn order(v: &OrderVerb, r: &mut R<'_, '_>) -> Option<IssuanceAction> {
    let business = business(v.business.as_ref(), r, "order");
    let operator = r.chosen(&v.operator)?;
    find(&r.lookup.operators, "operator", &operator, r.report)?;
    let devices: Vec<_> = v.devices.iter().filter_map(|device| r.chosen(device)).collect();
    let mut devices = phones(r.lookup, &devices, r.report);
    let imeis = v.imeis.iter().filter_map(|imei| typed(imei, r)).collect();
    if v.devices.is_empty() && v.imeis.is_empty() {
        devices.extend(r.phone(None, "order"));
    }
    Some(IssuanceAction::Order {
        business: business?,
        batch: v.batch,
        phones: devices,
        imeis,
        operator: operator.text,
        route: match v.route {
            RouteSpec::Any => Route::Any,
            RouteSpec::Air => Route::Air,
            RouteSpec::OnSite => Route::OnSite,
        },
        method: match v.method {
            MethodSpec::Applet => Method::Applet,
            MethodSpec::Files => Method::Files,
        },
        per_s: v.per_s,
    })
}

/// Reads an IMEI as a customer types it.
fn typed(imei: &Name, r: &mut R<'_, '_>) -> Option<Imei> {
    let read = Imei::parse(&imei.text);
    read.map_err(|error| r.report.at(imei.span.clone(), error.to_string())).ok()
}

pub(in crate::plan) fn cancel_order(
    v: &CancelOrderVerb,
    r: &mut R<'_, '_>,
) -> Option<IssuanceAction> {
    let business = business(v.business.as_ref(), r, "cancel_order");
    let phone = r.phone(v.phone.as_ref(), "cancel_order")?;
    Some(IssuanceAction::Cancel { business: business?, batch: v.batch, phone })
}

pub(in crate::plan) fn on_site(v: &OnSiteVerb, r: &mut R<'_, '_>) -> Option<IssuanceAction> {
    let business = business(v.business.as_ref(), r, "on_site");
    let phone = r.phone(v.phone.as_ref(), "on_site")?;
    let stay = v.stay.map_or(STAY, |span| span.0);
    Some(IssuanceAction::Visit { phone, business: business?, reader: v.reader, stay })
}

pub(in crate::plan) fn swap_cards(v: &SwapCardsVerb, r: &mut R<'_, '_>) -> Option<IssuanceAction> {
    let phone = r.phone(v.phone.as_ref(), "swap_cards");
    let with = r.phone(Some(&v.with), "swap_cards")?;
    Some(IssuanceAction::SwapCards { phone: phone?, with })
}

pub(in crate::plan) fn attack(v: &AttackVerb, r: &mut R<'_, '_>) -> Option<IssuanceAction> {
    let phone = r.phone(v.phone.as_ref(), "attack");
    let attack = match (v.kind, &v.of) {
        (AttackSpec::Misdirected, Some(of)) => {
            Attack::Misdirected { of: r.phone(Some(of), "attack")? }
        }
        (AttackSpec::Misdirected, None) => {
            let help = Some("write of = \"NAME\": a phone to whose card a packet went".into());
            r.report.with(0..0, "this attack does not say whose packet it is", help);
            return None;
        }
        (AttackSpec::Replay, _) => Attack::Replay,
        (AttackSpec::WrongKey, _) => Attack::WrongKey,
        (AttackSpec::WrongTar, _) => Attack::WrongTar,
        (AttackSpec::WeakSecurity, _) => Attack::WeakSecurity,
        (AttackSpec::OldCounter, _) => Attack::OldCounter,
        (AttackSpec::OtherCard, _) => Attack::OtherCard,
    };
    if let (Some(of), false) = (&v.of, v.kind == AttackSpec::Misdirected) {
        r.report.at(of.span.clone(), "only a misdirected packet is \"of\" another phone");
    }
    Some(IssuanceAction::Attack { phone: phone?, attack })
}

/// Finds the business platform: the only one where none is named.
fn business(name: Option<&Name>, r: &mut R<'_, '_>, verb: &str) -> Option<usize> {
    if let Some(name) = name {
        return r.find(|lookup| &lookup.businesses, "business platform", name);
    }
    let count = r.lookup.businesses.len();
    if count == 1 {
        return Some(0);
    }
    let message = format!("the verb \"{verb}\" does not say which business platform");
    let help = Some(format!("there are {count}: write business = \"NAME\""));
    r.report.with(0..0, message, help);
    None
}
