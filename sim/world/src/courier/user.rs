//! What the users of devices do without being told.

use super::message::Deed;
use super::system::{Call, Courier, Ctx};
use crate::observer::Observer;
use polysim_base::Duration;
use polysim_courier::client::{CallEvent, CallId, ClientCommand, ClientEvent, ClientInput, Offer};
use polysim_speech::Frame;

/// How long a user takes to do what needs no thought.
const AT_ONCE: Duration = Duration::from_millis(500);
/// Offers that are remembered.
const OFFERS_MAX: usize = 64;
/// Texts that wait to be read.
const UNREAD_MAX: usize = 1_024;

impl Courier {
    /// The user of a device is told something.
    pub(super) fn user_sees(&mut self, ctx: &mut Ctx<'_>, device: u32, event: ClientEvent) {
        let Some(of) = self.devices.get_mut(device as usize) else { return };
        let (mind, user) = (&mut of.mind, &of.user);
        match event {
            ClientEvent::CodeCame(code) => {
                mind.code = Some(code);
                if let Some(after) = user.confirms_after {
                    Self::later(ctx, device, after, Deed::Confirm);
                }
            }
            ClientEvent::NumberWanted => {
                if of.typed.is_some() {
                    Self::later(ctx, device, AT_ONCE, Deed::Type);
                }
            }
            ClientEvent::Registered(number) => {
                mind.number = Some(number);
                Self::later(ctx, device, AT_ONCE, Deed::Link);
            }
            ClientEvent::NotRegistered(_) => mind.number = None,
            ClientEvent::Invited(invitation) => {
                if let Some(other) = mind.invites.take()
                    && let Some(to) = self.device_mut(other)
                {
                    to.mind.invitation = Some(invitation);
                    Self::later(ctx, other, AT_ONCE, Deed::Redeem);
                }
                self.link_next(ctx, device);
            }
            ClientEvent::Received(text) => {
                mind.texts += 1;
                if mind.unread.len() < UNREAD_MAX {
                    mind.unread.push(text.id);
                }
                if user.reads {
                    Self::later(ctx, device, AT_ONCE, Deed::Read);
                }
            }
            ClientEvent::Text { number, .. } => mind.written = mind.written.max(Some(number)),
            ClientEvent::Offered { offer, .. } => {
                if mind.offers.len() >= OFFERS_MAX {
                    mind.offers.remove(0);
                }
                mind.offers.push(offer);
                let choice = match offer {
                    Offer::Call(_) => user.of_calls,
                    Offer::Text(_) => user.of_texts,
                };
                if let Some(choice) = choice {
                    Self::later(ctx, device, user.chooses_after, Deed::Choose(offer, choice));
                }
            }
            ClientEvent::Call { call, event } => self.call_changes(ctx, device, call, event),
            ClientEvent::Measured(rate) => mind.rate = Some(rate),
            ClientEvent::CodeSent(_)
            | ClientEvent::WrongCode { .. }
            | ClientEvent::ProofWanted(_)
            | ClientEvent::Refused(_)
            | ClientEvent::Unlinked(_)
            | ClientEvent::Marked { .. }
            | ClientEvent::KeyChanged(_)
            | ClientEvent::NotWritten(_) => {}
        }
    }

    fn call_changes(&mut self, ctx: &mut Ctx<'_>, device: u32, call: CallId, event: CallEvent) {
        let Some(of) = self.devices.get_mut(device as usize) else { return };
        match event {
            CallEvent::Ringing => {
                let peer = of.mind.dialled;
                of.mind.calls.insert(call, Call::Ringing(peer));
            }
            CallEvent::Incoming(from) => {
                of.mind.calls.insert(call, Call::Incoming(from));
                if let Some(after) = of.user.answers_after {
                    Self::later(ctx, device, after, Deed::Answer(call));
                }
            }
            CallEvent::Answered => {
                let peer = of.mind.peer(call);
                of.mind.calls.insert(call, Call::Answered(peer));
                if of.user.speaks_every > Duration::ZERO {
                    Self::later(ctx, device, Duration::ZERO, Deed::Speak(call));
                }
            }
            CallEvent::Ended { .. } => {
                of.mind.calls.remove(&call);
            }
        }
    }

