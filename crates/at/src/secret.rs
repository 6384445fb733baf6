//! Lines without the secrets in them, for traces and recordings.

use alloc::vec::Vec;

use crate::LINE_LEN_MAX;

/// What stands in place of a secret.
pub const MASK: &[u8] = b"***";
/// Commands whose parameters hold PINs, passwords, or APDUs that may (TS 27.007, 8.3, 7.5, 7.4,
/// 8.17, 8.43, 10.1.31).
const COMMANDS: [&[u8]; 7] =
    [b"+CPIN=", b"+CPIN2=", b"+CPWD=", b"+CLCK=", b"+CSIM=", b"+CGLA=", b"+CGAUTH="];
/// Procedures of TS 22.030, 6.6 and 6.5.4, that change or unblock a PIN or register a password,
/// wherever they are dialled.
const PROCEDURES: [&[u8]; 5] = [b"**03*", b"**04*", b"**042*", b"**05*", b"**052*"];
/// Answers that hold the response of a card: a number of characters, and after a comma the
/// response. A status word alone, four characters, is no secret.
const ANSWERS: [&[u8]; 2] = [b"+CSIM:", b"+CGLA:"];
/// Commands whose second parameter is a password (TS 27.007, 8.11).
const SECOND: [&[u8]; 1] = [b"+CPBS="];
/// How much decides: any of the above and a number.
const DECISIVE_LEN: usize = 24;
const BACKSPACE: u8 = 0x08;

/// Masks secrets in a stream of bytes, however it is cut.
///
/// Everything from the first parameter of a command that may hold a secret to the end of the line
/// is replaced by [`MASK`]. The same goes for echoes. Names are found in either case, and through
/// spaces, control characters and backspaces, as a modem finds them (V.250, 5.2.2 and 5.4.2): a
/// line feed ends no line. A direction needs a mask of its own.
#[derive(Clone, Debug, Default)]
pub struct SecretMask {
    /// The line so far, in upper case, as a modem has it after backspaces; of a line that is
    /// longer than a modem takes, the end.
    line: Vec<u8>,
    is_secret: bool,
}

impl SecretMask {
    /// Appends `bytes` to `out`, without the secrets.
    pub fn mask(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            match *byte {
                b'\r' => {
                    self.line.clear();
                    self.is_secret = false;
                    out.push(*byte);
                }
                _ if self.is_secret => {}
                byte => {
                    out.push(byte);
                    self.remember(byte);
                    if self.secret_follows() {
                        self.is_secret = true;
                        out.extend_from_slice(MASK);
                    }
                }
            }
        }
    }

    fn remember(&mut self, byte: u8) {
        match byte {
            BACKSPACE => {
                self.line.pop();
            }
            0..b' ' => {}
            _ => {
                if self.line.len() == LINE_LEN_MAX {
                    self.line.drain(..LINE_LEN_MAX / 2);
                }
                self.line.push(byte.to_ascii_uppercase());
            }
        }
    }

    fn secret_follows(&self) -> bool {
        let Some(last @ (b'=' | b'*' | b',')) = self.line.last() else { return false };
        let end = self.decisive_end();
        let ends_with = |name: &&[u8]| end.ends_with(name);
        match last {
            b'=' => COMMANDS.iter().any(ends_with),
            b'*' => PROCEDURES.iter().any(ends_with),
            _ => after(&end, &SECOND).next().is_some() || announces_a_response(&end),
        }
    }

    /// Returns the end of the line so far, without spaces.
    fn decisive_end(&self) -> Vec<u8> {
        let counted = self.line.iter().rev().copied().filter(|byte| *byte != b' ');
        let mut end: Vec<u8> = counted.take(DECISIVE_LEN).collect();
        end.reverse();
        end
    }
}

/// Whether a line is `+CSIM: <length>,` with more than a status word to come.
fn announces_a_response(line: &[u8]) -> bool {
    after(line, &ANSWERS).any(|rest| rest != b"4,")
}

/// Returns what follows each of `names` that is in the line.
fn after<'a>(line: &'a [u8], names: &'a [&[u8]]) -> impl Iterator<Item = &'a [u8]> {
    names.iter().filter_map(|name| {
        let at = line.windows(name.len()).rposition(|window| window == *name)?;
        line.get(at + name.len()..)
    })
}

