//! Between the terminal of a client and the server: one request at a time.

use alloc::vec::Vec;

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::Instant;

use super::{Client, ClientEvent};
use crate::sap::{CommandApdu, Failure, Message, Payload, StatusChange};

/// The status word for a command whose answer is lost: no precise diagnosis (ISO 7816-4, 5.6).
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];
/// The status word for a command that does not fit into a message: wrong length (ISO 7816-4, 5.6).
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// What the server is to answer.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Asked {
    pub(super) request: Request,
    /// Whether the terminal is not interested any more: its card was taken away meanwhile.
    pub(super) void: bool,
    pub(super) until: Instant,
    pub(super) more_time_at: Instant,
}

/// A request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Request {
    PowerOn,
    Reset,
    /// After either of them, or where the card was on already.
    Atr,
    Apdu,
    PowerOff,
}

impl Asked {
    pub(super) fn more_time_due(&self) -> Option<Instant> {
        (!self.void && self.request != Request::PowerOff).then_some(self.more_time_at)
    }
}

impl Client {
    /// The terminal does something to its card.
    pub(super) fn terminal(&mut self, now: Instant, signal: CardSignal) {
        if self.is_asked_to_leave() && !matches!(signal, CardSignal::Command(_)) {
            // Nothing else is allowed any more.
            return self.leave(now);
        }
        // A card that is believed gone may be tried, and the trial be given up.
        let reachable = match signal {
            CardSignal::PowerOn => self.is_connected(),
            CardSignal::PowerOff => self.is_connected() && (self.present || self.asked.is_some()),
            CardSignal::Reset | CardSignal::Command(_) => self.is_connected() && self.present,
        };
        match signal {
            _ if reachable => self.for_card(now, signal),
            CardSignal::PowerOff => {}
            CardSignal::PowerOn | CardSignal::Reset | CardSignal::Command(_) => {
                self.reply(CardReply::Removed);
            }
        }
    }

    fn for_card(&mut self, now: Instant, signal: CardSignal) {
        let running = self.asked.as_ref().map(|asked| (asked.request, asked.void));
        match (signal, running) {
            (CardSignal::PowerOff, Some((Request::PowerOff, _))) => self.next = None,
            // Goes before everything.
            (CardSignal::PowerOff, _) => {
                self.next = None;
                self.ask(now, Request::PowerOff, &Message::PowerSimOffReq);
            }
            (CardSignal::PowerOn, None) => {
                self.ask(now, Request::PowerOn, &Message::PowerSimOnReq);
            }
            // Goes before an APDU and before the ATR. A terminal that switches a card on which is in
            // use was restarted itself.
            (CardSignal::Reset, None | Some((Request::Atr, false)))
            | (CardSignal::Reset | CardSignal::PowerOn, Some((Request::Apdu, false))) => {
                self.next = None;
                self.ask(now, Request::Reset, &Message::ResetSimReq);
            }
            // The ATR that it wants is on its way.
            (
                CardSignal::PowerOn | CardSignal::Reset,
                Some((Request::PowerOn | Request::Reset | Request::Atr, false)),
            ) => self.next = None,
            (
                signal @ (CardSignal::PowerOn | CardSignal::Reset),
                Some((Request::PowerOff, _) | (_, true)),
            ) => self.next = Some(signal),
            (CardSignal::Command(command), None) => self.command(now, command),
            (CardSignal::Command(_), Some(_)) if self.next.is_some() => {
                self.tell(ClientEvent::Overrun);
            }
            (signal @ CardSignal::Command(_), Some(_)) => self.next = Some(signal),
        }
    }

    /// The terminal asks for responses by GET RESPONSE, as T=0 wants it: the form of GSM 11.11.
    fn command(&mut self, now: Instant, command: Vec<u8>) {
        let request = Payload::new(command).ok().map(CommandApdu::Gsm);
        match request.map(Message::TransferApduReq).filter(|request| self.fits(request)) {
            Some(request) => {
                self.fresh = false;
                self.ask(now, Request::Apdu, &request);
            }
            None => self.reply(CardReply::Response(WRONG_LENGTH.to_vec())),
        }
    }

