//! The card as a remote script sees it: its file system, with a selection and rights of the
//! script's own.

use polysim_apdu::{Channel, Class, Command, CommandApdu, Family, Ins, Status};
use polysim_ota::Counter;

use super::{FileManagement, FilesStart};
use crate::card::{Answer, Card};
use crate::channel::Selection;
use crate::fault::{FaultEffect, writes};
use crate::gsm;
use crate::security::{Key, Keys};
use crate::template::FileIndex;

/// How P1 of UPDATE RECORD means the record: these bits of P2.
const RECORD_MODE: u8 = 0x07;
/// By its number, or the current one where that is 0.
const RECORD_ABSOLUTE: u8 = 0x04;

/// A script at work, and what belongs to the terminal meanwhile.
pub(super) struct Files {
    terminal: Selection,
    verified: Keys,
    /// What waits for GET RESPONSE.
    held: Vec<u8>,
    /// The channels on which the terminal has selected the applet.
    applet: u32,
    /// Of the packet that brought the script.
    counter: Counter,
}

impl Card {
    /// Puts the script's selection and rights in the place of the terminal's.
    pub(super) fn begin_files(&mut self, files: &FileManagement, counter: Counter) -> Files {
        let usim = self.contents.profile.template().usim();
        let mut start = Selection::MF;
        if files.start == FilesStart::Usim && usim != FileIndex::NONE {
            start.set_df(usim);
            start.adf = usim;
        }
        let keys = files.access.iter().filter_map(|reference| Key::of(*reference));
        let keys = keys.fold(Keys::NONE, Keys::with);
        Files {
            terminal: std::mem::replace(&mut self.basic, start),
            verified: self.contents.pins.replace_verified(keys),
            held: Vec::new(),
            applet: self.host().map_or(0, |host| host.selected),
            counter,
        }
    }

    /// Gives the terminal back what is its own.
    #[expect(clippy::needless_pass_by_value, reason = "the script is over")]
    pub(super) fn end_files(&mut self, files: Files) {
        self.basic = files.terminal;
        self.contents.pins.restore_verified(files.verified);
        if let Some(host) = self.host() {
            host.selected = files.applet;
        }
    }

    /// Notes what a command has changed: it has made the EF the current one.
    fn note_changed(&mut self, files: &Files, apdu: &CommandApdu<'_>) {
        let header = apdu.header();
        let absolute = header.p2 & RECORD_MODE == RECORD_ABSOLUTE && header.p1 != 0;
        let record = match (Ins::from_byte(header.ins), self.basic.record) {
            (Some(Ins::UpdateRecord), _) if absolute => header.p1,
            (_, 0) => 1,
            (_, current) => current,
        };
        self.note_update(files.counter, self.basic.ef, record);
    }

    /// Carries out one command of a script. Without Le an answer waits for GET RESPONSE, as over
    /// T=0 (TS 102.226, 5.1.1).
    pub(super) fn run_in(
        &mut self,
        files: &mut Files,
        apdu: &CommandApdu<'_>,
        out: &mut Vec<u8>,
    ) -> Status {
        out.clear();
        let ins = Ins::from_byte(apdu.header().ins);
        let sim = Class::parse(apdu.header().cla).map(Class::family) == Ok(Family::Sim);
        if ins == Some(Ins::GetResponse) {
            return hand_out(files, apdu, out);
        }
        files.held.clear();
        match self.run_command(apdu, ins, out) {
            Err(status) => {
                out.clear();
                if sim { gsm::status(status) } else { status }
            }
            Ok(status) => {
                if writes(ins) {
                    self.note_changed(files, apdu);
                }
                if out.is_empty() || apdu.le().is_some() {
                    return status;
                }
                std::mem::swap(&mut files.held, out);
                let waiting = length(&files.held);
                if sim { Status::ResponseLength(waiting) } else { Status::DataAvailable(waiting) }
            }
        }
    }

    fn run_command(
        &mut self,
        apdu: &CommandApdu<'_>,
        ins: Option<Ins>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let class = Class::parse(apdu.header().cla)?;
        if class.channel() != Channel::BASIC {
            return Err(Status::ChannelNotSupported);
        }
        if !ins.is_some_and(is_remote) {
            return Err(Status::InsNotSupported);
        }
        let command: Command<'_> = self.checked(apdu)?;
        match self.fault_effect(ins) {
            None => self.run(&command, out),
            Some(FaultEffect::Answer(status)) => Err(status),
            Some(FaultEffect::PowerLoss(written)) => {
                let answer = if written { self.run(&command, out) } else { Ok(Status::Success) };
                self.lose_power();
                answer
            }
            Some(FaultEffect::Mute | FaultEffect::PowerFor(_)) => self.run(&command, out),
        }
    }
}

fn hand_out(files: &mut Files, apdu: &CommandApdu<'_>, out: &mut Vec<u8>) -> Status {
    if files.held.is_empty() {
        return Status::ConditionsNotSatisfied;
    }
    let wanted = apdu.le().map_or(0, |le| le.bytes()).min(files.held.len());
    out.extend(files.held.drain(..wanted));
    match files.held.is_empty() {
        true => Status::Success,
        false => Status::DataAvailable(length(&files.held)),
    }
}

/// 0 stands for 256 and more.
fn length(held: &[u8]) -> u8 {
    u8::try_from(held.len()).unwrap_or(0)
}

/// Tells whether remote file management has an instruction (TS 102.226, 7.1): those that manage
/// files and PINs, none of channels, toolkit or authentication.
const fn is_remote(ins: Ins) -> bool {
    matches!(
        ins,
        Ins::Select
            | Ins::ReadBinary
            | Ins::UpdateBinary
            | Ins::ReadRecord
            | Ins::UpdateRecord
            | Ins::SearchRecord
            | Ins::Increase
            | Ins::VerifyPin
            | Ins::ChangePin
            | Ins::DisablePin
            | Ins::EnablePin
            | Ins::UnblockPin
            | Ins::ActivateFile
            | Ins::DeactivateFile
    )
}
