//! The whole state as records: a journal may begin anew with them.

use alloc::vec::Vec;

use super::{Client, ClientRecord};

impl Client {
    /// Returns records from which a device is restored that goes on as this one would after a crash.
    ///
    /// # Contract
    /// What it has said was taken with [`poll_output`](polysim_base::Machine::poll_output): records
    /// that were not are in the checkpoint already.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<ClientRecord> {
        let registered = self.account.checkpoint();
        let texts = self.texts.checkpoint().map(ClientRecord::Text);
        let rest = self.contacts.checkpoint().chain(texts).chain(self.voice.checkpoint());
        registered.into_iter().chain(rest).collect()
    }
}
