//! Verbs about eSIMs that are steered.

use super::{DOWNLOADS, operators};
use crate::plan::verb::Resolve;
use crate::spec::EntitleVerb;
use polysim_world::SteeringAction;

pub(in crate::plan) fn entitle(v: &EntitleVerb, r: &mut Resolve<'_, '_>) -> Option<SteeringAction> {
    let phone = r.phone(v.phone.as_ref(), "entitle");
    let service = match &v.service {
        Some(name) => r.find(|lookup| &lookup.services, "service", name),
        None => r.lookup.advisors.first().copied(),
    };
    if service.is_none() && v.service.is_none() {
        r.report.at(0..0, "there is no platform at which devices are entitled to anything");
    }
    let entitled = v.operators.as_ref().map(|names| operators(names, r.lookup, r.report));
    let downloads_per_month = v.downloads_per_month.unwrap_or(DOWNLOADS);
    Some(SteeringAction::Enrol { service: service?, phone: phone?, entitled, downloads_per_month })
}
