//! Basic commands and S-registers (V.250, 5.3).

use alloc::vec::Vec;

use super::Form;
use crate::put_uint;

macro_rules! basics {
    ($( $(#[$meta:meta])* $variant:ident = $letter:literal $ampersand:literal; )*) => {
        /// A basic command: one letter, perhaps after `&`; its number counts as 0 when left out.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Basic {
            $( $(#[$meta])* $variant, )*
        }

        impl Basic {
            /// Every basic command.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Whether `&` stands before the letter, and the letter.
            #[must_use]
            pub const fn code(self) -> (bool, u8) {
                match self { $( Self::$variant => ($ampersand, $letter), )* }
            }

            /// Returns the command of a letter in upper case.
            #[must_use]
            pub const fn from_code(ampersand: bool, letter: u8) -> Option<Self> {
                match (ampersand, letter) {
                    $( ($ampersand, $letter) => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }
    };
}

basics! {
    /// `E`: echo (V.250, 6.2.4).
    Echo = b'E' false;
    /// `V`: results in words, 1, or numbers, 0 (V.250, 6.2.6).
    Verbose = b'V' false;
    /// `Q`: 1 gives no results (V.250, 6.2.5).
    Quiet = b'Q' false;
    /// `X`: which call results are told apart (V.250, 6.2.7).
    CallResults = b'X' false;
    /// `Z`: reset to the stored settings (V.250, 6.1.1).
    Reset = b'Z' false;
    /// `&F`: factory settings (V.250, 6.1.2).
    FactorySettings = b'F' true;
    /// `&C`: what the circuit 109, carrier detect, shows (V.250, 6.2.8).
    CarrierDetect = b'C' true;
    /// `&D`: what the circuit 108, terminal ready, does (V.250, 6.2.9).
    TerminalReady = b'D' true;
    /// `&W`: store the settings.
    StoreSettings = b'W' true;
    /// `&V`: show the settings.
    ShowSettings = b'V' true;
    /// `&K`: flow control.
    FlowControl = b'K' true;
    /// `&S`: what the circuit 107, data set ready, shows.
    DataSetReady = b'S' true;
    /// `I`: identify (V.250, 6.1.3).
    Identify = b'I' false;
    /// `H`: hang up (V.250, 6.3.6).
    HangUp = b'H' false;
    /// `A`: answer (V.250, 6.3.5).
    Answer = b'A' false;
    /// `O`: back to data (V.250, 6.3.7).
    Online = b'O' false;
    /// `L`: loudness (V.250, 6.3.13).
    Loudness = b'L' false;
    /// `M`: speaker (V.250, 6.3.14).
    Speaker = b'M' false;
    /// `T`: tone dialling (V.250, 6.3.2).
    Tone = b'T' false;
    /// `P`: pulse dialling (V.250, 6.3.3).
    Pulse = b'P' false;
}

pub(super) fn encode_basic(basic: Basic, value: Option<u8>, out: &mut Vec<u8>) {
    let (ampersand, letter) = basic.code();
    if ampersand {
        out.push(b'&');
    }
    out.push(letter);
    if let Some(value) = value {
        put_uint(value.into(), out);
    }
}

/// An S-register (V.250, 5.3.2): `S3?` reads, `S3=13` sets, `S3` alone selects it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SRegister {
    /// Number of the register.
    pub register: u8,
    /// What to do; a set without a value, `S3=`, sets 0.
    pub form: Form<u8>,
}

impl SRegister {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'S');
        put_uint(self.register.into(), out);
        self.form.encode(out);
    }
}
