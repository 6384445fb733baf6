//! A known device is there.

use polysim_base::{Duration, Instant};

use crate::server::secret::same;
use crate::server::{AccountRecord, Connection, Server};
use crate::wire::AccountToDevice;
use crate::{CardMark, DeviceId, RequestId, Token};

impl Server {
    /// A device says who it is.
    pub(super) fn hello(
        &mut self,
        now: Instant,
        (from, request): (Connection, RequestId),
        (device, token): (DeviceId, &Token),
        card: Option<CardMark>,
        taken: u64,
    ) {
        let right = self.accounts.devices.get(&device).map(|it| it.generation);
        let key = &self.desk.config.key;
        let right = right.map(|generation| key.token(device, generation));
        if !right.is_some_and(|right| same(&token.0, &right.0)) {
            return self.desk.send(from, AccountToDevice::Unknown { request });
        }
        if !self.sessions.greets(from, device) {
            return self.send_away(from);
        }
        self.bind(now, from, device);
        if let Some(card) = card
            && self.accounts.is_primary(device)
        {
            self.see_card(now, device, card);
        }
        let welcome = AccountToDevice::Welcome {
            request,
            mode: self.desk.config.contacts,
            salt: self.contacts.salt,
            threshold: self.desk.config.threshold,
            verify_within: self.verify_within(now, device),
        };
        self.desk.send(from, welcome);
        self.texts_connected(now, device, taken);
    }

    /// Whoever is there was another device before in this session: it is this one in the next one.
    fn send_away(&mut self, connection: Connection) {
        self.desk.close(connection);
        if let Some(device) = self.sessions.down(connection) {
            self.gone(device);
        }
    }

    /// A card is in a primary device: that with which its number was proved, or another one.
    fn see_card(&mut self, now: Instant, device: DeviceId, card: CardMark) {
        let proved = self.accounts.is_proved(device);
        let same = self.accounts.devices.get(&device).is_some_and(|it| it.card == Some(card));
        match (proved, same) {
            (true, false) => self.keep(now, AccountRecord::CardChanged { device, at: now }),
            (false, true) => self.keep(now, AccountRecord::CardBack(device)),
            (true, true) | (false, false) => {}
        }
    }

    /// Returns within which time a device has to prove its number again.
    fn verify_within(&self, now: Instant, device: DeviceId) -> Option<Duration> {
        let since = self.accounts.devices.get(&device)?.unproved_since?;
        let until = since.plus(self.desk.config.verify_within);
        self.accounts.is_primary(device).then(|| until.since(now))
    }
}
