//! A slave, as its master knows it.

use alloc::boxed::Box;

use polysim_base::Instant;
use polysim_lease::Epoch;

use super::SlaveId;
use crate::{DeviceName, PeerKey};

/// A slave that is paired, or was and has yet to erase what it has.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Member {
    pub(super) id: SlaveId,
    pub(super) key: PeerKey,
    pub(super) name: DeviceName,
    pub(super) paired: bool,
    /// The lease whose key locks what it has stored, as far as the master knows.
    pub(super) locked: Epoch,
    /// The session of its link, if that is up.
    pub(super) link: Option<Box<Link>>,
}

/// A session of a link.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Link {
    /// It has said how things stand.
    pub(super) heard: bool,
    /// It says that it is on the network with a lease that is not its own now.
    pub(super) stray: Option<Epoch>,
    /// The newest lease that it has certainly let go.
    pub(super) let_go: Epoch,
    /// The newest lease that was offered in this session. What it says may be older than that.
    pub(super) offered: Epoch,
    pub(super) way: NextTime,
    /// What was said last and is not answered, and when it is said again.
    pub(super) owes: Option<(Owed, Instant)>,
}

/// How it is served next time.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) enum NextTime {
    /// As the master is set up.
    #[default]
    Usual,
    /// The user has allowed it.
    Allowed,
    /// It is sent the parameters without any question: it could not use what it has.
    Whole,
}

/// What a slave has to answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Owed {
    /// What it has stored.
    Read,
    /// Whether it is active.
    Offer(Epoch),
    /// That it has left.
    Revoke(Epoch),
    /// That nothing is stored.
    Wipe,
}

impl Member {
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.link.as_ref()?.owes.map(|(_, at)| at)
    }

    /// Returns the session, if the slave has said in it how things stand.
    pub(super) fn heard(&self) -> Option<&Link> {
        self.link.as_deref().filter(|link| link.heard)
    }
}
