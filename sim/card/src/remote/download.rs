//! ENVELOPE (SMS-PP download): from a short message to a secured packet, and what becomes of it.

use polysim_apdu::Status;
use polysim_cat::SmsPpDownload;
use polysim_ota::sms::{PacketKind, carried};
use polysim_ota::{Command, Proof, StatusCode};
use polysim_sms::{MobileTerminated, Rp, Tpdu as _};

use super::{Back, Remote};
use crate::card::{Answer, Card};

/// What became of a packet.
pub(crate) enum Received {
    /// It is not believed. The proof says so, where one was asked for.
    Refused(Option<Proof>),
    /// It was carried out, and this is to be answered.
    Done(Box<Command>, Vec<u8>),
    /// It is for the applet.
    ForApplet(Box<Command>),
    /// The power was lost.
    Lost,
}

impl Card {
    /// Takes a short message. `None` if it has nothing to do with secured packets: the applet's,
    /// or nobody's.
    pub(crate) fn download(
        &mut self,
        message: &SmsPpDownload,
        out: &mut Vec<u8>,
    ) -> Option<Answer> {
        self.with_remote(|card, remote| card.download_to(remote?, message, out))
    }

    fn download_to(
        &mut self,
        remote: &mut Remote,
        message: &SmsPpDownload,
        out: &mut Vec<u8>,
    ) -> Option<Answer> {
        let deliver = match MobileTerminated::parse(message.tpdu.octets(), Rp::Data) {
            Ok(MobileTerminated::Deliver(deliver)) => deliver,
            Ok(MobileTerminated::StatusReport(_) | MobileTerminated::SubmitReport(_)) | Err(_) => {
                return Some(Err(Status::IncorrectData));
            }
        };
        let is_part = deliver.user_data.concatenation().is_some();
        if !is_part && PacketKind::of(&deliver.user_data) != Some(PacketKind::Command) {
            return None;
        }
        let Some(whole) = remote.collect(deliver) else {
            return Some(Ok(Status::Success));
        };
        let Some((PacketKind::Command, packet)) = carried(&whole) else {
            // A long text: nothing that a card knows what to do with.
            return Some(Ok(Status::Success));
        };
        let back =
            Back { address: whole.first().originator, centre: message.service_centre.clone() };
        Some(match self.receive_packet(remote, &packet) {
            Received::Lost => Err(Status::TechnicalProblem),
            Received::Refused(None) => Err(Status::WarningStateUnchanged),
            Received::Refused(Some(proof)) => {
                self.answer_refusal(remote, proof, back, out);
                Ok(Status::Success)
            }
            Received::Done(command, data) => {
                self.answer_command(remote, &command, (StatusCode::Ok, &data), back, out);
                Ok(Status::Success)
            }
            Received::ForApplet(command) => {
                self.tell_applet_secured(command, Some(back));
                Ok(Status::Success)
            }
        })
    }

    /// Judges a packet and carries it out, unless it is for the applet. Its counter is durable
    /// before anything is done.
    pub(crate) fn receive_packet(&mut self, remote: &mut Remote, packet: &[u8]) -> Received {
        let pending = match remote.receiver.check(packet) {
            Ok(pending) => pending,
            Err(refusal) => return Received::Refused(refusal.proof),
        };
        if pending.counter_used().is_some() && self.step().is_err() {
            return Received::Lost;
        }
        let command = pending.commit();
        let tar = command.tar();
        if self.applet_tar() == Some(tar) {
            return Received::ForApplet(Box::new(command));
        }
        let Some(files) = remote.files.iter().rfind(|files| files.tars.contains(&tar)) else {
            return Received::Done(Box::new(command), Vec::new());
        };
        let answer = self.run_script(files, command.counter(), command.data());
        if self.power_failed() { Received::Lost } else { Received::Done(Box::new(command), answer) }
    }
}
