//! APDUs without the secrets in them, for traces and recordings.

use core::fmt;
use core::ops::Range;

use alloc::vec::Vec;

use crate::{AuthenticateReply, Class, CommandApdu, GsmReply};

/// PIN commands (TS 102.221, 11.1.9 to 11.1.13), and PUT KEY of `GlobalPlatform`.
const SECRET_DATA: [u8; 6] = [0x20, 0x24, 0x26, 0x28, 0x2C, 0xD8];
/// AUTHENTICATE, even and odd.
const AUTHENTICATE: [u8; 2] = [0x88, 0x89];
/// READ BINARY, READ RECORD, UPDATE BINARY, UPDATE RECORD.
const READ_BINARY: u8 = 0xB0;
const READ_RECORD: u8 = 0xB2;
const UPDATE_BINARY: u8 = 0xD6;
const UPDATE_RECORD: u8 = 0xDC;
const SELECT: u8 = 0xA4;
const GET_RESPONSE: u8 = 0xC0;
/// Files with session keys in them: Keys, `KeysPS`, Kc, `KcGPRS`, EPS and 5GS security contexts
/// and keys (TS 31.102, 4.2, 4.4.3 and 4.4.11; TS 51.011, 10.3).
const KEY_FILES: [[u8; 2]; 10] = [
    [0x6F, 0x08],
    [0x6F, 0x09],
    [0x6F, 0x20],
    [0x6F, 0x52],
    [0x4F, 0x20],
    [0x4F, 0x52],
    [0x6F, 0xE4],
    [0x4F, 0x03],
    [0x4F, 0x04],
    [0x4F, 0x05],
];
/// The short identifiers of those that are transparent: `KcGPRS` and Kc of DF GSM-ACCESS, keys of
/// DF 5GS, Keys and `KeysPS`.
const KEY_BINARIES: [u8; 5] = [1, 2, 5, 8, 9];
/// The short identifiers of those with records: 5GS security contexts, and that of EPS.
const KEY_RECORDS: [u8; 3] = [3, 4, 0x18];
const CHANNELS: usize = 20;
/// What stands in place of an octet of a secret where octets are wanted.
const MASK: u8 = 0xFF;

/// An APDU with its secrets marked. `Display` gives upper-case hexadecimal with `**` in place of
/// each octet that is secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecretFree(Vec<Option<u8>>);

impl SecretFree {
    fn new<const N: usize>(bytes: &[u8], secrets: [Range<usize>; N]) -> Self {
        let secret = |at| secrets.iter().any(|range| range.contains(&at));
        let octets = bytes.iter().enumerate().map(|(at, byte)| (!secret(at)).then_some(*byte));
        Self(octets.collect())
    }

    /// Returns the APDU with `FF` in place of each octet that is secret.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.iter().map(|octet| octet.unwrap_or(MASK)).collect()
    }
}

impl fmt::Display for SecretFree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| match octet {
            Some(octet) => write!(f, "{octet:02X}"),
            None => f.write_str("**"),
        })
    }
}

/// What the answers on a channel hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Answers {
    /// Nothing secret.
    #[default]
    Plain,
    /// An answer to AUTHENTICATE.
    Authentication,
    /// Keys through and through: the contents of a file, or the rest of an answer.
    Keys,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    answers: Answers,
    in_key_file: bool,
    /// Whether there are keys in the file that the last command asked for, if it asked for one: it
    /// is the current file once the card has agreed.
    asked: Option<bool>,
}

impl Place {
    /// Returns whether a command finds a file with keys, and notes if it asks for a file.
    fn finds_keys(&mut self, header: [u8; 4], data: &[u8]) -> bool {
        // Without an answer, either file may be the current one.
        self.in_key_file |= self.asked.take().unwrap_or_default();
        let [_, ins, p1, p2] = header;
        self.asked = match ins {
            SELECT => Some(KEY_FILES.iter().any(|file| data.ends_with(file))),
            READ_BINARY | UPDATE_BINARY if p1 & 0x80 != 0 => {
                Some(KEY_BINARIES.contains(&(p1 & 0x1F)))
            }
            READ_RECORD | UPDATE_RECORD if p2 >> 3 != 0 => Some(KEY_RECORDS.contains(&(p2 >> 3))),
            _ => None,
        };
        self.asked.unwrap_or(self.in_key_file)
    }

    fn answered(&mut self, sw1: u8) {
        let asked = self.asked.take();
        // Done, perhaps with a warning or with more to fetch.
        if let (Some(asked), 0x61..=0x63 | 0x90..=0x92 | 0x9F) = (asked, sw1) {
            self.in_key_file = asked;
        }
    }
}

