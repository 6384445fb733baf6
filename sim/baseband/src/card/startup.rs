//! What a terminal does with a card after its reset: the application, PIN, terminal profile and
//! the files it lives on (TS 31.102, 5.1.1 and 5.2).

use super::apdu::{bytes_of, split};
use super::pin::pin_enabled;
use super::subscription::{List, Subscription, list_with_technologies, plain_list};
use super::{Lock, Slot};
use polysim_apdu::{Channel, Command, KeyRef, Status};
use polysim_base::tlv::Ber;
use polysim_base::{Imsi, Plmn};

/// The beginning of every USIM's identifier (TS 101.220, annex E).
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// Service 28 of EF.UST, data download by SMS-PP, in its octet (TS 31.102, 4.2.8).
const TEXT_DOWNLOAD: u8 = 0x08;
/// Most records of EF.DIR that are looked at.
const DIRECTORY_RECORDS_MAX: u8 = 8;

/// A step of the start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Read a file, by its short identifier first.
    Read(File, Way),
    /// Look for a USIM in a record of EF.DIR.
    Directory(u8),
    /// Select the USIM.
    Application,
    /// Ask for the state of the PIN.
    PinStatus,
    /// Send the terminal profile.
    Profile,
    /// Send it to a card without a USIM.
    BareProfile,
}

/// How a file is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    ShortIdentifier,
    Selecting,
    Selected,
}

/// The files of the start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum File {
    Administration,
    Imsi,
    AccessClass,
    ServiceTable,
    EquivalentHome,
    Forbidden,
    UserNetworks,
    OperatorNetworks,
    SearchPeriod,
    Location,
}

impl File {
    /// File identifier and short file identifier (TS 31.102, annex H; TS 102.221, 13).
    const fn identifiers(self) -> (u16, u8) {
        match self {
            Self::Administration => (0x6FAD, 0x03),
            Self::Imsi => (0x6F07, 0x07),
            Self::AccessClass => (0x6F78, 0x06),
            Self::ServiceTable => (0x6F38, 0x04),
            Self::EquivalentHome => (0x6FD9, 0x1D),
            Self::Forbidden => (0x6F7B, 0x0D),
            Self::UserNetworks => (0x6F60, 0x0A),
            Self::OperatorNetworks => (0x6F61, 0x11),
            Self::SearchPeriod => (0x6F31, 0x12),
            Self::Location => (0x6FE3, 0x1E),
        }
    }

    /// The file that is read after this one.
    const fn next(self) -> Option<Self> {
        match self {
            Self::Location => None,
            Self::Administration => Some(Self::Imsi),
            Self::Imsi => Some(Self::AccessClass),
            Self::AccessClass => Some(Self::ServiceTable),
            Self::ServiceTable => Some(Self::EquivalentHome),
            Self::EquivalentHome => Some(Self::Forbidden),
            Self::Forbidden => Some(Self::UserNetworks),
            Self::UserNetworks => Some(Self::OperatorNetworks),
            Self::OperatorNetworks => Some(Self::SearchPeriod),
            Self::SearchPeriod => Some(Self::Location),
        }
    }
}

/// What a response leads to.
#[derive(Debug)]
pub(super) enum Then {
    /// The next command; the step it belongs to is set.
    Send(Vec<u8>),
    Locked(Lock),
    Ready,
    /// The card answers and has no USIM.
    Bare,
    Unusable,
}

impl Slot {
    /// The first command after a reset.
    pub(super) fn begin(&mut self) -> Vec<u8> {
        self.enter(Step::Directory(1))
    }

    /// The first command of reading a card anew that was not reset.
    pub(super) fn begin_anew(&mut self) -> Vec<u8> {
        self.enter(Step::Application)
    }

    /// The first command after the PIN was verified.
    pub(super) fn begin_unlocked(&mut self) -> Vec<u8> {
        let read = Step::Read(File::Administration, Way::ShortIdentifier);
        self.send_profile(Step::Profile).unwrap_or_else(|| self.enter(read))
    }

