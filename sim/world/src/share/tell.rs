//! What masters and slaves do, in the words of the catalogue.

use super::system::Share;
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::Instant;
use polysim_share::master::{Ended, Holder, How, MasterEvent, PairRefusal, PickRefusal, SlaveId};
use polysim_share::slave::{Left, SlaveEvent, Why};
use polysim_share::wire::HeldBy;

pub(super) type Fields = Vec<(&'static str, Value)>;

/// How often what has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Leases that were granted.
    pub(crate) granted: u64,
    /// Of those: for an activation command only, for parameters, for the master's own modem.
    pub(crate) equal: u64,
    pub(crate) sent: u64,
    pub(crate) own: u64,
    /// Links to holders that were back in time.
    pub(crate) resumed: u64,
    /// Leases that have ended by their guard.
    pub(crate) guards: u64,
}

impl Counts {
    pub(super) const fn count(&mut self, event: &MasterEvent) {
        match event {
            MasterEvent::Granted { how, .. } => {
                self.granted += 1;
                match how {
                    How::Equal => self.equal += 1,
                    How::Pushed | How::Different | How::None => self.sent += 1,
                    How::Own => self.own += 1,
                    How::Lent => {}
                }
            }
            MasterEvent::Resumed(_) => self.resumed += 1,
            MasterEvent::Free { ended: Ended::Guard, .. } => self.guards += 1,
            MasterEvent::Paired(_)
            | MasterEvent::PairRefused { .. }
            | MasterEvent::Unpaired(_)
            | MasterEvent::Connected(_)
            | MasterEvent::Lost(_)
            | MasterEvent::Busy { .. }
            | MasterEvent::Asks(_)
            | MasterEvent::Active(_)
            | MasterEvent::Revoked(_)
            | MasterEvent::InDoubt { .. }
            | MasterEvent::Free { ended: Ended::Confirmed, .. }
            | MasterEvent::PickRefused { .. } => {}
        }
    }
}

impl Share {
    /// Tells what a master tells.
    pub(super) fn tell_of_master(
        &self,
        now: Instant,
        observer: &mut Observer,
        group: u32,
        event: &MasterEvent,
    ) {
        let about = match event {
            MasterEvent::PairRefused { key, .. } => self.keyed(group, key),
            MasterEvent::Paired(id)
            | MasterEvent::Unpaired(id)
            | MasterEvent::Connected(id)
            | MasterEvent::Lost(id)
            | MasterEvent::Busy { slave: id, .. }
            | MasterEvent::Asks(id)
            | MasterEvent::Resumed(id) => self.phone_of(group, Holder::Slave(*id)),
            MasterEvent::Granted { holder, .. }
            | MasterEvent::Active(holder)
            | MasterEvent::Revoked(holder)
            | MasterEvent::InDoubt { holder, .. }
            | MasterEvent::Free { holder, .. }
            | MasterEvent::PickRefused { holder, .. } => self.phone_of(group, *holder),
        };
        let told = self.of_master(observer, group, event);
        self.note(now, observer, (group, about.unwrap_or(u32::MAX)), told);
    }

