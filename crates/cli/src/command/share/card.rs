//! Soft cards: simulated ones, made of parameters.

use async_trait::async_trait;
use polysim::share::{ContactCard, MakeCard};
use polysim_aka::SqnArray;
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Instant, Plmn, Purpose, Stream};
use polysim_card::{Card, CardConfig, Profile, ProfileConfig};
use polysim_hal_http::system_randomness;
use polysim_share::VirtualSim;
use polysim_share::slave::SoftCard;

struct Simulated(Card);

/// Makes simulated cards.
pub(super) fn maker() -> MakeCard {
    Box::new(|soft| make(soft).map(|card| Box::new(card) as Box<dyn ContactCard>))
}

/// Returns the network of a SIM: its code has two digits.
pub(super) fn network(set: &VirtualSim) -> Option<Plmn> {
    set.imsi.home(2)
}

fn make(SoftCard { set, sequence }: SoftCard) -> Option<Simulated> {
    let mut config = ProfileConfig::new(network(&set)?, &set.spn);
    config.smsc = set.smsc;
    let profile = Profile::new(config).ok()?;
    let seed = u64::from_be_bytes(system_randomness().bytes());
    let stream = Stream::derive(seed, 0, Purpose::Challenge, 0);
    let card = CardConfig::new(profile, set.iccid, set.imsi, set.algorithm, stream);
    Some(Simulated(Card::new(CardConfig { msisdn: set.msisdn, sequence, ..card })))
}

#[async_trait]
impl ContactCard for Simulated {
    async fn signal(&mut self, signal: CardSignal) -> Vec<CardReply> {
        let atr = match signal {
            CardSignal::PowerOn => self.0.power_on(),
            CardSignal::Reset => self.0.reset(),
            CardSignal::PowerOff => {
                self.0.power_off();
                return Vec::new();
            }
            CardSignal::Command(command) => {
                let mut response = Vec::new();
                self.0.transmit(Instant::ZERO, &command, &mut response);
                return vec![CardReply::Response(response)];
            }
        };
        atr.map(|atr| CardReply::Atr(atr.to_vec())).into_iter().collect()
    }

    fn sequence(&self) -> Option<SqnArray> {
        self.0.sequence().cloned()
    }
}
