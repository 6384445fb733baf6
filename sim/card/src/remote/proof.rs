//! How a proof of receipt leaves the card (TS 31.115, 4.3; TS 31.111, 7.1.1.1).

use polysim_cat::{
    Address as CentreAddress, Look, ProactiveCommand, SendShortMessage, ShortMessageMode, SmsTpdu,
};
use polysim_ota::sms::{deliver_report, submit};
use polysim_ota::{Command, Proof, ProofRoute, StatusCode};
use polysim_sms::{Address, MobileOriginated, Reference, Tpdu as _};

use super::Remote;
use crate::card::Card;
use crate::toolkit::Owner;

/// Where an answer goes that leaves in a message of its own.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    pub(crate) address: Address,
    /// The service centre by which the command came; without, that of EF.SMSP.
    pub(crate) centre: Option<CentreAddress>,
}

impl Card {
    /// Answers a packet that is not believed. Anybody can send such, with any number to answer to:
    /// one answer by SEND SHORT MESSAGE waits at a time, so that they fill no queue.
    pub(super) fn answer_refusal(
        &mut self,
        remote: &mut Remote,
        proof: Proof,
        back: Back,
        out: &mut Vec<u8>,
    ) {
        match proof.route {
            ProofRoute::Submit if self.has_waiting(Owner::Remote) => {}
            ProofRoute::Submit => self.send_proof(remote, &proof.packet, back),
            // A status alone is never too long.
            ProofRoute::DeliverReport => {
                let _fits = put_report(&proof.packet, out);
            }
        }
    }

    /// Answers a command with status and data, if it asked for a proof. One that is too long for a
    /// report is announced in the report, and follows in messages of its own.
    pub(crate) fn answer_command(
        &mut self,
        remote: &mut Remote,
        command: &Command,
        (status, data): (StatusCode, &[u8]),
        back: Back,
        out: &mut Vec<u8>,
    ) {
        let Ok(Some(proof)) = command.prove(status, data) else {
            return;
        };
        match proof.route {
            ProofRoute::Submit => self.send_proof(remote, &proof.packet, back),
            ProofRoute::DeliverReport if put_report(&proof.packet, out) => {}
            ProofRoute::DeliverReport => {
                if let Ok(Some(notice)) = command.prove(StatusCode::ResponseBySubmit, &[]) {
                    let _fits = put_report(&notice.packet, out);
                }
                self.send_proof(remote, &proof.packet, back);
            }
        }
    }

    /// Queues the messages of a proof. Where the queue is full or the proof too long for messages,
    /// the sender does without it, as if a message had been lost.
    fn send_proof(&mut self, remote: &mut Remote, packet: &[u8], back: Back) {
        remote.reference = remote.reference.wrapping_add(1);
        let Ok(messages) = submit(packet, back.address, Reference::Eight(remote.reference)) else {
            return;
        };
        for message in messages {
            let octets = MobileOriginated::Submit(message).to_octets();
            let Ok(tpdu) = SmsTpdu::new(&octets) else {
                return;
            };
            let command = SendShortMessage {
                mode: ShortMessageMode { packing: false },
                alpha: None,
                service_centre: back.centre.clone(),
                tpdu,
                uri: None,
                look: Look::default(),
            };
            if !self.queue_command(Owner::Remote, ProactiveCommand::new(1, command)) {
                return;
            }
        }
    }
}

/// Appends the user data of a report; returns whether it fits.
fn put_report(packet: &[u8], out: &mut Vec<u8>) -> bool {
    let Ok(report) = deliver_report(packet) else {
        return false;
    };
    if let Some(user_data) = report.parameters.user_data() {
        out.extend_from_slice(user_data.octets());
    }
    true
}
