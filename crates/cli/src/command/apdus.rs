//! Commands to cards in words.

use super::card::known;
use polysim_apdu::{ApduSecrets, CommandApdu, Ins};
use serde_json::{Value, json};

/// A command without its secrets, and what it does.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) octets: String,
    pub(super) meaning: String,
    pub(super) is_masked: bool,
}

impl Shown {
    pub(super) fn json(&self) -> Value {
        json!({ "octets": self.octets, "meaning": self.meaning })
    }
}

/// Shows the commands of one script in their order.
pub(super) fn show(secrets: &mut ApduSecrets, apdu: &[u8], is_revealed: bool) -> Shown {
    let masked = secrets.command(apdu).to_string();
    let is_masked = masked.contains('*');
    let octets = if is_revealed { polysim_base::Hex(apdu).to_string() } else { masked };
    Shown { octets, meaning: meaning(apdu), is_masked }
}

/// Says what a command does: its name, where, and how much.
fn meaning(apdu: &[u8]) -> String {
    let Ok(command) = CommandApdu::parse(apdu) else { return "no command".into() };
    let [cla, ins, p1, p2] = command.header().bytes();
    let (sent, wanted) = (command.data(), command.le().map(polysim_apdu::Le::bytes));
    if let Some(name) = global_platform(cla, ins) {
        return format!("{name}, {} octets", sent.len());
    }
    let Some(instruction) = Ins::from_byte(ins) else {
        return format!("instruction {ins:02X}, {} octets", sent.len());
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others say no more than their names")]
    let place = match instruction {
        Ins::Select => return format!("SELECT {}", selected(p1, sent)),
        Ins::ReadBinary | Ins::UpdateBinary if p1 & 0x80 != 0 => {
            format!(" of SFI {:02X} at {p2}", p1 & 0x1F)
        }
        Ins::ReadBinary | Ins::UpdateBinary => format!(" at {}", u16::from_be_bytes([p1, p2])),
        Ins::ReadRecord | Ins::UpdateRecord => {
            let file = match p2 >> 3 {
                0 => String::new(),
                sfi => format!(" of SFI {sfi:02X}"),
            };
            match p2 & 0x07 {
                2 => format!(" next{file}"),
                3 => format!(" previous{file}"),
                _ => format!(" {p1}{file}"),
            }
        }
        Ins::VerifyPin | Ins::ChangePin | Ins::DisablePin | Ins::EnablePin | Ins::UnblockPin => {
            format!(" of key {p2:02X}")
        }
        _ => String::new(),
    };
    let length = match (sent.len(), wanted) {
        (0, None) => String::new(),
        (0, Some(wanted)) => format!(", {wanted} octets wanted"),
        (sent, _) => format!(", {sent} octets"),
    };
    format!("{}{place}{length}", instruction.name())
}

/// Commands of `GlobalPlatform`, whose bytes have other meanings in other classes.
const fn global_platform(cla: u8, ins: u8) -> Option<&'static str> {
    Some(match (cla & 0xF0, ins) {
        (0x80, 0xD8) => "PUT KEY",
        (0x80, 0xE2) => "STORE DATA",
        (0x80, 0xE4) => "DELETE",
        (0x80, 0xE6) => "INSTALL",
        (0x80, 0xE8) => "LOAD",
        (0x80, 0xF0) => "SET STATUS",
        _ => return None,
    })
}

/// What a SELECT names: an application, or files by their identifiers and names.
fn selected(p1: u8, data: &[u8]) -> String {
    let octets = polysim_base::Hex(data);
    if p1 == 0x04 {
        return format!("application {octets}");
    }
    let (ids, odd) = data.as_chunks::<2>();
    match ids.last() {
        Some(fid) if odd.is_empty() => match known::name_of(u16::from_be_bytes(*fid)) {
            Some(name) => format!("{octets} {name}"),
            None => format!("{octets}"),
        },
        Some(_) | None => format!("{octets}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(hex: &str) -> String {
        meaning(&crate::command::octets::parse(hex).unwrap())
    }

    #[test]
    fn commands_say_what_they_do_and_where() {
        assert_eq!(said("00A40004026F07"), "SELECT 6F07 EF.IMSI");
        assert_eq!(said("00A40804047FF06F7E"), "SELECT 7FF06F7E EF.LOCI");
        assert_eq!(said("00A40004023F00"), "SELECT 3F00 MF");
        assert_eq!(said("00A4040007A0000000871002"), "SELECT application A0000000871002");
        assert_eq!(said("00D6000403112233"), "UPDATE BINARY at 4, 3 octets");
        assert_eq!(said("00B0870003"), "READ BINARY of SFI 07 at 0, 3 octets wanted");
        assert_eq!(said("00DC01040511223344FF"), "UPDATE RECORD 1, 5 octets");
        assert_eq!(said("80E60C00020102"), "INSTALL, 2 octets");
        assert_eq!(said("0020000108313233 34FFFFFFFF"), "VERIFY PIN of key 01, 8 octets");
        assert_eq!(said("0099000000"), "instruction 99, 0 octets");
        assert_eq!(said("00"), "no command");
    }

    #[test]
    fn secrets_are_masked_unless_they_are_to_be_revealed() {
        let verify = crate::command::octets::parse("002000010831323334FFFFFFFF").unwrap();
        let shown = show(&mut ApduSecrets::default(), &verify, false);
        assert!(shown.is_masked && !shown.octets.contains("31323334"), "{}", shown.octets);
        let shown = show(&mut ApduSecrets::default(), &verify, true);
        assert!(shown.octets.contains("31323334"));
    }
}
