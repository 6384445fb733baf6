//! SMS-COMMAND: an originator asks about, or deletes, what it sent (TS 23.040, 9.2.3.19).

use super::{Desk, Kind, Smsc, Submission};
use polysim_base::Msisdn;
use polysim_sms::{Command, CommandType, Status, Timestamp};

impl Smsc {
    /// Does what a command of `originator` about a message to `to` says.
    pub(super) fn command(
        &mut self,
        desk: &mut Desk<'_>,
        originator: Msisdn,
        to: &Msisdn,
        command: &Command,
        timestamp: Timestamp,
    ) {
        let found = self.find(to, |submission| {
            submission.originator == Some(originator)
                && submission.reference == command.message_number
        });
        let mut wanted = command.status_report_request;
        let mut status = match found {
            Some(_) => Status::TRYING_NO_RESPONSE,
            None => Status::UNKNOWN_MESSAGE,
        };
        match command.command {
            CommandType::ENQUIRY => wanted = true,
            CommandType::DELETE => {
                let deleted = found.filter(|id| !self.in_flight(*id));
                if deleted.is_some_and(|id| self.take(desk, id).is_some()) {
                    status = Status::DELETED_BY_ORIGINATOR;
                }
            }
            CommandType::CANCEL_REPORT => self.want_report(found, false),
            CommandType::ENABLE_REPORT => self.want_report(found, true),
            // Reserved and centre-specific commands: nothing is known to be done.
            CommandType(_) => {}
        }
        if wanted {
            let about = Submission {
                originator: Some(originator),
                reference: command.reference,
                destination: *command.destination(),
                timestamp,
                report: true,
            };
            self.send_report(desk, &about, status, true);
        }
    }

    fn in_flight(&self, id: u32) -> bool {
        let recipient = self.texts.get(&id).and_then(|text| self.recipients.get(&text.to));
        recipient.is_some_and(|r| r.state.is_attempt() && r.queue.front() == Some(&id))
    }

    fn want_report(&mut self, id: Option<u32>, wanted: bool) {
        let text = id.and_then(|id| self.texts.get_mut(&id));
        if let Some(text) = text
            && let Kind::Text(submission) = &mut text.kind
        {
            submission.report = wanted;
        }
    }
}
