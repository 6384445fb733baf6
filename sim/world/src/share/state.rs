//! What can be asked of groups and of the phones in them.

use super::message::End;
use super::system::{Place, Share};
use crate::event::Value;
use crate::observer::Names;
use polysim_share::master::Holder;

/// What can be asked of a group that shares a virtual SIM.
pub const GROUP_STATE: &[(&str, &str)] = &[
    ("connected", "how many of its slaves are linked with the master"),
    ("epoch", "how many leases the master has granted"),
    ("holder", "the phone that is active or may be, as the master knows it; empty if none"),
    ("on_air", "the phone that is really registered with the subscription, empty if none"),
    ("paired", "how many slaves are paired"),
    ("up", "whether the software of the master runs"),
];

impl Share {
    /// Returns what a group is like.
    pub(crate) fn group_state(&self, group: usize, names: &Names) -> Vec<(&'static str, Value)> {
        let index = u32::try_from(group).unwrap_or(u32::MAX);
        let Some(group) = self.group(index) else { return Vec::new() };
        let master = group.node.machine();
        let slaves = || group.slaves.clone().filter_map(|slave| self.member(slave));
        let connected = slaves().filter(|it| it.tie.is_up(End::Master)).count();
        let is_paired = |it: &&super::system::Member| {
            it.id.is_some_and(|id| master.is_some_and(|master| master.is_paired(id)))
        };
        let holder = master.and_then(|master| master.holder());
        let holder = holder.and_then(|holder| self.phone_of(index, holder));
        let devices = core::iter::once(&group.device).chain(slaves().map(|it| &it.device));
        let on_air = devices.into_iter().find(|device| device.on_air).map(|device| device.phone);
        let named = |phone: Option<u32>| Value::from(phone.map_or("", |phone| names.phone(phone)));
        vec![
            ("connected", count(connected)),
            ("epoch", master.map_or(0, |master| master.epoch().count()).into()),
            ("holder", named(holder)),
            ("on_air", named(on_air)),
            ("paired", count(slaves().filter(is_paired).count())),
            ("up", master.is_some().into()),
        ]
    }

    /// Returns what is known of a device of a group beside what all phones tell.
    pub(crate) fn phone_state(&self, phone: usize) -> Vec<(&'static str, Value)> {
        let place = u32::try_from(phone).ok().and_then(|phone| self.place(phone));
        match place {
            Some(Place::Master(group)) => {
                let master = self.group(group).and_then(|group| group.node.machine());
                let active = master.is_some_and(|it| it.holder() == Some(Holder::Own));
                vec![("share_active", active.into())]
            }
            Some(Place::Slave(slave)) => self.slave_state(slave),
            None => Vec::new(),
        }
    }

    fn slave_state(&self, slave: u32) -> Vec<(&'static str, Value)> {
        let Some(member) = self.member(slave) else { return Vec::new() };
        let machine = member.node.machine();
        let spot = self.group(member.group).map(|group| group.device.spot);
        let in_range = spot == Some(member.device.spot);
        vec![
            ("share_active", machine.is_some_and(|it| it.active().is_some()).into()),
            ("share_in_range", in_range.into()),
            ("share_linked", member.tie.is_up(End::Slave).into()),
            ("share_stored", machine.is_some_and(|it| it.stored().is_some()).into()),
        ]
    }
}

fn count(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