    /// The profile is sent once after each reset (TS 102.223, 5.1), by terminals with a toolkit.
    fn send_profile(&mut self, step: Step) -> Option<Vec<u8>> {
        let profile = self.profile();
        if self.profile_sent || profile.octets().is_empty() {
            return None;
        }
        self.profile_sent = true;
        self.set_step(step);
        Some(bytes_of(&Command::terminal_profile(profile.octets())))
    }

    fn enter(&mut self, step: Step) -> Vec<u8> {
        self.set_step(step);
        command_of(step)
    }

    fn go(&mut self, step: Step) -> Then {
        Then::Send(self.enter(step))
    }

    /// Takes the response to the command of `step`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
    pub(super) fn started(&mut self, step: Step, response: &[u8]) -> Then {
        let Some((data, status)) = split(response) else {
            return Then::Unusable;
        };
        if let Status::WrongLe(length) = status
            && !matches!(step, Step::Profile | Step::BareProfile)
            && !core::mem::replace(&mut self.followed, true)
        {
            return Then::Send(with_length(command_of(step), length));
        }
        match step {
            Step::Read(file, way) => self.file_read(file, way, data, status),
            Step::Directory(record) => self.directory(record, data, status),
            Step::Application => self.application(data, status),
            Step::PinStatus => match status {
                Status::TriesLeft(0) | Status::AuthenticationBlocked => Then::Locked(Lock::Puk),
                Status::TriesLeft(_) => Then::Locked(Lock::Pin),
                _ => Then::Send(self.begin_unlocked()),
            },
            Step::Profile => self.go(Step::Read(File::Administration, Way::ShortIdentifier)),
            Step::BareProfile => Then::Bare,
        }
    }

    fn application(&mut self, fcp: &[u8], status: Status) -> Then {
        if let Status::DataAvailable(length) = status
            && !core::mem::replace(&mut self.followed, true)
        {
            return Then::Send(vec![0x00, 0xC0, 0x00, 0x00, length]);
        }
        if !status.is_done() {
            self.subscription = None;
            return self.send_profile(Step::BareProfile).map_or(Then::Bare, Then::Send);
        }
        self.selected = true;
        // Where the card does not say so, the PIN itself is asked.
        if pin_enabled(fcp, KeyRef::PIN1) == Some(false) {
            Then::Send(self.begin_unlocked())
        } else {
            self.go(Step::PinStatus)
        }
    }

    fn directory(&mut self, record: u8, data: &[u8], status: Status) -> Then {
        if status.is_done() {
            if let Some(aid) = usim_of(data) {
                self.set_step(Step::Application);
                return Then::Send(select_with_fcp(aid));
            }
            if record < DIRECTORY_RECORDS_MAX {
                return self.go(Step::Directory(record + 1));
            }
        }
        self.go(Step::Application)
    }

    fn file_read(&mut self, file: File, way: Way, data: &[u8], status: Status) -> Then {
        match way {
            Way::ShortIdentifier if !status.is_done() && status != Status::SecurityNotSatisfied => {
                return self.go(Step::Read(file, Way::Selecting));
            }
            Way::Selecting if status.is_done() => {
                return self.go(Step::Read(file, Way::Selected));
            }
            Way::ShortIdentifier | Way::Selecting | Way::Selected => {}
        }
        let content = if status.is_done() { data } else { &[] };
        self.learn(file, content);
        match file.next() {
            Some(next) => self.go(Step::Read(next, Way::ShortIdentifier)),
            None => Then::Ready,
        }
    }

    /// Keeps what a file says. A card without an IMSI is kept alive: its toolkit may bring one.
    fn learn(&mut self, file: File, content: &[u8]) {
        match file {
            File::Administration => {
                self.mnc_len = content.get(3).map(|b| b & 0x0F).filter(|n| *n == 3).unwrap_or(2);
            }
            File::Imsi => {
                let imsi = content.first_chunk::<9>().and_then(|ef| Imsi::from_ef(*ef).ok());
                self.subscription = imsi.map(|imsi| Subscription::new(imsi, self.mnc_len));
            }
            File::ServiceTable => {
                self.takes_texts = content.get(3).is_some_and(|b| b & TEXT_DOWNLOAD != 0);
            }
            File::AccessClass
            | File::EquivalentHome
            | File::Forbidden
            | File::UserNetworks
            | File::OperatorNetworks
            | File::SearchPeriod
            | File::Location => self.learn_networks(file, content),
        }
    }

