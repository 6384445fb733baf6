//! What goes by the carrier: verification texts through a gateway, and what devices leave to it.

use super::config::CourierConfig;
use super::message::CourierMessage;
use super::system::{Courier, Ctx, Order};
use crate::action::{Action, Party};
use crate::message::Message;
use crate::node::Kind;
use crate::paths::REACTION;
use crate::world::MobileWorld;
use polysim_base::{Duration, Machine as _, Msisdn};
use polysim_courier::client::{CarrierOrder, ClientInput, Outcome};
use polysim_courier::server::OutText;
use polysim_modem::{
    ModemCommand, ModemError, ModemEvent, ModemInput, OutgoingText, Reply, TextBody, Verdict,
};
use polysim_radio::{CoreCommand, CoreInput, NetworkEvent, OutsideSms, SmsEvent};
use polysim_sms::Address;
use std::collections::BTreeMap;

/// The gateway's own names for texts begin here, beyond those of all other senders outside.
const TAGS: u64 = 16 << 40;
/// Commands for modems are numbered from here on, below those of all others but users.
const COMMANDS: u64 = 1 << 59;
const COMMANDS_END: u64 = 1 << 60;
/// How long a service centre keeps a code. It holds for no longer.
const VALIDITY: Duration = Duration::from_secs(600);
/// Texts whose fate is open, beyond which the oldest is forgotten.
const OPEN_MAX: usize = 100_000;

/// The way of verification texts to service centres.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    /// It takes nothing for now.
    pub(super) refuses: bool,
    /// Those that no service centre has taken or refused yet, by tag.
    open: BTreeMap<u64, OutText>,
    last: u64,
    /// Those that phones send, by the number of the command: the device and its number of the text.
    pub(super) sending: BTreeMap<u64, (u32, u64)>,
    commands: u64,
}

impl Gateway {
    fn tag(&mut self, text: OutText) -> u64 {
        if self.open.len() >= OPEN_MAX {
            self.open.pop_first();
        }
        self.last += 1;
        self.open.insert(TAGS + self.last, text);
        TAGS + self.last
    }

    /// Hears what becomes of texts; returns one whose fate is known, and whether a centre has it.
    fn hears(&mut self, event: &SmsEvent) -> Option<(OutText, bool)> {
        let (tag, taken) = match event {
            SmsEvent::Accepted { tag, .. } | SmsEvent::Delivered { tag, .. } => (tag, true),
            SmsEvent::Refused { tag, .. }
            | SmsEvent::Failed { tag, .. }
            | SmsEvent::Expired { tag, .. } => (tag, false),
            SmsEvent::Deferred { .. }
            | SmsEvent::DeliveredOutside { .. }
            | SmsEvent::ReportDelivered { .. } => return None,
        };
        Some((self.open.remove(&(*tag)?)?, taken))
    }
}

impl Courier {
    /// A verification text is to go to a number.
    pub(super) fn verify(&mut self, ctx: &mut Ctx<'_>, text: OutText, to: Msisdn, body: String) {
        if self.gateway.refuses {
            return said(ctx, text, false);
        }
        let tag = self.gateway.tag(text);
        self.orders.push_back(Order::Verify { to, body, tag });
    }

    /// Hears what a network tells of texts.
    pub(crate) fn hears(&mut self, ctx: &mut Ctx<'_>, event: &NetworkEvent) {
        if let NetworkEvent::Sms(event) = event
            && let Some((text, taken)) = self.gateway.hears(event)
        {
            said(ctx, text, taken);
        }
    }

    pub(super) fn order(&mut self, phone: u32, order: CarrierOrder) {
        self.orders.push_back(match order {
            CarrierOrder::Text { number, to, text } => Order::Text { phone, number, to, text },
            CarrierOrder::Dial { to, .. } => Order::Dial { phone, to },
        });
    }
}

fn said(ctx: &mut Ctx<'_>, text: OutText, taken: bool) {
    let message = CourierMessage::Texted { text, taken };
    ctx.send(REACTION, Kind::Courier.node(0), Message::Courier(Box::new(message)));
}

impl MobileWorld {
    /// Does with modems and networks what is to be done.
    pub(super) fn carry_out_courier(&mut self, ctx: &mut Ctx<'_>, order: Order) {
        match order {
            Order::Verify { to, body, tag } => self.verify(ctx, to, body, tag),
            Order::Text { phone, number, to, text } => {
                let Some(courier) = &mut self.courier else { return };
                let Some(device) = courier.on(phone as usize) else { return };
                let gateway = &mut courier.gateway;
                let id = COMMANDS + gateway.commands % (COMMANDS_END - COMMANDS);
                gateway.commands += 1;
                gateway.sending.insert(id, (device, number));
                let text = OutgoingText::new(Address::from(&to), text.as_str());
                let command = ModemCommand::SendText(Box::new(text));
                self.host_input(ctx, phone, ModemInput::Command { id, command });
            }
            Order::Dial { phone, to } => {
                let from = Party::Phone(phone as usize);
                let call = Action::Call { from, to, hide: false, rings: Duration::ZERO };
                crate::act::apply(self, ctx, &call);
            }
        }
    }

    fn verify(&mut self, ctx: &mut Ctx<'_>, to: Msisdn, body: String, tag: u64) {
        let Some(from) = CourierConfig::number() else { return };
        let home = self.courier.as_ref().and_then(|courier| courier.homes.get(&to).copied());
        let command = CoreCommand::OutsideSms {
            from: polysim_radio::Party::Number(from),
            to,
            content: OutsideSms::Text(body),
            tag: Some(tag),
            validity: Some(VALIDITY),
        };
        let input = CoreInput::Command(command);
        self.core(ctx, home.unwrap_or(0), |core, now| core.handle(now, input));
    }

    /// The software of a modem has done what it was told; returns whether that was for the courier.
    pub(crate) fn courier_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        outcome: &Result<Reply, ModemError>,
    ) -> bool {
        let Some(courier) = &mut self.courier else { return false };
        let Some((device, number)) = courier.gateway.sending.remove(&id) else { return false };
        let outcome = match outcome {
            Ok(Reply::Text(sent)) => match sent.verdict() {
                Verdict::Sent => Outcome::Sent,
                Verdict::Failed => Outcome::Failed,
                Verdict::Unknown => Outcome::Unknown,
            },
            Err(ModemError::QueueFull { .. } | ModemError::PinRequired { .. }) => Outcome::Failed,
            Ok(_) | Err(_) => Outcome::Unknown,
        };
        let input = ClientInput::CarrierTexted { number, outcome };
        self.with_courier(ctx, |courier, ctx, observer| {
            courier.tell_device(ctx, observer, device, input);
        });
        true
    }

    /// A phone is told something: its courier reads texts.
    pub(crate) fn courier_sees(&mut self, ctx: &mut Ctx<'_>, phone: u32, event: &ModemEvent) {
        let ModemEvent::Text(text) = event else { return };
        let TextBody::Text(body) = &text.body else { return };
        let Some(device) = self.courier.as_ref().and_then(|it| it.on(phone as usize)) else {
            return;
        };
        let input = ClientInput::CarrierText(body.clone());
        self.with_courier(ctx, |courier, ctx, observer| {
            courier.tell_device(ctx, observer, device, input);
        });
    }
}
