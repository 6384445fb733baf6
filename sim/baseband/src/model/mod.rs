//! Which device it behaves like: quirks as data.

mod profiles;

use polysim_at::{AreaQuotes, CharacterSet, ErrorReporting};
use polysim_base::Duration;
use polysim_cat::Feature;

/// Everything in which one make of modem differs from another.
///
/// The simulated modem has one behaviour, that of the standards; a model only holds data that
/// this behaviour reads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Model {
    /// What scenario files call it.
    pub name: &'static str,
    /// Answer to `+CGMI`.
    pub manufacturer: &'static str,
    /// Answer to `+CGMM`.
    pub product: &'static str,
    /// Answer to `+CGMR`.
    pub revision: &'static str,
    /// Lines answered to `ATI`.
    pub identification: &'static [&'static str],
    /// From power on until the ports answer.
    pub boot_time: Duration,
    /// Lines sent on every open port when the firmware runs.
    pub boot_lines: &'static [&'static str],
    /// Lines sent when the card has been read and no PIN is missing.
    pub card_ready_lines: &'static [&'static str],
    /// What `+CSCS` can be set to. UTF-8 is nowhere among them: hosts that have the choice take it,
    /// and disagree on how a USSD code is written in it.
    pub character_sets: &'static [CharacterSet],
    /// `+CMEE` after power on.
    pub error_reporting: ErrorReporting,
    /// How area and cell stand in registration lines.
    pub area_quotes: AreaQuotes,
    /// Lines begin and end with two carriage returns (`\r\r\n`). No model here does, since neither
    /// `ModemManager` nor ofono understands it; a model of one's own may.
    pub double_carriage_return: bool,
    /// `+CSQ:20,99` in place of `+CSQ: 20,99`.
    pub no_space_after_colon: bool,
    /// A status report stored in `SR` is announced as `+CDSI: "SM",0`.
    pub reports_announced_in_sim: bool,
    /// The command that reads the ICCID, and how its answer looks.
    pub iccid: IccidForm,
    /// Commands whose test form is refused although the command works.
    pub refused_tests: &'static [&'static str],
    /// Commands of the standards that this device lacks.
    pub missing: &'static [&'static str],
    /// How `+CCHO` names a channel.
    pub session_handles: SessionHandles,
    /// How `+CRSM` with GET RESPONSE describes a file.
    pub file_status: FileStatusForm,
    /// An unknown command is answered `ERROR` whatever `+CMEE` says.
    pub plain_error_for_unknown: bool,
    /// Own commands of the make.
    pub vendor: &'static [VendorCommand],
    /// How a host gets at the speech of calls.
    pub speech_port: SpeechPort,
    /// Sizes of the message stores.
    pub stores: StoreSizes,
    /// What it can do of the card application toolkit; nothing where it has none.
    pub toolkit: &'static [Feature],
}

/// How the ICCID is asked for and answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IccidForm {
    /// `+CCID` is answered `+CCID: "8949…"`.
    Standard,
    /// `+QCCID` is answered `+QCCID: 8949…F`.
    Quectel,
    /// `+CICCID` is answered `+ICCID: 8949…`.
    Simcom,
    /// `^ICCID?` is answered `^ICCID: 8949…`.
    Huawei,
}

/// How `+CCHO` names the channel it opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionHandles {
    /// The number of the logical channel.
    Number,
    /// A large number that only the modem understands.
    Opaque,
    /// The bare handle, without `+CCHO: ` before it.
    Bare,
}

/// How a file is described to a host (TS 27.007, 8.18).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileStatusForm {
    /// The file control parameters of a UICC (TS 102.221), `62 …`.
    Fcp,
    /// The 15 bytes of a 2G SIM (TS 51.011).
    Sim,
}

/// A command that only one make has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VendorCommand {
    /// Its name with the prefix.
    pub name: &'static str,
    /// What it answers, whatever its form and arguments.
    pub answer: VendorAnswer,
}

/// What a vendor's own command answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VendorAnswer {
    /// `OK`.
    Done,
    /// A line, then `OK`.
    Line(&'static str),
    /// `OK`, then a line: as the MQTT commands of SIMCom do.
    LineAfterResult(&'static str),
}

/// How a host gets at the speech of calls: through a PCM port of 16-bit samples at 8 kHz.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SpeechPort {
    /// The port carries the speech of every call.
    Always,
    /// `+QPCMV=1,0` switches the port on.
    Quectel,
    /// `+CPCMREG=1` switches the port on.
    Simcom,
    /// There is no such port.
    Absent,
}

/// How many messages fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreSizes {
    /// `ME`.
    pub phone: u16,
    /// `SM`.
    pub sim: u16,
    /// `SR`.
    pub reports: u16,
    /// The first index in `ME`; `SM` and `SR` count from 1, as the records of a card do.
    pub phone_first: u16,
}

impl Model {
    /// A modem by the book.
    pub const GENERIC: Self = profiles::GENERIC;
    /// A module for machines, by the book: it tells its card which networks it hears, whatever their
    /// technology.
    pub const IOT: Self = profiles::IOT;
    /// Quectel EC25.
    pub const EC25: Self = profiles::EC25;
    /// SIMCom SIM7600.
    pub const SIM7600: Self = profiles::SIM7600;
    /// Huawei E3372 and its kin.
    pub const HUAWEI: Self = profiles::HUAWEI;

    /// Every model.
    pub const ALL: [&'static Self; 5] =
        [&Self::GENERIC, &Self::IOT, &Self::EC25, &Self::SIM7600, &Self::HUAWEI];

    /// Returns the model of a name, in upper or lower case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|model| model.name.eq_ignore_ascii_case(name))
    }

    /// Whether the test form of a command is refused.
    pub(crate) fn refuses_test(&self, name: &str) -> bool {
        self.refused_tests.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_models() {
        for model in Model::ALL {
            assert_eq!(Model::by_name(&model.name.to_uppercase()), Some(model));
        }
        assert_eq!(Model::by_name("nokia"), None);
    }
}
