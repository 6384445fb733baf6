//! What a card must refuse: packets that are old, forged, or for another one.

use super::action::Attack;
use super::build::APPLET_TAR;
use super::cards::{OpenCard, keys_of, subscription_key};
use super::operator::outside;
use super::system::{Ctx, Issuance};
use crate::world::MobileWorld;
use polysim_base::{Imsi, Machine as _, Msisdn, Purpose, Stream};
use polysim_issuance::wire::{AppletMessage, OrderId};
use polysim_issuance::{KeyChoice, Subscription};
use polysim_ota::{
    CommandHeader, Counter, Key, KeySet, Protection, Sender, Spi, Tar, seal_command,
};

/// Nobody's application.
const NO_TAR: Tar = Tar([0xBF, 0xFF, 0xFF]);
/// Ahead of all counters that a platform reaches in a scenario.
const HIGH: u64 = 1 << 32;
/// No order of a platform has this number.
const NO_ORDER: OrderId = OrderId(u32::MAX);

impl MobileWorld {
    /// Somebody sends a phone's card what it must refuse.
    pub(crate) fn attack(&mut self, ctx: &mut Ctx<'_>, phone: usize, attack: Attack) {
        let Ok(index) = u32::try_from(phone) else { return };
        let Some(issuance) = &self.issuance else { return };
        let Some(which) = issuance.cards.in_phone(index) else { return };
        let Some(card) = issuance.cards.get(which) else { return };
        let of = self.phones.get(phone).and_then(|phone| phone.card.as_ref());
        let heard = of.map_or(0, |it| {
            keys_of(issuance.seed, card)
                .map_or(0, |keys| super::watch::counter(it, keys.downlink.version()))
        });
        let packet = issuance.forged(which, card, attack, heard);
        let to = of.and_then(polysim_card::Card::imsi).and_then(|imsi| issuance.number_of(&imsi));
        let (Some(packet), Some(to)) = (packet, to) else { return };
        let Some(operator) = issuance.directory.operator_of(&to) else { return };
        let platform = card.config.platform;
        let texts = issuance.wrapped(ctx.now(), platform, &packet, u8::MAX).unwrap_or_default();
        let Some(from) = super::config::IssuanceConfig::number(platform) else { return };
        for tpdu in texts {
            let command = outside(from, to, tpdu, None, None);
            self.core(ctx, operator.0.into(), |core, now| core.handle(now, command));
        }
    }
}

impl Issuance {
    /// Returns the packet of an attack; `None` where there is none, as nothing was sent yet.
    fn forged(&self, which: usize, card: &OpenCard, attack: Attack, heard: u64) -> Option<Vec<u8>> {
        let keys = keys_of(self.seed, card)?.downlink;
        let write = self.write_for(card)?;
        let sealed = |keys: &KeySet, spi, tar, counter| {
            let counter = Counter::new(counter)?;
            let header = Sender::new(keys.clone(), Counter::ZERO).header(tar, spi);
            seal(&header, counter, &write, keys)
        };
        let last = |which| self.truth.last_packet(which).map(<[u8]>::to_vec);
        match attack {
            Attack::Replay => last(which),
            Attack::Misdirected { of } => last(self.cards.in_phone(u32::try_from(of).ok()?)?),
            Attack::WrongKey => sealed(&self.other_keys(&keys)?, Spi::FULL, APPLET_TAR, HIGH),
            Attack::WrongTar => sealed(&keys, without_security(), NO_TAR, HIGH),
            Attack::WeakSecurity => sealed(&keys, without_security(), APPLET_TAR, HIGH),
            Attack::OldCounter => sealed(&keys, Spi::FULL, APPLET_TAR, heard.min(1)),
            Attack::OtherCard => sealed(&keys, Spi::FULL, APPLET_TAR, heard + 1),
        }
    }

    /// Returns keys of the same version that are not the card's.
    fn other_keys(&self, keys: &KeySet) -> Option<KeySet> {
        let mut stream = Stream::derive(self.seed, 0, Purpose::Fault, 1);
        let algorithm = keys.kic().algorithm();
        let mut key = || {
            let bytes = stream.bytes::<32>();
            Key::new(algorithm, bytes.get(..algorithm.key_len())?).ok()
        };
        Some(KeySet::new(keys.version(), key()?, key()?))
    }

    /// Returns a write that is for another card than this one.
    fn write_for(&self, card: &OpenCard) -> Option<Vec<u8>> {
        let other = super::cards::eid(u32::MAX).ok()?;
        let of_another = self.cards.iter().filter(|it| it.eid != card.eid).find_map(|it| it.seed);
        let imsi = of_another.or_else(|| Imsi::parse("999999999999999").ok())?;
        let key = KeyChoice::Carried(subscription_key(self.seed, imsi)?);
        let subscription = Subscription { imsi, mnc_len: 2, msisdn: None, centre: None, key };
        let message = AppletMessage::Write { order: NO_ORDER, eid: other, subscription };
        Some(message.encode().to_vec())
    }

    /// Returns the number that reaches a subscription.
    fn number_of(&self, imsi: &Imsi) -> Option<Msisdn> {
        self.truth.number_of(imsi)
    }
}

/// Neither ciphered nor guarded, and the card shall say what it thinks of it.
fn without_security() -> Spi {
    let mut spi = Spi::FULL;
    spi.integrity = polysim_ota::Integrity::None;
    spi.ciphered = false;
    spi.counter = polysim_ota::CounterMode::None;
    spi.proof.integrity = polysim_ota::Integrity::None;
    spi.proof.ciphered = false;
    spi
}

fn seal(header: &CommandHeader, counter: Counter, data: &[u8], keys: &KeySet) -> Option<Vec<u8>> {
    let protection = Protection::of_command(header, Some(keys)).ok()?;
    seal_command(header, counter, data, &protection).ok()
}
