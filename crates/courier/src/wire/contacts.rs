//! Which contacts are registered.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::{ContactKey, MarkVersion, RequestId};

/// From a device: contacts have changed, or it is time to ask which are registered.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Refresh {
    /// The question.
    pub request: RequestId,
    /// As of when the device knows; zero: from nothing.
    pub since: MarkVersion,
    /// New ones.
    pub add: Vec<ContactKey>,
    /// Old ones.
    pub remove: Vec<ContactKey>,
    /// These are all: forget the others.
    pub whole: bool,
}

/// To a device, of contacts.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ContactsToDevice {
    /// Which contacts are registered, as a change since the version that was told.
    Marks {
        /// To which question.
        request: RequestId,
        /// As of when.
        version: MarkVersion,
        /// Those that are, and were not or not known.
        on: Vec<ContactKey>,
        /// Those that are no more.
        off: Vec<ContactKey>,
    },
    /// The answer to a question is no.
    Refused {
        /// To which question.
        request: RequestId,
        /// Why.
        why: Refusal,
    },
}
