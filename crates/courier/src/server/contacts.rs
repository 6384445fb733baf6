//! Address books: which contacts of a device are registered, as changes since it asked last.

use super::{Connection, Server, ServerRecord};
use crate::wire::FromDevice;

/// What devices have said of their contacts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Contacts {}

impl Contacts {
    pub(super) fn restore(&mut self, _record: ServerRecord) {}
}

impl Server {
    pub(super) fn contacts_message(&mut self, _from: Connection, _message: FromDevice) {}
}
