//! F19 and F20: what is denied changes nothing, and everything that changes says who caused it.

use super::Check;
use polysim_base::Iccid;
use polysim_fleet::wire::{Ask, Cause, Change, Input, Record, SiteOrder, Target};
use polysim_fleet::{Permissions, SiteId, UserId};

/// What a server was given, and what may come of it.
#[derive(Debug, Default)]
pub(super) struct Turn {
    cause: Option<Cause>,
    denied: bool,
}

impl Turn {
    pub(super) fn of(input: Option<&Input>, may: impl Fn(UserId, Iccid) -> Permissions) -> Self {
        let Some(input) = input else {
            return Self { cause: Some(Cause::Time), denied: false };
        };
        let (cause, denied) = match input {
            Input::Lead(_) | Input::Operator(_) => (Cause::Operator, false),
            Input::Site(site, _) => (Cause::Site(*site), false),
            Input::User(user, request) => {
                let lacks = |iccid, wanted| !may(*user, iccid).allow(wanted);
                let denied = match request.ask {
                    Ask::Assign { iccid, .. } | Ask::Release { iccid, .. } => {
                        lacks(iccid, Permissions::CONFIGURE)
                    }
                    Ask::Use { target: Target::Sim(iccid), purpose, .. } => lacks(iccid, purpose),
                    Ask::Why { .. } | Ask::List | Ask::Mail { .. } => true,
                    Ask::Use { .. } => false,
                };
                (Cause::User(*user, request.request), denied)
            }
        };
        Self { cause: Some(cause), denied }
    }
}

impl Check {
    pub(super) fn audited(&mut self, record: &Record) {
        if self.turn.denied && record.change != Change::Denied {
            self.fail("denied-changes-nothing", || format!("it has changed: {record:?}"));
        }
        if Some(record.cause) != self.turn.cause {
            let cause = self.turn.cause;
            self.fail("everything-is-audited", || format!("due to {cause:?}, yet {record:?}"));
        }
    }

    /// What a site is told to do follows from a record.
    pub(super) fn ordered(&mut self, site: SiteId, order: &SiteOrder) {
        match order {
            SiteOrder::Grant { iccid, modem, epoch, .. } => {
                if self.leases.granted_to(*iccid) != Some((*epoch, *modem)) {
                    self.fail("everything-is-audited", || {
                        format!("site {} is granted {epoch} of {iccid}, and no record is", site.0)
                    });
                }
            }
            SiteOrder::Revoke { iccid, epoch, .. } => {
                if !self.leases.ever_granted(*iccid, *epoch) {
                    self.fail("everything-is-audited", || {
                        format!("site {} is revoked {epoch} of {iccid}, never granted", site.0)
                    });
                }
            }
            SiteOrder::Entitle { .. }
            | SiteOrder::Fence { .. }
            | SiteOrder::Introduce
            | SiteOrder::Confirmed(_) => {}
        }
    }
}
