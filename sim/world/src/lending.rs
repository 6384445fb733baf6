//! Lends parts of a world to the outside: modems to whoever drives them, cards to readers.
//!
//! The host of a phone and its modem are apart already: all that passes between them is bytes. So a
//! modem is lent by taking its host away. What the modem then writes, and what the phone's user
//! asks, goes to an outbox; what the outside sends and answers is given back.

use crate::message::Message;
use crate::node::Kind;
use crate::paths::LINE;
use crate::phone::Power;
use crate::simulation::Simulation;
use crate::world::MobileWorld;
use polysim_aka::{Algorithm, AuthVector};
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Imsi, Msisdn};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::Card;
use polysim_kernel::Kernel;
use polysim_modem::{ModemInput, ModemOutput};
use polysim_radio::air::SpeechFrame;
use polysim_radio::{Keys, SubscriberConfig, SubscriberExists};

/// What a lent phone says to the outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Lent {
    /// Its modem writes on a port.
    Port {
        /// Which phone.
        phone: usize,
        /// Which of its ports.
        port: u8,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Its modem gives speech on its PCM port.
    Speech {
        /// Which phone.
        phone: usize,
        /// 20 ms of it.
        frame: SpeechFrame,
    },
    /// Its modem does something to the card that it believes in its slot, where there is none here.
    Card {
        /// Which phone.
        phone: usize,
        /// What.
        signal: CardSignal,
    },
    /// Its user, or its power, has something for the software that drives the modem.
    Host {
        /// Which phone.
        phone: usize,
        /// What.
        input: ModemInput,
    },
}

impl Simulation {
    fn kernel(&mut self) -> Option<&mut Kernel<MobileWorld>> {
        self.shards.kernels_mut().first_mut()
    }

    fn phone(&mut self, phone: usize) -> Option<&mut crate::phone::Phone> {
        let index = u32::try_from(phone).ok()?;
        self.kernel()?.world_mut().phone_mut(index)
    }

    /// Lends a phone's modem: from now on the outside drives it, with [`Self::modem_input`] and
    /// [`Self::take_lent`]. Returns whether there is such a phone.
    pub fn lend_modem(&mut self, phone: usize) -> bool {
        self.phone(phone).map(|phone| phone.host = None).is_some()
    }

    /// Lets bytes take as long between a lent modem's first port and the outside as they take within
    /// the world. Without this they take no time, and how long they do take is for the outside.
    pub fn keep_line_latency(&mut self) {
        if let Some(kernel) = self.kernel() {
            kernel.world_mut().lent_line = LINE;
        }
    }

    /// Returns whether a phone is switched on.
    pub fn is_on(&mut self, phone: usize) -> bool {
        self.phone(phone).is_some_and(|phone| phone.power == Power::On)
    }

    /// Gives something to a modem, from outside, at this moment.
    pub fn modem_input(&mut self, phone: usize, input: BasebandInput) {
        let Ok(index) = u32::try_from(phone) else { return };
        if let Some(kernel) = self.kernel() {
            let line = kernel.world().lent_line;
            let on_line = matches!(input, BasebandInput::Port { port: 0, .. });
            let delay = if on_line { line } else { Duration::ZERO };
            kernel.inject(delay, Kind::Baseband.node(index), Message::Baseband(input));
        }
    }

    /// Gives the user of a lent phone what the software says that drives its modem: outcomes and
    /// events. Bytes go to the modem's first port.
    pub fn host_output(&mut self, phone: usize, output: ModemOutput) {
        let Ok(index) = u32::try_from(phone) else { return };
        if let Some(kernel) = self.kernel() {
            kernel.act(|world, ctx| world.host_said(ctx, index, output));
        }
    }

    /// Takes what lent phones have said since the last call, in order.
    pub fn take_lent(&mut self) -> Vec<Lent> {
        let kernel = self.kernel();
        kernel.map_or_else(Vec::new, |kernel| std::mem::take(&mut kernel.world_mut().lent))
    }

    /// Handles what is due at this very moment, such as what [`Self::modem_input`] gave.
    pub fn settle(&mut self) {
        let now = self.now();
        if let Some(kernel) = self.kernel() {
            kernel.run_until(now);
        }
    }

    /// Takes the card out of a phone, for a reader outside. `None` if it is lent already.
    pub fn take_card(&mut self, phone: usize) -> Option<Card> {
        let mut card = self.phone(phone)?.card.take()?;
        card.power_off();
        self.modem_input(phone, BasebandInput::Card(CardToTerminal::Removed));
        Some(card)
    }

    /// Puts a card into a phone. The card that was there, if any, is thrown out and returned.
    pub fn put_card(&mut self, phone: usize, mut card: Card) -> Option<Card> {
        card.power_off();
        let before = self.take_card(phone);
        self.phone(phone)?.card = Some(card);
        self.modem_input(phone, BasebandInput::Card(CardToTerminal::Inserted));
        before
    }

    /// Gives a modem what a card says that is outside: one that has no card here takes it for its own.
    pub fn card_reply(&mut self, phone: usize, reply: CardReply) {
        if self.phone(phone).is_some_and(|phone| phone.card.is_none()) {
            self.modem_input(phone, BasebandInput::Card(reply.into()));
        }
    }

    /// Has an operator know a subscription, whose card is outside. One that it knows gets these keys.
    ///
    /// # Errors
    /// Where another subscription has the number.
    pub fn subscribe(
        &mut self,
        operator: usize,
        (imsi, number): (Imsi, Option<Msisdn>),
        algorithm: Algorithm,
    ) -> Result<(), SubscriberExists> {
        let core = self.kernel().and_then(|kernel| kernel.world_mut().cores.get_mut(operator));
        let Some(core) = core.and_then(Option::as_mut) else { return Ok(()) };
        let keys = Keys::Stored(Box::new(algorithm));
        let mut subscriber = SubscriberConfig::new(imsi, number);
        subscriber.keys = keys.clone();
        match core.machine.add_subscriber(subscriber) {
            Err(SubscriberExists::Imsi(imsi)) => {
                core.machine.set_keys(&imsi, keys);
                Ok(())
            }
            added => added,
        }
    }

    /// Asks the operator of a subscription for an authentication vector, to try its card with.
    pub fn challenge(&mut self, operator: usize, imsi: &Imsi) -> Option<AuthVector> {
        let core = self.kernel()?.world_mut().cores.get_mut(operator)?.as_mut()?;
        core.machine.authentication_vector(imsi)
    }
}

#[cfg(test)]
mod tests;
