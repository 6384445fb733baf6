//! A bound profile package comes (SGP.22, 5.7.6 and 2.5.5).

use super::session::Authenticated;

/// A package that is coming.
#[derive(Debug)]
pub(super) struct Loading {
    server: Authenticated,
}

impl Loading {
    pub(super) const fn server(&self) -> &Authenticated {
        &self.server
    }
}
