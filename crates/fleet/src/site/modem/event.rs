//! What the driver of a modem says, to where it belongs.

use super::Purpose;
use crate::site::Site;
use crate::wire::UseRefusal;
use polysim_modem::{HangUp, ModemCommand, ModemError, ModemEvent, ModemOutput, Reply};

impl Site {
    pub(in crate::site) fn modem_says(&mut self, number: u16, output: ModemOutput) {
        if !self.modems.contains_key(&number) {
            return;
        }
        match output {
            // Between the driver and its port.
            ModemOutput::Bytes(_) => {}
            ModemOutput::Done { id, outcome } => {
                // Commands of an earlier life of this site are answered too.
                if let Some((modem, purpose)) = self.commands.remove(&id)
                    && modem == number
                {
                    self.done(number, id, purpose, outcome);
                }
            }
            ModemOutput::Event(event) => self.modem_event(number, event),
        }
    }

    fn done(&mut self, number: u16, id: u64, purpose: Purpose, outcome: Result<Reply, ModemError>) {
        match purpose {
            Purpose::Nothing => {}
            Purpose::Step => self.step_done(number, id, &outcome),
            Purpose::Registration => {
                if let Ok(Reply::Registration(state)) = outcome {
                    self.registration(number, &state);
                }
            }
            Purpose::Text(message) => self.text_done(number, message, outcome),
            Purpose::Dial(call) => self.dialled(call, outcome),
            Purpose::Answer(call) => self.answered(call, &outcome),
            Purpose::Reply(asker) => {
                let outcome = outcome.map(|_| crate::wire::Done::Done);
                self.reply(asker, outcome.map_err(|_| UseRefusal::Refused));
            }
            Purpose::Ussd(asker) => self.ussd_taken(number, asker, &outcome),
            Purpose::Apdu(asker) => self.apdu_done(number, asker, outcome),
        }
    }

    fn modem_event(&mut self, number: u16, event: ModemEvent) {
        match event {
            ModemEvent::Ready(identity) => self.identified(number, &identity),
            ModemEvent::Registration(state) => self.registration(number, &state),
            ModemEvent::TextReceived(text) => self.text_received(number, text.id, text.pdu),
            ModemEvent::StatusReport(report) => {
                self.status_received(number, report.id, report.pdu);
            }
            ModemEvent::UnreadableText(text) => self.unreadable(number, text.id),
            ModemEvent::Incoming(call) => self.comes_in(number, &call),
            ModemEvent::CallState(call) => self.call_changed(number, &call),
            ModemEvent::CallEnded { call, cause } => self.call_ended(number, call, cause),
            ModemEvent::Ussd { status, text } => self.ussd_said(number, status, text),
            ModemEvent::Reset => self.reset(number),
            ModemEvent::Unresponsive => {
                let now = self.now;
                if let Some(modem) = self.modems.get_mut(&number) {
                    modem.silent_since = Some(now);
                }
                self.reset(number);
            }
            ModemEvent::Responsive => {
                if let Some(modem) = self.modems.get_mut(&number) {
                    modem.silent_since = None;
                }
            }
            ModemEvent::PinRequired { .. } => self.card_locked(number),
            // Texts are joined by the exchange, from what it has recorded.
            ModemEvent::Text(_)
            | ModemEvent::TextIncomplete(_)
            | ModemEvent::NetworkTime { .. }
            // It is tried again by the driver.
            | ModemEvent::NotReady(_) => {}
        }
    }

    /// A card that was content waits for a PIN after a reset.
    fn card_locked(&mut self, number: u16) {
        use super::Phase;
        let Some(tenant) = self.tenant(number) else { return };
        match tenant.phase {
            Phase::Attaching | Phase::Standby | Phase::Lost { .. } => {
                self.fail(number, crate::wire::Fault::Sim);
            }
            // The command to initialise says so too.
            Phase::Silencing
            | Phase::Initialising
            | Phase::Draining
            | Phase::Leaving { .. }
            | Phase::Failed(_) => {}
        }
    }

    /// Ends every call of a modem that nobody is to have.
    pub(in crate::site) fn hang_up_all(&mut self, number: u16) {
        self.command(number, Purpose::Nothing, ModemCommand::HangUp(HangUp::All));
    }
}