/// Marks secrets in the APDUs of one card, in the order in which they pass: PINs presented, keys
/// in answers to AUTHENTICATE (CK, IK, Kc), also where they are fetched by GET RESPONSE, and the
/// contents of files that hold keys.
#[derive(Clone, Debug, Default)]
pub struct ApduSecrets {
    places: [Place; CHANNELS],
    /// The channel of the last command.
    channel: usize,
}

impl ApduSecrets {
    /// Marks the secrets of a command.
    #[must_use]
    pub fn command(&mut self, command: &[u8]) -> SecretFree {
        let &[cla, ins, p1, p2, ..] = command else { return SecretFree::new(command, []) };
        self.channel = Class::parse(cla).map_or(0, |class| class.channel().number().into());
        let apdu = CommandApdu::parse(command);
        let data = match &apdu {
            Ok(apdu) if apdu.data().is_empty() => command.len()..command.len(),
            // A length field of three octets begins with 00.
            Ok(apdu) if command.get(4) == Some(&0) => 7..7 + apdu.data().len(),
            Ok(apdu) => 5..5 + apdu.data().len(),
            Err(_) => 5..command.len().max(5),
        };
        let Some(place) = self.places.get_mut(self.channel) else {
            return SecretFree::new(command, []);
        };
        let finds_keys =
            place.finds_keys([cla, ins, p1, p2], command.get(data.clone()).unwrap_or_default());
        place.answers = match ins {
            GET_RESPONSE => place.answers,
            _ if AUTHENTICATE.contains(&ins) => Answers::Authentication,
            READ_BINARY | READ_RECORD if finds_keys => Answers::Keys,
            _ => Answers::Plain,
        };
        let writes_keys = finds_keys && matches!(ins, UPDATE_BINARY | UPDATE_RECORD);
        if SECRET_DATA.contains(&ins) || writes_keys {
            SecretFree::new(command, [data])
        } else {
            SecretFree::new(command, [])
        }
    }

    /// Marks the secrets of the response to the last command.
    #[must_use]
    pub fn response(&mut self, response: &[u8]) -> SecretFree {
        let len = response.len().saturating_sub(2);
        let data = response.get(..len).unwrap_or_default();
        let Some(place) = self.places.get_mut(self.channel) else {
            return SecretFree::new(response, []);
        };
        if let Some([sw1, _]) = response.get(len..) {
            place.answered(*sw1);
        }
        match place.answers {
            Answers::Plain => SecretFree::new(response, []),
            Answers::Authentication if data.is_empty() => SecretFree::new(response, []),
            Answers::Authentication => {
                // What is fetched after the first piece makes no sense by itself.
                place.answers = Answers::Keys;
                SecretFree::new(response, keys(data))
            }
            Answers::Keys => SecretFree::new(response, [0..len, 0..0]),
        }
    }
}

/// Returns where the keys are in an answer to AUTHENTICATE; all of it if it cannot be read.
fn keys(data: &[u8]) -> [Range<usize>; 3] {
    match AuthenticateReply::parse(data) {
        Ok(AuthenticateReply::Success { res, ck, ik, kc }) => {
            let ck_at = 3 + res.len();
            let ik_at = ck_at + ck.len() + 1;
            let ik_end = ik_at + ik.len();
            let kc = kc.map_or(ik_end..ik_end, |_| ik_end + 1..data.len());
            [ck_at..ck_at + ck.len(), ik_at..ik_end, kc]
        }
        Ok(AuthenticateReply::SyncFailure { .. }) => [0..0, 0..0, 0..0],
        Err(_) if GsmReply::parse(data).is_ok() => [6..data.len(), 0..0, 0..0],
        Err(_) if GsmReply::parse_sim(data).is_ok() => [4..data.len(), 0..0, 0..0],
        Err(_) => [0..data.len(), 0..0, 0..0],
    }
}

#[cfg(test)]
mod tests {
    use super::ApduSecrets;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn hex(text: &str) -> Vec<u8> {
        polysim_base::parse_hex(text.replace(' ', "").as_bytes()).unwrap()
    }

    /// Commands and responses, one after the other, as they are shown.
    fn shown(exchanges: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut secrets = ApduSecrets::default();
        let mut show = |(command, response): &(&str, &str)| {
            let command = secrets.command(&hex(command)).to_string();
            (command, secrets.response(&hex(response)).to_string())
        };
        exchanges.iter().map(&mut show).collect()
    }

