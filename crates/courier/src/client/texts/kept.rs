//! What a checkpoint keeps of texts.

use super::Texts;
use super::letter::Letter;
use crate::client::TextRecord;

impl Texts {
    pub(in crate::client) fn checkpoint(&self) -> impl Iterator<Item = TextRecord> {
        let keys = self.keys.iter().map(|(number, known)| TextRecord::Keys {
            number: *number,
            version: known.version,
            keys: known.keys.clone(),
        });
        let letters = self.letters.iter().flat_map(|(number, letter)| letter.kept(*number));
        let reads = self.reads.iter().map(|id| TextRecord::Read(*id));
        let untold = self.untold.clone();
        let untold = untold.map(|(number, text)| TextRecord::Taken { number, text: Some(text) });
        let (written, sent, taken) = (self.written, self.sent, self.taken);
        let counts = TextRecord::Counts { written, sent, taken };
        // What is counted holds whatever comes before it.
        keys.chain(letters).chain(reads).chain(untold).chain([counts])
    }
}

impl Letter {
    fn kept(&self, number: u64) -> impl Iterator<Item = TextRecord> {
        let written = TextRecord::Written { number, to: self.to, text: self.text.clone() };
        let sending = self.place.id().map(|id| TextRecord::Sending { number, id });
        let state = self.place.state().map(|state| TextRecord::State { number, state });
        [written].into_iter().chain(sending).chain(state)
    }
}