    /// The server says something while the card can be used.
    pub(super) fn server_says(&mut self, now: Instant, message: Message) {
        let request = self.asked.as_ref().map(|asked| asked.request);
        match (message, request) {
            (Message::StatusInd(change), _) => self.status(change),
            (Message::ErrorResp, Some(request)) => {
                self.tell(ClientEvent::Refused);
                self.failed(now, request, Failure::NoReason);
            }
            (Message::PowerSimOnResp(Ok(())), Some(Request::PowerOn))
            | (Message::ResetSimResp(Ok(())), Some(Request::Reset)) => {
                self.fresh = true;
                self.fetch_atr(now);
            }
            (Message::TransferAtrResp(Ok(atr)), Some(Request::Atr)) => {
                self.answered(now, Some(CardReply::Atr(atr.into_octets())));
            }
            (Message::TransferApduResp(Ok(response)), Some(Request::Apdu)) => {
                self.answered(now, Some(CardReply::Response(response.into_octets())));
            }
            (Message::PowerSimOffResp(_), Some(Request::PowerOff)) => self.answered(now, None),
            (Message::PowerSimOnResp(Err(why)), Some(request @ Request::PowerOn))
            | (Message::ResetSimResp(Err(why)), Some(request @ Request::Reset))
            | (Message::TransferAtrResp(Err(why)), Some(request @ Request::Atr))
            | (Message::TransferApduResp(Err(why)), Some(request @ Request::Apdu)) => {
                self.failed(now, request, why);
            }
            // The answer to what was overtaken has crossed the request that went before it; the others
            // answer nothing that a client asks here, or are handled with the connection.
            (
                Message::TransferApduResp(_)
                | Message::TransferAtrResp(_)
                | Message::PowerSimOffResp(_)
                | Message::PowerSimOnResp(_)
                | Message::ResetSimResp(_)
                | Message::ErrorResp
                | Message::TransferCardReaderStatusResp(_)
                | Message::SetTransportProtocolResp(_)
                | Message::ConnectReq { .. }
                | Message::ConnectResp(_)
                | Message::DisconnectReq
                | Message::DisconnectResp
                | Message::DisconnectInd(_)
                | Message::TransferApduReq(_)
                | Message::TransferAtrReq
                | Message::PowerSimOffReq
                | Message::PowerSimOnReq
                | Message::ResetSimReq
                | Message::TransferCardReaderStatusReq
                | Message::SetTransportProtocolReq(_),
                _,
            ) => {}
        }
    }

    fn fetch_atr(&mut self, now: Instant) {
        if self.asked.as_ref().is_some_and(|asked| asked.void) {
            return self.answered(now, None);
        }
        self.ask(now, Request::Atr, &Message::TransferAtrReq);
    }

    /// The server has answered; the terminal gets what it wanted, and the next request is made.
    fn answered(&mut self, now: Instant, reply: Option<CardReply>) {
        let asked = self.asked.take();
        if let Some(reply) = reply.filter(|_| asked.is_some_and(|asked| !asked.void)) {
            self.present = true;
            self.reply(reply);
        }
        if let Some(signal) = self.next.take() {
            self.terminal(now, signal);
        }
    }

    fn failed(&mut self, now: Instant, request: Request, why: Failure) {
        let void = self.asked.as_ref().is_some_and(|asked| asked.void);
        match (request, why) {
            _ if void => {}
            // Servers say either of a card that is on.
            (Request::PowerOn, Failure::AlreadyOn | Failure::NoReason) if self.fresh => {
                return self.fetch_atr(now);
            }
            (Request::PowerOn, Failure::AlreadyOn | Failure::NoReason) => {
                return self.ask(now, Request::Reset, &Message::ResetSimReq);
            }
            (Request::Apdu, Failure::NoReason | Failure::NoData | Failure::NotSupported) => {
                let response = CardReply::Response(NO_DIAGNOSIS.to_vec());
                return self.answered(now, Some(response));
            }
            (Request::PowerOff, _) => {}
            (
                Request::PowerOn | Request::Reset | Request::Atr | Request::Apdu,
                Failure::NoReason
                | Failure::NotAccessible
                | Failure::PoweredOff
                | Failure::Removed
                | Failure::AlreadyOn
                | Failure::NoData
                | Failure::NotSupported,
            ) => {
                // The terminal is told even if it does not believe a card in its slot: it tried one.
                self.present = true;
                self.vanishes();
            }
        }
        self.answered(now, None);
    }

    /// The server says what happened to the card.
    fn status(&mut self, change: StatusChange) {
        self.tell(ClientEvent::Status(change));
        match change {
            StatusChange::Reset => {
                // Behind the back of a terminal that uses it.
                if self.present && !self.fresh {
                    self.vanishes();
                }
                self.fresh = true;
                self.appears();
            }
            StatusChange::Inserted | StatusChange::Recovered => self.appears(),
            StatusChange::Removed | StatusChange::NotAccessible => self.vanishes(),
            StatusChange::Unknown => {}
        }
    }

    /// The terminal finds a card in its slot.
    pub(super) fn appears(&mut self) {
        if !self.present {
            self.present = true;
            self.reply(CardReply::Inserted);
        }
    }

    /// The terminal's card is taken away; what it wanted of it is void.
    pub(super) fn vanishes(&mut self) {
        self.next = None;
        if let Some(asked) = &mut self.asked {
            asked.void = true;
        }
        if self.present {
            self.present = false;
            self.reply(CardReply::Removed);
        }
    }
}
