//! One AT port of a simulated modem, as a wire with two ends.

use crate::live::Shared;
use polysim_baseband::BasebandInput;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Most octets that wait for a reader; what a modem writes beyond is lost, as without flow control.
const UNREAD_MAX: usize = 1 << 20;

/// What a modem has written on a port and nobody has read yet.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    state: Mutex<Unread>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Unread {
    bytes: Vec<u8>,
    lost: u64,
    /// The modem was switched off: the port is gone.
    off: bool,
}

impl Outlet {
    fn lock(&self) -> MutexGuard<'_, Unread> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, bytes: &[u8]) {
        let mut unread = self.lock();
        let taken = bytes.len().min(UNREAD_MAX.saturating_sub(unread.bytes.len()));
        unread.lost += (bytes.len() - taken) as u64;
        unread.bytes.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        drop(unread);
        self.changed.notify_one();
    }

    pub(crate) fn power(&self, on: bool) {
        self.lock().off = !on;
        self.changed.notify_one();
    }

    /// Takes up to `most` octets; `None` where there are none and the modem is off.
    fn take(&self, most: usize) -> Option<Vec<u8>> {
        let mut unread = self.lock();
        if unread.bytes.len() <= most {
            let all = std::mem::take(&mut unread.bytes);
            return (!all.is_empty() || !unread.off).then_some(all);
        }
        Some(unread.bytes.drain(..most).collect())
    }
}

/// One AT port of a lent modem. It is closed until [`Line::open`], and closed again when it is
/// dropped: a modem throws away what it would say on a closed port.
#[derive(Debug)]
pub struct Line {
    world: Arc<Shared>,
    phone: usize,
    port: u8,
    outlet: Arc<Outlet>,
}

impl Line {
    pub(crate) fn new(world: Arc<Shared>, phone: usize, port: u8) -> Self {
        let outlet = world.outlet(phone, port);
        let line = Self { world, phone, port, outlet };
        line.close();
        line
    }

    /// A host is there. What the modem said before is gone.
    pub fn open(&self) {
        self.outlet.lock().bytes.clear();
        self.world.modem_input(self.phone, BasebandInput::PortOpened(self.port));
    }

    /// The host has gone.
    pub fn close(&self) {
        self.world.modem_input(self.phone, BasebandInput::PortClosed(self.port));
        self.outlet.lock().bytes.clear();
    }

    /// Sends bytes to the modem. It takes all of them at once.
    pub fn send(&self, bytes: &[u8]) {
        let input = BasebandInput::Port { port: self.port, bytes: bytes.to_vec() };
        self.world.modem_input(self.phone, input);
    }

    /// Waits for what the modem says and takes up to `most` octets of it; `None` when the modem is
    /// switched off. Dropping the future loses nothing.
    pub async fn receive(&self, most: usize) -> Option<Vec<u8>> {
        loop {
            let changed = self.outlet.changed.notified();
            match self.outlet.take(most) {
                Some(bytes) if bytes.is_empty() => changed.await,
                taken => return taken,
            }
        }
    }

    /// Waits for what the modem says, as [`Self::receive`] does, through times in which it is off.
    pub(crate) async fn receive_even_off(&self, most: usize) -> Vec<u8> {
        loop {
            let changed = self.outlet.changed.notified();
            match self.outlet.take(most) {
                Some(bytes) if !bytes.is_empty() => return bytes,
                Some(_) | None => changed.await,
            }
        }
    }

    /// Returns whether the modem is switched off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.outlet.lock().off
    }

    /// Returns how many octets were lost since nobody read them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.outlet.lock().lost
    }

    /// Returns phone and port.
    #[must_use]
    pub const fn place(&self) -> (usize, u8) {
        (self.phone, self.port)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.close();
    }
}
