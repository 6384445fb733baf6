//! A card with its applet, as far as the platform sees them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_apdu::Status;
use polysim_base::{Eid, Iccid, Imei, Imsi};
use polysim_ota::script::{CompactResponse, CompactScript, Management};
use polysim_ota::{
    CommandPacket, Counter, KeySet, MinimumSecurity, Protection, Receiver, Sender, StatusCode, Tar,
};

use super::{TAR, eid, iccid, imei, imsi};
use crate::keys::CardKeys;
use crate::wire::{
    AppletAnswer, AppletMessage, CardMessage, CardReport, OrderId, Outcome, UPLINK_SPI, UplinkFrame,
};

#[derive(Clone, Debug)]
pub(super) struct FakeCard {
    pub(super) eid: Eid,
    pub(super) iccid: Iccid,
    pub(super) imei: Imei,
    pub(super) imsi: Option<Imsi>,
    /// The subscription that the device works with.
    pub(super) working: Option<Imsi>,
    /// What it goes back to, and for which order, while the new one has not taken effect.
    pub(super) trial: Option<(OrderId, Option<Imsi>)>,
    /// What the platform has not noted yet.
    pub(super) report: Option<CardReport>,
    pub(super) last_order: OrderId,
    pub(super) is_bound: bool,
    /// It answers writes so.
    pub(super) outcome: Option<Outcome>,
    /// Its files answer so.
    pub(super) status: Option<Status>,
    pub(super) receiver: Receiver,
    uplink: Sender,
    downlink: KeySet,
    /// What has left for it, by counter.
    left: BTreeMap<Counter, Vec<u8>>,
}

impl FakeCard {
    pub(super) fn new(n: u32, keys: CardKeys) -> Self {
        let mut receiver = Receiver::new();
        receiver.install_keys(keys.downlink.clone(), Counter::ZERO);
        receiver.register(TAR, MinimumSecurity::FULL).unwrap();
        receiver.register(Tar::USIM_FILES, MinimumSecurity::FULL).unwrap();
        Self {
            eid: eid(n),
            iccid: iccid(n),
            imei: imei(n),
            imsi: Some(imsi(n)),
            working: Some(imsi(n)),
            trial: None,
            report: None,
            last_order: OrderId(0),
            is_bound: false,
            outcome: None,
            status: None,
            receiver,
            uplink: Sender::new(keys.uplink, Counter::ZERO),
            downlink: keys.downlink,
            left: BTreeMap::new(),
        }
    }

    pub(super) fn set_counter(&mut self, counter: u64) {
        self.receiver.install_keys(self.downlink.clone(), Counter::new(counter).unwrap());
    }

    pub(super) fn set_keys(&mut self, keys: CardKeys) {
        self.receiver.install_keys(keys.downlink, Counter::ZERO);
    }

    fn frame(&mut self, report: CardReport) -> UplinkFrame {
        self.frame_as(self.eid, report)
    }

    /// Says something in the name of a card.
    pub(super) fn frame_as(&mut self, inside: Eid, report: CardReport) -> UplinkFrame {
        let heard = self.receiver.counter(self.downlink.version()).unwrap();
        let message = CardMessage { eid: inside, heard, report };
        let sealed = self.uplink.seal(TAR, UPLINK_SPI, &message.encode()).unwrap();
        UplinkFrame { eid: self.eid, packet: sealed.packet }
    }

    pub(super) fn bind(&mut self) -> UplinkFrame {
        let (imei, iccid, imsi) = (self.imei, self.iccid, self.imsi);
        self.frame(CardReport::Bind { imei, iccid, imsi })
    }

    /// Says what has not been noted yet.
    pub(super) fn say(&mut self) -> Option<UplinkFrame> {
        let report = self.report.clone()?;
        Some(self.frame(report))
    }

    /// Sees that no counter is used for two packets.
    pub(super) fn watch(&mut self, packet: &[u8]) {
        let parsed = CommandPacket::parse(packet).unwrap();
        let protection = Protection::of_command(parsed.header(), Some(&self.downlink)).unwrap();
        let counter = parsed.open(&protection).unwrap().counter;
        let before = self.left.insert(counter, packet.to_vec());
        assert!(before.is_none_or(|before| before == packet), "counter {counter} is used twice");
    }

    /// Takes a packet; returns the response packet.
    pub(super) fn take(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let command = match self.receiver.check(packet) {
            Ok(pending) => pending.commit(),
            Err(refusal) => return refusal.proof.map(|proof| proof.packet),
        };
        let data = if command.tar() == TAR {
            self.applet(&AppletMessage::parse(command.data()).unwrap()).encode()
        } else {
            self.files(command.data())
        };
        command.prove(StatusCode::Ok, &data).unwrap().map(|proof| proof.packet)
    }

    fn applet(&mut self, message: &AppletMessage) -> AppletAnswer {
        let outcome = match message {
            AppletMessage::Bound { imei } if *imei == self.imei => {
                self.is_bound = true;
                Outcome::Done
            }
            AppletMessage::Bound { .. } => Outcome::AnotherDevice,
            AppletMessage::NotBound { .. } => Outcome::Done,
            AppletMessage::Noted { order } => {
                let is_it = match &self.report {
                    Some(CardReport::Effective { order: it, .. }) => it == order,
                    Some(CardReport::Reverted { order: it, .. }) => it == order,
                    Some(CardReport::Bind { .. }) | None => false,
                };
                if is_it {
                    self.report = None;
                }
                Outcome::Done
            }
            AppletMessage::Write { order, .. } if *order <= self.last_order => Outcome::DoneBefore,
            AppletMessage::Write { .. } if self.trial.is_some() => Outcome::Busy,
            AppletMessage::Write { order, eid, subscription } => {
                self.outcome.unwrap_or_else(|| {
                    assert_eq!(*eid, self.eid);
                    self.last_order = *order;
                    self.write(*order, subscription.imsi);
                    Outcome::Done
                })
            }
        };
        AppletAnswer { outcome, imsi: self.imsi }
    }

    fn write(&mut self, order: OrderId, imsi: Imsi) {
        if self.imsi != Some(imsi) {
            self.trial = Some((order, self.imsi));
            self.imsi = Some(imsi);
            self.report = None;
        }
    }

    fn files(&mut self, script: &[u8]) -> Vec<u8> {
        let commands: Vec<_> =
            CompactScript::commands(script, Management::Files).map(Result::unwrap).collect();
        let status = self.status.unwrap_or(Status::Success);
        if status.is_done() {
            let ef: [u8; 9] = commands.last().unwrap().data().try_into().unwrap();
            self.write(OrderId(0), Imsi::from_ef(ef).unwrap());
        }
        let executed = u8::try_from(commands.len()).unwrap();
        CompactResponse { executed, status, data: Vec::new() }.octets()
    }

    /// The device restarts and finds service with what the card has, or not.
    pub(super) fn restart(&mut self, finds_service: bool) {
        let Some((order, old)) = self.trial.take() else { return };
        if finds_service {
            self.report = self.imsi.map(|imsi| CardReport::Effective { order, imsi });
        } else {
            self.imsi = old;
            self.report = Some(CardReport::Reverted { order, imsi: old });
        }
        self.working = self.imsi;
    }
}
