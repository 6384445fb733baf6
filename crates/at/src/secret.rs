//! Lines without the secrets in them, for traces and recordings.

use alloc::vec::Vec;

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
/// How much of a line is remembered: any of the above and a number.
const TAIL_LEN: usize = 24;
const BACKSPACE: u8 = 0x08;

/// Masks secrets in a stream of bytes, however it is cut.
///
/// Everything from the first parameter of a command that may hold a secret to the end of the line
/// is replaced by [`MASK`]. The same goes for echoes. Names are found in either case, and through
/// spaces, control characters and backspaces, as a modem finds them (V.250, 5.2.2 and 5.4.2). A
/// direction needs a mask of its own.
#[derive(Clone, Debug, Default)]
pub struct SecretMask {
    /// The end of the line so far, in upper case, without what a modem drops.
    tail: Vec<u8>,
    is_secret: bool,
}

impl SecretMask {
    /// Appends `bytes` to `out`, without the secrets.
    pub fn mask(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            match *byte {
                b'\r' | b'\n' => {
                    self.tail.clear();
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
                self.tail.pop();
            }
            0..=b' ' => {}
            _ => {
                if self.tail.len() == TAIL_LEN {
                    self.tail.remove(0);
                }
                self.tail.push(byte.to_ascii_uppercase());
            }
        }
    }

    fn secret_follows(&self) -> bool {
        let ends_with = |name: &&[u8]| self.tail.ends_with(name);
        match self.tail.last() {
            Some(b'=') => COMMANDS.iter().any(ends_with),
            Some(b'*') => PROCEDURES.iter().any(ends_with),
            Some(b',') => self.announces_a_response(),
            Some(_) | None => false,
        }
    }

    /// Whether the line so far is `+CSIM: <length>,` with more than a status word to come.
    fn announces_a_response(&self) -> bool {
        let mut starts = ANSWERS.iter().filter_map(|name| {
            let at = self.tail.windows(name.len()).rposition(|window| window == *name)?;
            self.tail.get(at + name.len()..)
        });
        starts.any(|rest| rest != b"4,")
    }
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
        ] {
            assert_eq!(masked(line), line);
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_same_is_masked(
            pieces in prop::collection::vec(
                prop::sample::select(&["AT", "+CPIN", "=", "+CSIM: 8,", "**04", "*", "1234", "\r", "\u{8}", " "][..]),
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
        fn a_pin_never_comes_through(before in "[ -~]{0,30}", after in "[ -~]{0,10}") {
            let line = std::format!("{before}+CPIN=\"7Q~1\"{after}\r");
            prop_assume!(!before.contains("7Q~1"));
            prop_assert!(!masked(&line).contains("7Q~1"));
        }
    }
}
