//! State that most devices have not at any moment: one box holds it all, and goes when all of it
//! is idle.

use crate::call::{Calls, Speech};
use crate::deadline::Deadline;
use crate::packet::Packet;
use crate::radio::HostScan;
use crate::service::PendingService;
use crate::toolkit::Toolkit;
use crate::ussd::Ussd;
use polysim_base::Instant;

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Rare {
    /// When the firmware runs.
    pub(crate) boot: Deadline,
    pub(crate) scan: Option<HostScan>,
    pub(crate) calls: Calls,
    pub(crate) speech: Speech,
    pub(crate) ussd: Ussd,
    pub(crate) service: Option<PendingService>,
    pub(crate) packet: Packet,
    /// What the card has under way.
    pub(crate) toolkit: Option<Box<Toolkit>>,
    /// Settings that are accepted, kept and shown, and mean nothing here.
    pub(crate) kept: Vec<(&'static str, u8)>,
}

impl Rare {
    pub(crate) fn is_idle(&self) -> bool {
        self.boot == Deadline::NONE
            && self.scan.is_none()
            && self.calls.is_empty()
            && self.speech.is_idle()
            && self.ussd.is_idle()
            && self.service.is_none()
            && self.packet.is_empty()
            && self.toolkit.is_none()
            && self.kept.is_empty()
    }

    /// Gives memory back that holds nothing.
    pub(crate) fn tidy(&mut self) {
        self.toolkit.take_if(|toolkit| toolkit.is_idle());
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(self) + self.toolkit.as_deref().map_or(0, size_of_val)
    }

    pub(crate) fn deadline(&self) -> Option<(Instant, crate::BasebandTimer)> {
        use crate::BasebandTimer as Timer;
        let scan = self.scan.as_ref().map(|scan| (scan.until, Timer::HostScan));
        let service = self.service.as_ref().map(|service| (service.until, Timer::Service));
        let calls = self.calls.deadline().map(|at| (at, Timer::Call));
        let ussd = self.ussd.deadline().map(|at| (at, Timer::Ussd));
        let packet = self.packet.deadline().map(|at| (at, Timer::Packet));
        let boot = self.boot.get().map(|at| (at, Timer::Booted));
        let toolkit = self.toolkit.as_ref().and_then(|toolkit| toolkit.deadline());
        let toolkit = toolkit.map(|at| (at, Timer::Toolkit));
        let all = [boot, scan, service, calls, ussd, packet, toolkit];
        all.into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}
