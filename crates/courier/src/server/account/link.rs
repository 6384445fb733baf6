//! A primary device links others, unlinks them, and gives its number up.

use polysim_base::{Duration, Instant, Msisdn};

use super::Invited;
use crate::server::secret::same;
use crate::server::{AccountRecord, Connection, Server, ServerEvent};
use crate::wire::{AccountToDevice, Refusal};
use crate::{DeviceId, DeviceKey, DeviceName, Invitation, RequestId};

/// For how long an invitation holds.
const INVITATION_LIFETIME: Duration = Duration::from_secs(600);

type Asked = (Connection, RequestId);

impl Server {
    /// A primary device wants to link another one. Its last invitation holds, and no older one.
    pub(super) fn invite(&mut self, now: Instant, asked: Asked) {
        let Some(by) = self.primary(asked) else { return };
        if !self.accounts.is_proved(by) {
            return self.refuse(asked, Refusal::Unproved);
        }
        if self.is_full(by) {
            return self.refuse(asked, Refusal::Full);
        }
        let answered = |it: &Invited| it.asked == Some(asked);
        if !self.accounts.invitations.get(&by).is_some_and(answered) {
            self.keep(now, AccountRecord::Invited { by, at: now });
        }
        let Some(invited) = self.accounts.invitations.get_mut(&by) else { return };
        invited.asked = Some(asked);
        let invitation = self.desk.config.key.invitation(by, invited.number);
        let (to, request) = asked;
        let valid_for = invited.at.plus(INVITATION_LIFETIME).since(now);
        self.desk.send(to, AccountToDevice::Invited { request, invitation, valid_for });
    }

    /// A device wants to be linked.
    pub(super) fn redeem(
        &mut self,
        now: Instant,
        asked: Asked,
        invitation: &Invitation,
        (key, name): (DeviceKey, DeviceName),
    ) {
        // The answer was lost: in this session it is linked.
        let is = self.sessions.bound(asked.0);
        if let Some((id, device)) = is.and_then(|id| Some((id, self.accounts.devices.get(&id)?)))
            && device.key == key
            && !self.accounts.is_primary(id)
        {
            return self.say_registered(asked, id);
        }
        let by = invitation.by();
        let Some(number) = self.invited_to(now, invitation) else {
            return self.refuse(asked, Refusal::Expired);
        };
        let before = self.linked_before(&number, key);
        if before.is_none() && self.is_full(by) {
            return self.refuse(asked, Refusal::Full);
        }
        let (device, generation) = before.unwrap_or_else(|| (self.accounts.next(), 0));
        self.keep(now, AccountRecord::Linked { device, number, key, name, generation });
        self.desk.tell(ServerEvent::Linked(device));
        self.bind(now, asked.0, device);
        self.say_registered(asked, device);
    }

    /// Returns the number whose devices an invitation invites to, if it holds.
    fn invited_to(&self, now: Instant, shown: &Invitation) -> Option<Msisdn> {
        let by = shown.by();
        let invited = self.accounts.invitations.get(&by)?;
        let right = self.desk.config.key.invitation(by, invited.number);
        let holds = invited.at.plus(INVITATION_LIFETIME) > now && same(&shown.0, &right.0);
        let number = self.accounts.number_of(by)?;
        (holds && self.accounts.is_proved(by)).then_some(number)
    }

    /// Returns the linked device of a number that has this key, and the token that it is to have.
    fn linked_before(&self, number: &Msisdn, key: DeviceKey) -> Option<(DeviceId, u32)> {
        let mut linked = self.accounts.devices_of(number).skip(1);
        linked.find_map(|id| {
            let device = self.accounts.devices.get(&id).filter(|it| it.key == key)?;
            Some((id, device.generation.saturating_add(1)))
        })
    }

    fn is_full(&self, primary: DeviceId) -> bool {
        let number = self.accounts.number_of(primary);
        let count = number.map_or(0, |number| self.accounts.devices_of(&number).count());
        count >= usize::from(self.desk.config.limits.devices)
    }

    /// A primary device unlinks another one.
    pub(super) fn unlink(&mut self, now: Instant, asked: Asked, device: DeviceId) {
        let Some(primary) = self.primary(asked) else { return };
        if device == primary {
            return self.refuse(asked, Refusal::NotPrimary);
        }
        if self.accounts.number_of(device) == self.accounts.number_of(primary) {
            self.end_device(now, device);
        }
        self.desk.send(asked.0, AccountToDevice::Done { request: asked.1 });
    }

    /// A primary device gives up its number.
    pub(super) fn deregister(&mut self, now: Instant, asked: Asked) {
        let Some(primary) = self.primary(asked) else { return };
        self.sessions.is_nobody(now, asked.0);
        self.gone(primary);
        self.end_number(now, primary);
        self.desk.send(asked.0, AccountToDevice::Done { request: asked.1 });
    }

    /// Returns the primary device that asks, or answers whoever else asks.
    fn primary(&mut self, asked: Asked) -> Option<DeviceId> {
        let device = self.sessions.bound(asked.0);
        match device {
            // Nobody asks before they are welcome; so here a registration has ended in this session.
            None => self.refuse(asked, Refusal::NotRegistered),
            Some(device) if self.accounts.is_primary(device) => return Some(device),
            Some(_) => self.refuse(asked, Refusal::NotPrimary),
        }
        None
    }
}
