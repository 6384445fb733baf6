//! The whole state as records: a log may begin anew with them.

use alloc::vec::Vec;

use super::{Server, ServerRecord};

impl Server {
    /// Returns records from which a server is restored that goes on as this one would after a crash.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<ServerRecord> {
        let mut records = self.account_checkpoint();
        records.extend(self.contacts.checkpoint());
        records.extend(self.texts.checkpoint());
        records
    }
}
