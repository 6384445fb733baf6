use crate::ServerId;

/// Which server is asked: the one that answered last.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Leader {
    servers: u8,
    current: ServerId,
}

impl Leader {
    pub(super) const fn new(servers: u8) -> Self {
        Self { servers, current: ServerId(0) }
    }

    pub(super) const fn current(self) -> ServerId {
        self.current
    }

    pub(super) const fn answered(&mut self, server: ServerId) {
        if server.0 < self.servers {
            self.current = server;
        }
    }

    /// Goes on to the next one, unless that was done already since `failed` was asked.
    pub(super) const fn failed(&mut self, failed: ServerId) {
        if failed.0 == self.current.0 {
            let next = failed.0.saturating_add(1);
            self.current = ServerId(if next < self.servers { next } else { 0 });
        }
    }
}
