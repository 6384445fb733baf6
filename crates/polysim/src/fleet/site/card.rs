//! The card in a modem as a card in a bank.

use polysim_at::RestrictedCommand;
use polysim_fleet::wire::{CardReply, CardSignal};
use polysim_modem::{FileAccess, ModemCommand, ModemError, ModemInput, Reply};

/// The shortest answer to reset (ISO 7816-3, 8.2): direct convention, and nothing else is said.
/// Modems do not tell that of their card.
const ATR: [u8; 2] = [0x3B, 0x00];
/// Status words of ISO 7816-4, 5.6.
const SUCCESS: [u8; 2] = [0x90, 0x00];
const NO_FILE_SELECTED: [u8; 2] = [0x69, 0x86];
const NOT_SUPPORTED: [u8; 2] = [0x6D, 0x00];
const NO_ANSWER: [u8; 2] = [0x6F, 0x00];
/// EF ICCID and EF IMSI have lengths that are known: some modems refuse to read a file of any
/// length (TS 102.221, 13.2; TS 31.102, 4.2.2).
const EF_ICCID: (u16, u8) = (0x2FE2, 10);
const EF_IMSI: (u16, u8) = (0x6F07, 9);
/// Commands of this side have this bit in their number; those of a site count its lives there.
const OWN: u64 = 1 << 63;

/// The card in a modem, as its site has it in a slot of a bank.
///
/// The modem alone has the contacts of its card, and what is selected there is selected for the
/// modem. So files are read through `+CRSM` (TS 27.007, 8.18), for which the modem selects them by
/// itself; that is all that a site asks of a card which is led to nobody, and any other command is
/// refused as one that the card does not have. A reset is answered, and not done: the software of
/// this modem is the only one that ever uses the card.
#[derive(Debug, Default)]
pub(super) struct CardInModem {
    last: u64,
    selected: Option<u16>,
    /// The command whose answer is awaited.
    awaited: Option<u64>,
}

/// What a signal to the card leads to.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Leads {
    /// This answer.
    To(CardReply),
    /// The modem is asked.
    On(ModemInput),
    /// Nothing.
    Nowhere,
}

impl CardInModem {
    /// Does something to the card.
    pub(super) fn signal(&mut self, signal: CardSignal) -> Leads {
        self.awaited = None;
        match signal {
            CardSignal::PowerOn | CardSignal::Reset => {
                self.selected = None;
                Leads::To(CardReply::Atr(ATR.to_vec()))
            }
            CardSignal::PowerOff => Leads::Nowhere,
            CardSignal::Command(apdu) => self.command(&apdu),
        }
    }

    fn command(&mut self, apdu: &[u8]) -> Leads {
        let status = match apdu {
            [0x00, 0xA4, 0x00, _, 0x02, high, low, ..] => {
                self.selected = Some(u16::from_be_bytes([*high, *low]));
                SUCCESS
            }
            // The application that the modem uses.
            [0x00, 0xA4, 0x04, ..] => SUCCESS,
            [0x00, 0xB0, p1, p2, length @ ..] => {
                return self.read(RestrictedCommand::ReadBinary, [*p1, *p2], length);
            }
            [0x00, 0xB2, p1, p2, length @ ..] => {
                return self.read(RestrictedCommand::ReadRecord, [*p1, *p2], length);
            }
            _ => NOT_SUPPORTED,
        };
        Leads::To(CardReply::Response(status.to_vec()))
    }

    fn read(&mut self, command: RestrictedCommand, [p1, p2]: [u8; 2], length: &[u8]) -> Leads {
        let Some(file) = self.selected else {
            return Leads::To(CardReply::Response(NO_FILE_SELECTED.to_vec()));
        };
        let asked = length.first().copied().filter(|length| *length > 0);
        let known = [EF_ICCID, EF_IMSI].iter().find(|(known, _)| *known == file);
        let p3 = asked.or_else(|| known.map(|(_, length)| *length)).unwrap_or(0);
        let (data, path) = (Vec::new(), Vec::new());
        let access = FileAccess { command, file, parameters: [p1, p2, p3], data, path };
        let asked = self.ask(ModemCommand::File(Box::new(access)));
        self.awaited = Some(self.last);
        Leads::On(asked)
    }

