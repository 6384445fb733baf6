//! The applet on logical channels: SELECT by its AID, and the commands that go to it then.

use polysim_apdu::{Channel, Class, CommandApdu, Ins, SelectReply, Status};
use polysim_issuance::applet::AppletInput;

use super::Host;
use crate::card::{Answer, Card};

/// SELECT by name (P1).
const BY_NAME: u8 = 0x04;

impl Host {
    const fn bit(channel: Channel) -> u32 {
        1 << channel.number()
    }

    pub(crate) const fn deselect(&mut self, channel: Channel) {
        self.selected &= !Self::bit(channel);
    }
}

impl Card {
    /// Selects the applet if its AID begins so; answers the FCI where one is wanted.
    pub(crate) fn select_applet(
        &mut self,
        channel: Channel,
        aid: &[u8],
        reply: SelectReply,
        out: &mut Vec<u8>,
    ) -> Option<Answer> {
        let host = self.rare.as_mut()?.host.as_mut()?;
        let name = &host.aid;
        if aid.is_empty() || !name.starts_with(aid) {
            return None;
        }
        host.selected |= Host::bit(channel);
        let fci = fci(&host.aid);
        self.deselect_domain(channel);
        match reply {
            SelectReply::Nothing => {}
            SelectReply::Fcp | SelectReply::Fci => {
                out.extend_from_slice(&fci);
            }
        }
        Some(Ok(Status::Success))
    }

    /// Notes that another application is selected on a channel, or the channel is closed.
    pub(crate) fn deselect_applet(&mut self, channel: Channel) {
        if let Some(host) = self.rare.as_mut().and_then(|rare| rare.host.as_mut()) {
            host.deselect(channel);
        }
    }

    /// Hands a command to the applet if it is selected on the channel of it; returns whether it is.
    /// SELECT by name, channels, the toolkit and STATUS stay with the card.
    pub(crate) fn give_to_applet(&mut self, apdu: &CommandApdu<'_>) -> bool {
        let header = apdu.header();
        let Ok(class) = Class::parse(header.cla) else {
            return false;
        };
        let selected = self.rare.as_ref().and_then(|rare| rare.host.as_ref());
        if selected.is_none_or(|host| host.selected & Host::bit(class.channel()) == 0) {
            return false;
        }
        let of_card = match Ins::from_byte(header.ins) {
            Some(Ins::Select) => header.p1 == BY_NAME,
            Some(ins) => stays_with_card(ins),
            None => false,
        };
        if !of_card {
            self.tell_applet(|| AppletInput::Apdu(apdu.to_vec()));
        }
        !of_card
    }

    /// Takes the applet's answer to an APDU: data into `out`, and the status word.
    pub(crate) fn take_applet_answer(&mut self, out: &mut Vec<u8>) -> Status {
        let answer = self.rare.as_mut().and_then(|rare| rare.host.as_mut()?.answer.take());
        match answer.as_deref().and_then(<[u8]>::split_last_chunk) {
            Some((data, &[sw1, sw2])) => {
                out.extend_from_slice(data);
                Status::from_bytes(sw1, sw2)
            }
            None => Status::TechnicalProblem,
        }
    }
}

fn fci(name: &[u8]) -> Vec<u8> {
    let len = u8::try_from(name.len()).unwrap_or(u8::MAX);
    [&[0x6F, len.saturating_add(2), 0x84, len], name].concat()
}

/// Tells whether an instruction is for the card, whatever application is selected.
pub(crate) const fn stays_with_card(ins: Ins) -> bool {
    matches!(
        ins,
        Ins::ManageChannel
            | Ins::GetResponse
            | Ins::Status
            | Ins::TerminalCapability
            | Ins::TerminalProfile
            | Ins::Envelope
            | Ins::Fetch
            | Ins::TerminalResponse
    )
}