    #[test]
    fn pins_are_masked_and_lengths_kept() {
        for (command, expected) in [
            ("002000010831323334FFFFFFFF", "0020000108****************"),
            (
                "012C00011031323334FFFFFFFF31323334FFFFFFFF",
                "012C000110********************************",
            ),
            ("00200001 000008 31323334FFFFFFFF", "00200001000008****************"),
            ("0020000108313233", "0020000108******"),
            ("0020000100", "0020000100"),
            ("00200001", "00200001"),
            (
                "A024000110 31323334FFFFFFFF31323334FFFFFFFF",
                "A024000110********************************",
            ),
            ("00D6000002 3132", "00D60000023132"),
            ("00", "00"),
        ] {
            assert_eq!(shown(&[(command, "9000")])[0].0, expected);
        }
        let masked = ApduSecrets::default().command(&hex("002000010431323334"));
        assert_eq!(masked.to_vec(), hex("0020000104FFFFFFFF"));
    }

    #[test]
    fn keys_are_masked_and_res_is_shown() {
        let (res, ck, ik, kc) =
            ("0811223344AABBCCDD", "10".repeat(17), "10".repeat(17), "08".repeat(9));
        let authenticate = ["0088008122", &"10".repeat(34), "00"].concat();
        let hidden = |len: usize| "**".repeat(len);
        let with_kc = ["DB", res, &ck, &ik, &kc, "9000"].concat();
        let expected = ["DB", res, "10", &hidden(16), "10", &hidden(16), "08", &hidden(8), "9000"];
        assert_eq!(shown(&[(&authenticate, &with_kc)])[0].1, expected.concat());
        let without = ["DB", res, &ck, &ik, "9000"].concat();
        let expected = ["DB", res, "10", &hidden(16), "10", &hidden(16), "9000"].concat();
        assert_eq!(shown(&[(&authenticate, &without)])[0].1, expected);
        let failure = ["DC0E", &"42".repeat(14), "9000"].concat();
        assert_eq!(shown(&[(&authenticate, &failure)])[0].1, failure);
        let gsm = "04AABBCCDD0801020304050607089000";
        let expected = ["04AABBCCDD08", &hidden(8), "9000"].concat();
        assert_eq!(shown(&[(&authenticate, gsm)])[0].1, expected);
        let sim = "AABBCCDD01020304050607089000";
        let expected = ["AABBCCDD", &hidden(8), "9000"].concat();
        assert_eq!(shown(&[("A08800000100", sim)])[0].1, expected);
        assert_eq!(shown(&[(&authenticate, "DB7F019000")])[0].1, "******9000");
        assert_eq!(shown(&[(&authenticate, "9862")])[0].1, "9862");
    }

    #[test]
    fn keys_are_masked_where_they_are_fetched() {
        let shown = shown(&[
            ("018800810100", "6104"),
            ("00C0000002", "DB089000"),
            ("01C0000002", "DB086102"),
            ("01C0000002", "04059000"),
            ("01B0000002", "04059000"),
        ]);
        let answers: Vec<_> = shown.iter().map(|(_, answer)| answer.as_str()).collect();
        assert_eq!(answers, ["6104", "DB089000", "****6102", "****9000", "04059000"]);
    }

    /// The answer to the last of these commands.
    fn last_answer(exchanges: &[(&str, &str)]) -> String {
        shown(exchanges).pop().unwrap().1
    }

    #[test]
    fn files_with_keys_are_masked() {
        let shown = shown(&[
            ("00A40004026F0800", "62009000"),
            ("00B0000002", "AABB9000"),
            ("00D6000002AABB", "9000"),
            ("00A40004026F0700", "62009000"),
            ("00B0000002", "AABB9000"),
            ("00B0880002", "AABB9000"),
        ]);
        let second = [&shown[1].1, &shown[2].0, &shown[4].1, &shown[5].1];
        assert_eq!(second, ["****9000", "00D6000002****", "AABB9000", "****9000"]);
        assert_eq!(last_answer(&[("00B201C402", "AABB9000")]), "****9000");
    }

    #[test]
    fn a_file_stays_the_current_one_until_the_card_agrees_to_another() {
        let (keys, read) = (("00A40004026F08", "9000"), ("00B0000002", "AABB9000"));
        for refused in ["6A82", "6982", ""] {
            assert_eq!(last_answer(&[keys, ("00A40004026FFF", refused), read]), "****9000");
        }
        for agreed in ["9000", "611C", "9F0F", "9110", "6283"] {
            assert_eq!(last_answer(&[keys, ("00A40004026F07", agreed), read]), "AABB9000");
        }
        assert_eq!(last_answer(&[("00B0880002", "AABB9000"), read]), "****9000");
        assert_eq!(last_answer(&[keys, ("00B0840002", "AABB9000"), read]), "AABB9000");
    }
}
