//! Status reports (TS 23.040, 3.2.9).

use super::{Desk, Kind, Smsc, Submission, store::Incoming};
use crate::ids::Party;
use polysim_sms::{MobileTerminated, Status, StatusReport, Tpdu};

impl Smsc {
    /// Reports the outcome of a message to its originator, if a report was asked for.
    pub(super) fn report(&mut self, desk: &mut Desk<'_>, submission: &Submission, status: Status) {
        if submission.report {
            self.send_report(desk, submission, status, false);
        }
    }

    /// Stores a status report for the originator of a message or a command.
    pub(super) fn send_report(
        &mut self,
        desk: &mut Desk<'_>,
        submission: &Submission,
        status: Status,
        for_command: bool,
    ) {
        let Some(to) = submission.originator else {
            return;
        };
        let now = desk.port.now;
        let discharge = desk.port.clock.timestamp(now, self.config.zone_quarters);
        let mut report = StatusReport::new(
            submission.reference,
            submission.destination,
            submission.timestamp,
            discharge,
            status,
        );
        report.for_command = for_command;
        let incoming = Incoming {
            from: Party::Number(self.config.number),
            to,
            tpdu: MobileTerminated::StatusReport(report).to_octets(),
            kind: Kind::Report,
            tag: None,
            validity: self.default_validity(now),
        };
        // A report is stored even where the store is full: it takes the place of its message.
        let id = self.next_id();
        self.store(desk, id, incoming);
    }
}