    fn of_master(
        &self,
        observer: &Observer,
        group: u32,
        event: &MasterEvent,
    ) -> (&'static str, Fields) {
        match event {
            MasterEvent::Paired(_) => ("share.paired", Vec::new()),
            MasterEvent::PairRefused { why, .. } => {
                let why = match why {
                    PairRefusal::Full => "full",
                    PairRefusal::NotWiped => "not-wiped",
                };
                ("share.pair-refused", vec![("why", why.into())])
            }
            MasterEvent::Unpaired(_) => ("share.unpaired", Vec::new()),
            MasterEvent::Connected(_) => ("share.connected", Vec::new()),
            MasterEvent::Lost(_) => ("share.lost", Vec::new()),
            MasterEvent::Busy { holder, .. } => {
                let holder = self.phone_of(group, *holder);
                let holder = holder.map_or("", |phone| observer.names.phone(phone));
                ("share.busy", vec![("holder", holder.into())])
            }
            MasterEvent::Asks(_) => ("share.asks", Vec::new()),
            MasterEvent::Granted { epoch, how, .. } => {
                let epoch = ("epoch", epoch.count().into());
                ("share.granted", vec![epoch, ("how", how_word(*how).into())])
            }
            MasterEvent::Active(_) => ("share.active", Vec::new()),
            MasterEvent::Resumed(_) => ("share.resumed", Vec::new()),
            MasterEvent::Revoked(_) => ("share.revoked", Vec::new()),
            MasterEvent::InDoubt { guard, .. } => {
                ("share.in-doubt", vec![("guard_ms", (guard.as_micros() / 1_000).into())])
            }
            MasterEvent::Free { ended, .. } => {
                let ended = match ended {
                    Ended::Confirmed => "confirmed",
                    Ended::Guard => "guard",
                };
                ("share.free", vec![("ended", ended.into())])
            }
            MasterEvent::PickRefused { why, .. } => {
                let why = match why {
                    PickRefusal::NotPaired => "not-paired",
                    PickRefusal::NotConnected => "not-connected",
                    PickRefusal::Already => "already",
                };
                ("share.pick-refused", vec![("why", why.into())])
            }
        }
    }

    /// Tells what a slave tells.
    pub(super) fn tell_of_slave(
        &self,
        now: Instant,
        observer: &mut Observer,
        slave: u32,
        event: &SlaveEvent,
    ) {
        let Some(member) = self.member(slave) else { return };
        let told = match event {
            SlaveEvent::Connected => ("share.linked", Vec::new()),
            SlaveEvent::Lost => ("share.unlinked", Vec::new()),
            SlaveEvent::Busy(held) => {
                let holder = match held {
                    HeldBy::Master => {
                        let master = self.phone_of(member.group, Holder::Own);
                        master.map_or("", |it| observer.names.phone(it)).to_owned()
                    }
                    HeldBy::Slave(name) => name.to_string(),
                    HeldBy::Consent => "consent".to_owned(),
                };
                ("share.refused", vec![("holder", holder.into())])
            }
            SlaveEvent::Stored => ("share.stored", Vec::new()),
            SlaveEvent::Activated(epoch) => {
                ("share.activated", vec![("epoch", epoch.count().into())])
            }
            SlaveEvent::Resumed => ("share.continued", Vec::new()),
            SlaveEvent::Leaving(why) => ("share.leaving", vec![("why", why_word(*why).into())]),
            SlaveEvent::Left { why, left } => {
                let left = match left {
                    Left::Detached => "detached",
                    Left::PowerCut => "power-cut",
                };
                ("share.left", vec![("why", why_word(*why).into()), ("left", left.into())])
            }
            SlaveEvent::Wiped => ("share.wiped", Vec::new()),
        };
        self.note(now, observer, (member.group, member.device.phone), told);
    }

    /// Returns the phone of a holder.
    pub(super) fn phone_of(&self, group: u32, holder: Holder) -> Option<u32> {
        match holder {
            Holder::Own => self.group(group).map(|group| group.device.phone),
            Holder::Slave(id) => self.numbered_phone(group, id),
        }
    }

    fn numbered_phone(&self, group: u32, id: SlaveId) -> Option<u32> {
        let member = self.member(self.numbered(group, id)?)?;
        Some(member.device.phone)
    }

    fn keyed(&self, group: u32, key: &polysim_share::PeerKey) -> Option<u32> {
        let mut slaves = self.group(group)?.slaves.clone().filter_map(|it| self.member(it));
        slaves.find(|member| member.key == *key).map(|member| member.device.phone)
    }
}

const fn how_word(how: How) -> &'static str {
    match how {
        How::Pushed => "pushed",
        How::Different => "different",
        How::None => "none",
        How::Equal => "equal",
        How::Lent => "lent",
        How::Own => "own",
    }
}

const fn why_word(why: Why) -> &'static str {
    match why {
        Why::Revoked => "revoked",
        Why::User => "user",
        Why::Timer => "timer",
        Why::CardLost => "card-lost",
        Why::Modem => "modem",
        Why::Started => "started",
    }
}
