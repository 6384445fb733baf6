//! The registration, summed up over its domains.

use polysim_at::{Registration, RegistrationDomain, RegistrationStatus};

use crate::{ModemEvent, RegistrationState, engine::Engine};

/// What the modem told of each domain, and the sum.
#[derive(Clone, Debug)]
pub(crate) struct Registrations {
    statuses: [RegistrationStatus; 4],
    best: RegistrationState,
}

impl Registrations {
    pub(crate) const fn new() -> Self {
        Self { statuses: [RegistrationStatus::Unknown; 4], best: RegistrationState::UNKNOWN }
    }

    pub(crate) const fn summary(&self) -> RegistrationState {
        self.best
    }

    /// Whether anything was told yet.
    pub(crate) fn is_told(&self) -> bool {
        self.best != RegistrationState::UNKNOWN
    }

    /// Takes what was told of one domain. Returns the new sum if it changed, and the domain whose
    /// details are to be asked for if another one counts now.
    fn update(
        &mut self,
        domain: RegistrationDomain,
        told: Registration,
    ) -> (Option<RegistrationState>, Option<RegistrationDomain>) {
        let before = self.best;
        let mut best = (0, domain, told.status);
        for (status, of) in self.statuses.iter_mut().zip(RegistrationDomain::ALL) {
            if of == domain {
                *status = told.status;
            }
            let rank = rank(*status);
            if rank > best.0 {
                best = (rank, of, *status);
            }
        }
        let (_, of, status) = best;
        if of == domain {
            self.best = RegistrationState {
                domain,
                status,
                technology: told.technology,
                area: told.area,
                cell: told.cell,
                reject: told.reject,
            };
        } else if of != before.domain || status != before.status {
            self.best = RegistrationState { domain: of, status, ..RegistrationState::UNKNOWN };
        }
        let changed = (self.best != before).then_some(self.best);
        (changed, changed.and_then(|_| (of != domain).then_some(of)))
    }
}

/// How much a status counts; of equals the first domain does.
const fn rank(status: RegistrationStatus) -> u8 {
    match status {
        RegistrationStatus::Unknown | RegistrationStatus::Other(_) => 1,
        RegistrationStatus::NotRegistered => 2,
        RegistrationStatus::Searching => 3,
        RegistrationStatus::Denied => 4,
        RegistrationStatus::EmergencyOnly => 5,
        RegistrationStatus::HomeSmsOnly | RegistrationStatus::RoamingSmsOnly => 6,
        RegistrationStatus::Home
        | RegistrationStatus::Roaming
        | RegistrationStatus::HomeNoCsfb
        | RegistrationStatus::RoamingNoCsfb => 7,
    }
}

impl Engine {
    /// Takes what the modem told of one domain.
    pub(crate) fn registered(&mut self, domain: RegistrationDomain, told: Registration) {
        let (changed, ask) = self.registration.update(domain, told);
        if let Some(state) = changed {
            self.event(ModemEvent::Registration(state));
        }
        if let Some(domain) = ask {
            self.chores.read_registration(domain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: RegistrationStatus, cell: u64) -> Registration {
        Registration { cell: Some(cell), ..Registration::new(status) }
    }

    #[test]
    fn the_best_domain_counts_and_only_changes_are_told() {
        use RegistrationDomain::{Circuit, Eps};
        use RegistrationStatus::{Denied, Home, NotRegistered, Searching};
        let mut sum = Registrations::new();
        assert!(sum.update(Circuit, told(Searching, 1)).0.is_some());
        assert!(sum.update(Circuit, told(Searching, 1)).0.is_none());
        let (changed, ask) = sum.update(Eps, told(Home, 7));
        assert_eq!((changed.unwrap().domain, changed.unwrap().cell), (Eps, Some(7)));
        assert_eq!(ask, None);
        assert!(sum.update(Circuit, told(Denied, 1)).0.is_none(), "EPS is registered still");
        let (changed, ask) = sum.update(Eps, told(NotRegistered, 7));
        assert_eq!((changed.unwrap().status, ask), (Denied, Some(Circuit)));
        assert_eq!(changed.unwrap().cell, None, "what is not known any more is asked for");
    }
}