    fn learn_networks(&mut self, file: File, content: &[u8]) {
        let Some(subscription) = &mut self.subscription else {
            return;
        };
        match file {
            File::EquivalentHome => subscription.add(plain_list(List::EquivalentHome, content)),
            File::Forbidden => {
                subscription.forbidden_room = u8::try_from(content.len() / 3).unwrap_or(u8::MAX);
                subscription.add(plain_list(List::Forbidden, content));
            }
            File::UserNetworks => {
                subscription.add(list_with_technologies(List::User, content));
            }
            File::OperatorNetworks => {
                subscription.add(list_with_technologies(List::Operator, content));
            }
            File::SearchPeriod => {
                subscription.search_period = content.first().copied().unwrap_or(0);
            }
            File::Location => {
                // One that was left names no network to come back to.
                let updated = content.get(17).is_some_and(|status| status & 0x07 == 0);
                let area = content.get(12..).and_then(<[u8]>::first_chunk::<3>);
                let last = area.and_then(|wire| Plmn::from_wire(*wire).ok().flatten());
                subscription.last = last.filter(|_| updated);
            }
            File::Administration | File::Imsi | File::AccessClass | File::ServiceTable => {}
        }
    }
}

fn command_of(step: Step) -> Vec<u8> {
    match step {
        Step::Read(file, way) => {
            let (fid, sfi) = file.identifiers();
            let [high, low] = fid.to_be_bytes();
            match way {
                Way::ShortIdentifier => vec![0x00, 0xB0, 0x80 | sfi, 0x00, 0x00],
                Way::Selecting => vec![0x00, 0xA4, 0x00, 0x0C, 0x02, high, low],
                Way::Selected => vec![0x00, 0xB0, 0x00, 0x00, 0x00],
            }
        }
        Step::Directory(record) => vec![0x00, 0xB2, record, 0x1E << 3 | 0x04, 0x00],
        Step::Application => select_with_fcp(&USIM),
        Step::PinStatus => bytes_of(&Command::tries_left(Channel::BASIC, KeyRef::PIN1)),
        // Sent with the step: see `begin_unlocked`. It expects no data, so no length is wrong.
        Step::Profile | Step::BareProfile => Vec::new(),
    }
}

/// SELECT by AID, nothing wanted back.
pub(super) fn select(aid: &[u8]) -> Vec<u8> {
    let mut command = vec![0x00, 0xA4, 0x04, 0x0C, u8::try_from(aid.len()).unwrap_or(0)];
    command.extend_from_slice(aid);
    command
}

/// SELECT by AID, the FCP wanted: it tells whether the PIN is needed.
fn select_with_fcp(aid: &[u8]) -> Vec<u8> {
    let mut command = select(aid);
    if let Some(p2) = command.get_mut(3) {
        *p2 = 0x04;
    }
    command.push(0x00);
    command
}

/// SELECT of the USIM, whatever its full identifier is.
pub(crate) fn select_usim() -> Vec<u8> {
    select(&USIM)
}

/// Whether an application is a USIM.
pub(crate) fn is_usim(aid: &[u8]) -> bool {
    aid.starts_with(&USIM)
}

/// The identifier of a USIM in a record of EF.DIR (TS 102.221, 13.1).
fn usim_of(record: &[u8]) -> Option<&[u8]> {
    let (template, _) = Ber::read(record).ok()?;
    let aid = template.children().find(0x4F).ok()??;
    (template.tag == 0x61 && is_usim(aid) && aid.len() <= 16).then_some(aid)
}

/// A command again with the length that the card told.
fn with_length(mut command: Vec<u8>, length: u8) -> Vec<u8> {
    if let Some(last) = command.last_mut() {
        *last = length;
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usim_is_found_in_a_directory_record() {
        let record = [
            0x61, 0x12, 0x4F, 0x07, 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0x50, 0x07, b'U',
            b'S', b'I', b'M', 0xFF, 0xFF, 0xFF,
        ];
        assert_eq!(usim_of(&record), Some(&USIM[..]));
        assert_eq!(usim_of(&record[..10]), None);
        assert_eq!(usim_of(&[0xFF; 20]), None);
    }
}
