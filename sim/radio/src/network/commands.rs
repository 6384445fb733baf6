//! What the world tells a core to do.

use super::{Core, CoreCommand, CoreFault};
use crate::{air::UssdDownlink, message::SessionMessage, smsc::OutsideSender, tariff::Money};
use polysim_base::Imsi;

impl Core {
    pub(super) fn command(&mut self, command: CoreCommand) {
        match command {
            CoreCommand::AddSubscriber(subscriber) => {
                // A second one with the same identity is left out, as documented.
                self.subscribers.add(*subscriber).unwrap_or_default();
            }
            CoreCommand::Bar { imsi, cause } => self.bar(imsi, cause),
            CoreCommand::TopUp { imsi, amount } => self.top_up(&imsi, amount),
            CoreCommand::Fault(fault) => {
                self.faults.set(fault);
                match fault {
                    CoreFault::Throttle { permille } => self.throttle(permille),
                    CoreFault::Heal => self.throttle(1_000),
                    CoreFault::Reject { .. }
                    | CoreFault::WrongMac { .. }
                    | CoreFault::HomeSilent { .. }
                    | CoreFault::SmsCongestion { .. }
                    | CoreFault::SmsLoss { .. }
                    | CoreFault::SmsDuplicate { .. }
                    | CoreFault::SmsDelay { .. } => {}
                }
            }
            CoreCommand::OutsideSms { from, to, content, tag, validity } => {
                let (smsc, mut desk) = self.smsc();
                let sender = OutsideSender { from, tag, validity };
                smsc.take_from_outside(&mut desk, &sender, to, content);
            }
            CoreCommand::Stream { stream, message } => self.stream_from_outside(&stream, message),
            CoreCommand::OutsiderCalls { from, to } => self.outsider_calls(from, to),
            CoreCommand::OutsiderAnswers(call) => self.outsider_answers(call),
            CoreCommand::OutsiderEnds(call, cause) => self.outsider_ends(call, cause),
            CoreCommand::OutsiderDtmf(call, digit) => self.outsider_dtmf(call, digit),
            CoreCommand::NotifyUssd { imsi, text } => self.notify_ussd(imsi, text),
        }
    }

    fn top_up(&mut self, imsi: &Imsi, amount: Money) {
        if let Some(subscriber) = self.subscribers.get_mut(imsi) {
            subscriber.balance = subscriber.balance.plus(amount);
        }
    }

    fn notify_ussd(&mut self, imsi: Imsi, text: String) {
        let location = self.subscribers.get(&imsi).and_then(|s| s.location);
        if let Some(location) = location {
            let message = SessionMessage::UssdReply {
                radio: location.radio,
                imsi,
                message: UssdDownlink::Notify(text),
            };
            self.port.send(location.serving, message);
        }
    }
}
