//! Commands, both ways.

mod basic;
mod dial;
mod form;
mod other;
mod parse;
mod table;
#[cfg(test)]
mod tests;

pub use basic::{Basic, SRegister};
pub use dial::{Dial, DialTarget};
pub use form::{Form, NoSet};
pub use other::{Arguments, CommandName, InvalidName, OtherCommand};
pub use parse::{CommandError, CommandProblem, Commands, parse_line};
pub use table::Command;

use alloc::vec::Vec;

impl Command {
    /// Appends the whole command line: `AT`, the command, CR.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(LINE_LEN_TYPICAL);
        out.extend_from_slice(b"AT");
        self.encode_body(out);
        out.push(b'\r');
    }

    /// Appends one command line with several commands: `AT+A;+B` CR.
    ///
    /// A dial command of a data call, and what is done on hanging up, should come last: a device
    /// ignores what follows them.
    pub fn encode_line(commands: &[Self], out: &mut Vec<u8>) {
        out.reserve(LINE_LEN_TYPICAL);
        out.extend_from_slice(b"AT");
        let mut separate = false;
        for command in commands {
            if separate {
                out.push(b';');
            }
            command.encode_body(out);
            // Only extended commands need one; a voice dial brings its own.
            separate = command.name().is_some();
        }
        out.push(b'\r');
    }
}

/// Room for nearly all command lines.
const LINE_LEN_TYPICAL: usize = 40;
