//! Codes: how many, for how long, how often tried, and for whom.

use super::{CODE_BOUNDED, Found};
use polysim_base::{Duration, Instant, Msisdn};
use polysim_courier::server::{CodeSent, Limits};
use polysim_courier::{DeviceId, DeviceKey, Registration, TenantId};
use std::collections::BTreeMap;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// See the module.
#[derive(Debug)]
pub(super) struct Codes {
    limits: Limits,
    issued: BTreeMap<Registration, Issued>,
    /// By which registration devices were registered last, as the server has written down.
    registered: BTreeMap<DeviceId, (Registration, Instant)>,
    /// Codes that were sent, the oldest first: when, to whom, for whom.
    sent: Vec<(Instant, Msisdn, TenantId)>,
}

#[derive(Debug)]
struct Issued {
    sent: CodeSent,
    tried: u32,
    used: bool,
}

impl Codes {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, issued: BTreeMap::new(), registered: BTreeMap::new(), sent: Vec::new() }
    }

    pub(super) fn number_of(&self, registration: Registration) -> Option<Msisdn> {
        self.issued.get(&registration).map(|it| it.sent.number)
    }

    pub(super) fn key_of(&self, registration: Registration) -> Option<DeviceKey> {
        self.issued.get(&registration).map(|it| it.sent.key)
    }

    /// A code is written down. It is sent once that is durable.
    pub(super) fn issues(&mut self, sent: &CodeSent) {
        let issued = Issued { sent: sent.clone(), tried: 0, used: false };
        self.issued.insert(sent.registration, issued);
    }

    /// A code is sent.
    pub(super) fn sent(&mut self, found: &mut Found, registration: Registration) {
        let Some(CodeSent { at, number, tenant, .. }) =
            self.issued.get(&registration).map(|it| it.sent.clone())
        else {
            return found.note(CODE_BOUNDED, format!("{registration:?} was never written down"));
        };
        self.sent.retain(|(then, ..)| at.since(*then) < DAY);
        self.sent.push((at, number, tenant));
        let hour = || self.sent.iter().filter(|(then, ..)| at.since(*then) < HOUR);
        let to_number = hour().filter(|(_, to, _)| *to == number).count();
        let to_range = hour().filter(|(_, to, _)| range(to) == range(&number)).count();
        let for_tenant = self.sent.iter().filter(|(.., of)| *of == tenant).count();
        let limits = &self.limits;
        for (what, count, limit) in [
            ("number", to_number, u64::from(limits.per_number)),
            ("range", to_range, u64::from(limits.per_range)),
            ("tenant", for_tenant, u64::from(limits.per_tenant)),
        ] {
            if u64::try_from(count).is_ok_and(|count| count > limit) {
                found.note(
                    CODE_BOUNDED,
                    format!("{count} codes for a {what}, {limit} are the most"),
                );
            }
        }
        let digits = number.to_string();
        let digits = digits.trim_start_matches('+');
        let allowed = |code: &str| digits.starts_with(code);
        let countries = &limits.countries;
        let mut listed = countries.iter().filter(|it| it.per_hour > 0);
        if !countries.is_empty() && !listed.any(|it| allowed(&it.code)) {
            found.note(CODE_BOUNDED, "a code goes to a country to which none go".to_owned());
        }
    }

    /// A wrong code was told.
    pub(super) fn tried(&mut self, found: &mut Found, registration: Registration) {
        let tries = u32::from(self.limits.tries);
        let Some(issued) = self.issued.get_mut(&registration) else { return };
        issued.tried += 1;
        if issued.tried > tries {
            let text = format!("{registration:?} was tried {} times", issued.tried);
            found.note(CODE_BOUNDED, text);
        }
    }

    pub(super) fn registers(&mut self, registration: Registration, device: DeviceId, at: Instant) {
        self.registered.insert(device, (registration, at));
    }

    /// A device is registered.
    pub(super) fn used(&mut self, found: &mut Found, device: DeviceId) {
        let known = self.registered.get(&device).copied();
        let issued = known.and_then(|(of, at)| Some((of, at, self.issued.get_mut(&of)?)));
        let Some((registration, at, issued)) = issued else {
            return found.note(CODE_BOUNDED, format!("{device:?} is registered without a code"));
        };
        if core::mem::replace(&mut issued.used, true) {
            found.note(CODE_BOUNDED, format!("{registration:?} was used twice"));
        }
        let age = at.since(issued.sent.at);
        if age > self.limits.code_lifetime {
            let text = format!("{registration:?} was used after {} s", age.as_secs());
            found.note(CODE_BOUNDED, text);
        }
        if issued.tried >= u32::from(self.limits.tries) {
            found.note(CODE_BOUNDED, format!("{registration:?} was used after all its tries"));
        }
    }

    /// A device is told that it is registered.
    pub(super) fn told(
        &self,
        found: &mut Found,
        device: DeviceId,
        number: &Msisdn,
        key: Option<DeviceKey>,
    ) {
        let Some((registration, _)) = self.registered.get(&device) else { return };
        let Some(issued) = self.issued.get(registration) else { return };
        if issued.sent.number != *number || Some(issued.sent.key) != key {
            let text = format!("{registration:?} has registered another number or device");
            found.note(CODE_BOUNDED, text);
        }
    }
}

/// Returns all digits of a number but the last two.
fn range(number: &Msisdn) -> Vec<u8> {
    let mut digits: Vec<u8> = number.digits().collect();
    digits.truncate(digits.len().saturating_sub(2));
    digits
}