/// Returns whole lines without the secrets in them.
#[must_use]
pub fn without_secrets(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    SecretMask::default().mask(bytes, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::borrow::ToOwned as _;
    use std::string::String;

    fn masked(text: &str) -> String {
        String::from_utf8(without_secrets(text.as_bytes())).unwrap()
    }

    #[test]
    fn parameters_with_secrets_are_masked_to_the_end_of_the_line() {
        for (line, expected) in [
            ("AT+CPIN=\"1234\"\r", "AT+CPIN=***\r"),
            ("at+cpin=1234\rAT+CSQ\r", "at+cpin=***\rAT+CSQ\r"),
            ("AT+CREG?;+CPIN=1234;+CSQ\r\n", "AT+CREG?;+CPIN=***\r\n"),
            ("AT+CPWD=\"SC\",\"1234\",\"4321\"\r", "AT+CPWD=***\r"),
            ("AT+CLCK=\"SC\",1,\"1234\"\r", "AT+CLCK=***\r"),
            ("AT+CSIM=26,\"0020000108\"\r", "AT+CSIM=***\r"),
            ("AT+CGLA=1,26,\"0020000108\"\r", "AT+CGLA=***\r"),
            ("AT + C PIN = 1234\r", "AT + C PIN =***\r"),
            ("AT+CPIX\u{8}N=1234\r", "AT+CPIX\u{8}N=***\r"),
            ("AT+CP\0IN=1234\r", "AT+CP\0IN=***\r"),
            ("AT+CPIN \u{8}=1234\r", "AT+CPIN \u{8}=***\r"),
            ("AT+CP\nIN=12\n34\r", "AT+CP\nIN=***\r"),
            ("AT+CPBS=\"FD\",\"1234\"\r", "AT+CPBS=\"FD\",***\r"),
            ("ATD**04*1234*4321*4321#\r", "ATD**04****\r"),
            ("AT+CUSD=1,\"**052*12345678*1*1#\"\r", "AT+CUSD=1,\"**052****\r"),
            ("\r\n+CSIM: 36,\"DB0811\"\r\n", "\r\n+CSIM: 36,***\r\n"),
        ] {
            assert_eq!(masked(line), expected);
        }
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is() {
        for line in [
            "\r\n+CPIN: READY\r\n",
            "AT+CPIN?\r",
            "AT+CMGS=21\r0001000B\u{1a}",
            "\r\n+CSIM: 4,\"9000\"\r\n",
            "ATD*100#;\r",
            "\r\n+CLCK: 1\r\n",
            "AT+CLCK?\r",
            "AT+CPBS=\"SM\"\r",
            "\r\n+CPBS: \"SM\",3,250\r\n",
        ] {
            assert_eq!(masked(line), line);
        }
    }

    #[test]
    fn a_long_line_that_was_taken_back_hides_nothing() {
        for taken_back in [30, 1_000] {
            let (text, back) = ("x".repeat(taken_back), "\u{8}".repeat(taken_back));
            let line = std::format!("AT+CPIN{text}{back}=1234\r");
            assert!(!masked(&line).contains("1234"), "{taken_back}");
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_same_is_masked(
            pieces in prop::collection::vec(
                prop::sample::select(&["AT", "+CPIN", "=", "+CSIM: 8,", "**04", "*", "1234", "\r", "\n", "\u{8}", " "][..]),
                0..20,
            ),
            cuts: Vec<prop::sample::Index>,
        ) {
            let line = pieces.concat().into_bytes();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(line.len() + 1)).collect();
            cuts.extend([0, line.len()]);
            cuts.sort_unstable();
            let (mut mask, mut out) = (SecretMask::default(), Vec::new());
            for cut in cuts.windows(2) {
                mask.mask(&line[cut[0]..cut[1]], &mut out);
            }
            prop_assert_eq!(out, without_secrets(&line));
        }

        #[test]
        fn what_is_left_holds_no_command_with_a_secret(
            length in 1_u8..9,
            lines in prop::collection::vec(
                (
                    prop::sample::select(&[
                        "AT+CPIN=1234\r", "AT+CPWD=\"SC\",\"1234\",\"4321\"\r", "ATD**04*1234*4321*4321#;\r",
                        "AT+CSQ;+CPIN=\"1234\"\r", "AT+CLCK=\"SC\",1,\"1234\"\r", "AT+CPBS=\"FD\",\"1234\"\r",
                        "AT+CSIM=4,\"0020\"\r", "AT+CGLA=1,4,\"0020\"\r", "A/", "\r\n+CSIM: 4,\"9000\"\r\n",
                    ][..]),
                    prop::collection::vec(
                        (
                            any::<prop::sample::Index>(),
                            prop::sample::select(&[
                                " ", "\n", "\0", "x\u{8}", " \u{8}", "\u{1b}", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                                 \u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\
                                 \u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}",
                            ][..]),
                        ),
                        0..4,
                    ),
                ),
                0..4,
            ),
        ) {
            let mut stream = std::vec![length];
            for (line, additions) in lines {
                let mut line = line.to_owned();
                for (at, text) in additions {
                    line.insert_str(at.index(line.len()), text);
                }
                stream.extend_from_slice(line.as_bytes());
            }
            crate::testkit::fuzz_at_secrets(&stream);
        }

        #[test]
        fn a_pin_never_comes_through(before in "[ -~]{0,30}", after in "[ -~]{0,10}") {
            let line = std::format!("{before}+CPIN=\"7Q~1\"{after}\r");
            prop_assume!(!before.contains("7Q~1"));
            prop_assert!(!masked(&line).contains("7Q~1"));
        }
    }
}