    /// Returns a command of this side.
    pub(super) fn ask(&mut self, command: ModemCommand) -> ModemInput {
        self.last = self.last.wrapping_add(1) | OWN;
        ModemInput::Command { id: self.last, command }
    }

    /// Returns whether a command is of this side.
    pub(super) const fn is_own(id: u64) -> bool {
        id & OWN != 0
    }

    /// Takes what became of a command of this side.
    pub(super) fn done(
        &mut self,
        id: u64,
        outcome: Result<Reply, ModemError>,
    ) -> Option<CardReply> {
        self.awaited.take_if(|awaited| *awaited == id)?;
        Some(CardReply::Response(match outcome {
            Ok(Reply::File { status, data }) => [&data[..], &status].concat(),
            Ok(_) | Err(_) => NO_ANSWER.to_vec(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT_ICCID: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2];
    const READ: [u8; 5] = [0x00, 0xB0, 0x00, 0x00, 0x00];

    fn say(card: &mut CardInModem, apdu: &[u8]) -> Leads {
        card.signal(CardSignal::Command(apdu.to_vec()))
    }

    fn response(octets: &[u8]) -> Leads {
        Leads::To(CardReply::Response(octets.to_vec()))
    }

    fn asked(leads: Leads) -> (u64, FileAccess) {
        let Leads::On(ModemInput::Command { id, command: ModemCommand::File(file) }) = leads else {
            panic!("{leads:?}")
        };
        assert!(CardInModem::is_own(id));
        (id, *file)
    }

    fn file(data: &[u8]) -> Result<Reply, ModemError> {
        Ok(Reply::File { status: SUCCESS, data: data.to_vec() })
    }

    #[test]
    fn a_file_is_read_through_the_modem() {
        let mut card = CardInModem::default();
        assert_eq!(say(&mut card, &READ), response(&NO_FILE_SELECTED));
        assert_eq!(say(&mut card, &SELECT_ICCID), response(&SUCCESS));
        let (id, access) = asked(say(&mut card, &READ));
        assert_eq!((access.file, access.parameters), (0x2FE2, [0, 0, 10]));
        let read = CardReply::Response(vec![1, 2, 0x90, 0x00]);
        assert_eq!(card.done(id, file(&[1, 2])), Some(read));
        assert_eq!(card.done(id, file(&[1, 2])), None);
    }

    #[test]
    fn an_answer_from_before_a_reset_is_dropped() {
        let mut card = CardInModem::default();
        say(&mut card, &SELECT_ICCID);
        let (first, _) = asked(say(&mut card, &READ));
        assert_eq!(card.signal(CardSignal::Reset), Leads::To(CardReply::Atr(ATR.to_vec())));
        assert_eq!(say(&mut card, &READ), response(&NO_FILE_SELECTED));
        say(&mut card, &SELECT_ICCID);
        let (second, _) = asked(say(&mut card, &READ));
        assert_eq!(card.done(first, file(&[1])), None);
        assert!(card.done(second, file(&[2])).is_some());
    }

    #[test]
    fn what_only_contacts_can_do_is_refused_and_a_card_out_of_reach_answers_so() {
        let mut card = CardInModem::default();
        let authenticate = [0x00, 0x88, 0x00, 0x81, 0x00];
        assert_eq!(say(&mut card, &authenticate), response(&NOT_SUPPORTED));
        say(&mut card, &SELECT_ICCID);
        let (id, _) = asked(say(&mut card, &READ));
        let silent = CardReply::Response(NO_ANSWER.to_vec());
        assert_eq!(card.done(id, Err(ModemError::Refused)), Some(silent));
    }
}
