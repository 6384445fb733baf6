//! What a server does with what its client asks.

use polysim_apdu::CardSignal;
use polysim_base::Instant;

use super::card::{Awaits, Card};
use super::machine::Link;
use super::{Refusal, Server};
use crate::sap::{CommandApdu, Failure, Message, Payload, TransportProtocol};

impl Server {
    /// The client says something.
    pub(super) fn message(&mut self, now: Instant, message: Message) {
        match message {
            Message::ConnectReq { max_msg_size } => self.connect(now, max_msg_size),
            Message::DisconnectReq => self.client_leaves(now),
            Message::TransferApduReq(command) => self.apdu(now, command),
            Message::TransferAtrReq => self.atr(),
            Message::PowerSimOffReq => self.power_off(),
            Message::PowerSimOnReq => self.power_on(now),
            Message::ResetSimReq => self.reset(now),
            Message::TransferCardReaderStatusReq => self.card_reader_status(),
            Message::SetTransportProtocolReq(protocol) => self.transport_protocol(protocol),
            // The two ends would go on with that for ever.
            Message::ErrorResp => {}
            Message::ConnectResp(_)
            | Message::DisconnectResp
            | Message::DisconnectInd(_)
            | Message::TransferApduResp(_)
            | Message::TransferAtrResp(_)
            | Message::PowerSimOffResp(_)
            | Message::PowerSimOnResp(_)
            | Message::ResetSimResp(_)
            | Message::TransferCardReaderStatusResp(_)
            | Message::StatusInd(_)
            | Message::SetTransportProtocolResp(_) => self.refuse(Refusal::NoRequest),
        }
    }

    /// Both forms go to the card as they are: what it does not take it refuses with its status word.
    fn apdu(&mut self, now: Instant, command: CommandApdu) {
        if !self.is_connected() {
            return self.refuse(Refusal::State);
        }
        if self.waiting.is_some() {
            return self.refuse(Refusal::InFlight);
        }
        let (CommandApdu::Gsm(command) | CommandApdu::Iso7816(command)) = command;
        match self.card.usable() {
            Ok(()) => {
                self.ask_card(now, Awaits::Apdu, CardSignal::Command(command.into_octets()));
            }
            Err(why) => self.send(&Message::TransferApduResp(Err(why))),
        }
    }

    /// Says `ERROR_RESP` to a request other than an APDU that is not allowed now; returns whether it is.
    /// `before` tells of what is in flight whether this goes before it.
    fn admits(&mut self, before: impl FnOnce(Awaits) -> bool) -> bool {
        let refusal = match (self.link, self.waiting) {
            (Link::Connected { .. }, None) => return true,
            (Link::Connected { .. }, Some(waiting)) if before(waiting.what) => return true,
            (Link::Connected { .. }, Some(_)) => Refusal::InFlight,
            (
                Link::Lost
                | Link::Disconnected { .. }
                | Link::Connecting { .. }
                | Link::ModemBusy { .. }
                | Link::Graceful { .. },
                _,
            ) => Refusal::State,
        };
        self.refuse(refusal);
        false
    }

    fn atr(&mut self) {
        if !self.admits(|_| false) {
            return;
        }
        let atr = match (self.card.usable(), &self.card) {
            (Ok(()), Card::On(atr)) => Payload::new(atr.as_slice()).map_err(|_| Failure::NoData),
            (Ok(()), Card::Absent | Card::Off | Card::Mute(_)) => Err(Failure::NoReason),
            (Err(why), _) => Err(why),
        };
        self.send_payload(atr, Message::TransferAtrResp);
    }

    /// Goes before everything: what is in flight is answered no more.
    fn power_off(&mut self) {
        if !self.admits(|_| true) {
            return;
        }
        let result = match (&self.card, self.waiting) {
            (Card::Absent, _) => Err(Failure::Removed),
            (Card::Off, None) => Err(Failure::PoweredOff),
            (Card::Off, Some(_)) | (Card::On(_) | Card::Mute(_), _) => Ok(()),
        };
        self.switch_off();
        self.send(&Message::PowerSimOffResp(result));
    }

    fn power_on(&mut self, now: Instant) {
        if !self.admits(|_| false) {
            return;
        }
        let failure = match &self.card {
            Card::Off | Card::Mute(_) => {
                return self.ask_card(now, Awaits::PowerOn, CardSignal::PowerOn);
            }
            Card::Absent => Failure::Removed,
            Card::On(_) => Failure::AlreadyOn,
        };
        self.send(&Message::PowerSimOnResp(Err(failure)));
    }

    /// Goes before an APDU, which is answered no more; not before what resets the card already.
    fn reset(&mut self, now: Instant) {
        if !self.admits(|running| running == Awaits::Apdu) {
            return;
        }
        let failure = match &self.card {
            Card::On(_) | Card::Mute(_) => {
                return self.ask_card(now, Awaits::Reset, CardSignal::Reset);
            }
            Card::Absent => Failure::Removed,
            Card::Off => Failure::PoweredOff,
        };
        self.send(&Message::ResetSimResp(Err(failure)));
    }

    fn card_reader_status(&mut self) {
        if self.admits(|_| false) {
            let status = self.card.reader_status();
            self.send(&Message::TransferCardReaderStatusResp(status));
        }
    }

    /// The contacts of the card speak T=0, and whole APDUs travel: there is nothing to change.
    fn transport_protocol(&mut self, protocol: TransportProtocol) {
        if !self.admits(|_| false) {
            return;
        }
        let result = self.card.usable().and(match protocol {
            TransportProtocol::T0 => Ok(()),
            TransportProtocol::T1 => Err(Failure::NotSupported),
        });
        self.send(&Message::SetTransportProtocolResp(result));
    }
}
