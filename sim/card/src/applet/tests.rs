//! A card with an applet that does what it is told.

use std::collections::VecDeque;

use polysim_base::Out;
use polysim_issuance::applet::{AppletInput, AppletOutput};
use polysim_ota::Tar;

use super::program::Record;

/// An applet whose answer to each input is fixed before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    /// What it does when it hears something, in order of what it hears.
    pub(crate) script: VecDeque<Vec<Out<Record, AppletOutput>>>,
    pub(crate) outputs: VecDeque<Out<Record, AppletOutput>>,
    pub(crate) heard: Vec<AppletInput>,
    /// Its non-volatile memory.
    pub(crate) kept: Vec<u8>,
}

impl Scripted {
    pub(crate) const AID: [u8; 8] = [0xF0, b'p', b'o', b'l', b'y', b's', b'i', b'm'];
    pub(crate) const TAR: Tar = Tar([0xC0, 0xDE, 0x01]);

    pub(crate) fn handle(&mut self, input: AppletInput) {
        self.heard.push(input);
        for output in self.script.pop_front().unwrap_or_default() {
            if let Out::Record(Record::Scripted(record)) = &output {
                self.kept.push(*record);
            }
            self.outputs.push_back(output);
        }
    }
}