    /// The user of a device does something.
    pub(super) fn does(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        deed: Deed,
    ) {
        let Some(of) = self.devices.get_mut(device as usize) else { return };
        let command = match deed {
            Deed::Register => ClientCommand::Register(None),
            Deed::Type => ClientCommand::Register(of.typed),
            Deed::Confirm => {
                let Some(code) = of.mind.code.take() else { return };
                ClientCommand::Confirm(code)
            }
            Deed::Link => return self.link_next_with(ctx, observer, device),
            Deed::Redeem => {
                let Some(invitation) = of.mind.invitation.take() else { return };
                ClientCommand::Redeem(invitation)
            }
            Deed::Answer(call) => {
                if !matches!(of.mind.calls.get(&call), Some(Call::Incoming(_))) {
                    return;
                }
                ClientCommand::Answer(call)
            }
            Deed::Choose(offer, choice) => {
                of.mind.offers.retain(|other| *other != offer);
                ClientCommand::Choose { offer, choice }
            }
            Deed::Read => return self.read(ctx, observer, device),
            Deed::Speak(call) => return self.speak(ctx, observer, device, call),
        };
        self.command(ctx, observer, device, command);
    }

    fn speak(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        call: CallId,
    ) {
        let Some(of) = self.device(device) else { return };
        let every = of.user.speaks_every;
        if !matches!(of.mind.calls.get(&call), Some(Call::Answered(_))) || every == Duration::ZERO {
            return;
        }
        let frame = Frame::from([0; Frame::SAMPLES]);
        self.tell_device(ctx, observer, device, ClientInput::Microphone(frame));
        Self::later(ctx, device, every, Deed::Speak(call));
    }

    /// A device has a link and is not registered: its user begins to.
    pub(super) fn may_register(&mut self, ctx: &mut Ctx<'_>, device: u32) {
        let Some(of) = self.device_mut(device) else { return };
        let ready = of.tie.at_device.is_some() && of.card.is_some() && of.linked_to.is_none();
        if ready && of.user.registers && !core::mem::replace(&mut of.mind.has_begun, true) {
            Self::later(ctx, device, AT_ONCE, Deed::Register);
        }
        if let Some(primary) = self.device(device).and_then(|of| of.linked_to) {
            self.link_next(ctx, primary);
        }
    }

    /// If a device is to be linked to this one, its user begins to.
    fn link_next(&self, ctx: &mut Ctx<'_>, primary: u32) {
        if self.next_to_link(primary).is_some() {
            Self::later(ctx, primary, AT_ONCE, Deed::Link);
        }
    }

    fn next_to_link(&self, primary: u32) -> Option<u32> {
        let of = self.device(primary).filter(|of| {
            of.mind.number.is_some() && of.tie.at_device.is_some() && of.mind.invites.is_none()
        })?;
        let wants = |other: &&u32| {
            self.device(**other).is_some_and(|of| {
                let idle = of.mind.number.is_none() && !of.mind.has_begun;
                of.user.registers && idle && of.tie.at_device.is_some()
            })
        };
        of.to_link.iter().find(wants).copied()
    }

    fn link_next_with(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>, primary: u32) {
        if let Some(other) = self.next_to_link(primary) {
            if let Some(of) = self.device_mut(other) {
                of.mind.has_begun = true;
            }
            self.invite(ctx, observer, primary, other);
        }
    }

    /// A device shows another one an invitation.
    pub(super) fn invite(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        primary: u32,
        other: u32,
    ) {
        if let Some(of) = self.device_mut(primary) {
            of.mind.invites = Some(other);
            self.command(ctx, observer, primary, ClientCommand::Invite);
        }
    }
}
