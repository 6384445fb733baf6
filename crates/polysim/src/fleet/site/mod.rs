//! A site: its machine, and its modems, in tasks of their own.

mod around;
mod card;
mod modem;
mod speech;

pub(super) use around::Around;

use super::node::{Ended, NodeFault};
use crate::modem::{Line, Reopening};
use modem::Seat;
use polysim_at::MessageStore;
use polysim_base::{Duration, Iccid, Imei};
use polysim_fleet::site::{ModemView, SiteConfig, SiteInput, SiteModem};
use polysim_fleet::speech::Frame;
use polysim_fleet::wire::Kind;
use polysim_fleet::{Margin, ModemId, PoolId, SiteId};
use polysim_hal::{AudioPort, Clock, ModemPort};
use polysim_modem::{Config, InitPlan, InitStep};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// The only bank of a site whose cards are in its modems.
const BANK: u16 = 0;
/// Most things from modems that wait for their site.
const HEARD_MAX: usize = 256;

/// Returns how the modem of a pool is driven: it goes on the air when its site says so, texts are
/// stored until they are confirmed, and what came before anybody listened is read.
#[must_use]
pub fn pool_driver() -> Arc<Config> {
    let steps = InitPlan::FULL.iter().copied().filter(|step| *step != InitStep::PowerOn);
    let mut config = Config::default();
    config.init.steps = Cow::Owned(steps.collect());
    config.init.store = MessageStore::Combined;
    Arc::new(config)
}

/// A modem of a live site, with a card in it.
pub struct LiveModem {
    /// Its AT port.
    pub port: Box<dyn ModemPort>,
    /// The port of its speech, where it has one. When that is gone, speech is, until the site is
    /// started anew.
    pub audio: Option<Box<dyn AudioPort>>,
    /// Its equipment identity.
    pub imei: Imei,
    /// The pool that it belongs to. Its card cannot go to another modem: give each modem a pool of
    /// its own, or assign SIMs to [their modem](SiteDesk::modem_of).
    pub pool: PoolId,
    /// How it is driven: [`pool_driver`], or that with other deadlines.
    pub driver: Arc<Config>,
    /// How a lost port is opened anew.
    pub reopening: Reopening,
}

impl LiveModem {
    /// Returns a modem behind a port, driven as those of pools are.
    #[must_use]
    pub fn new(port: Box<dyn ModemPort>, imei: Imei, pool: PoolId) -> Self {
        let (driver, reopening) = (pool_driver(), Reopening::default());
        Self { port, audio: None, imei, pool, driver, reopening }
    }

    /// Gives it the port of its speech.
    #[must_use]
    pub fn with_audio(mut self, audio: Box<dyn AudioPort>) -> Self {
        self.audio = Some(audio);
        self
    }
}

impl fmt::Debug for LiveModem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveModem")
            .field("port", &self.port.name())
            .field("imei", &self.imei)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

/// A site with live modems.
#[derive(Debug)]
pub struct LiveSite {
    /// Its machine; the modems in it are filled in.
    config: SiteConfig,
    modems: Vec<LiveModem>,
}

impl LiveSite {
    /// Returns a site of a fleet with so many servers, whose clock and times are usual.
    #[must_use]
    pub fn new(site: SiteId, servers: u8, margin: Margin) -> Self {
        Self::with_config(SiteConfig {
            site,
            servers,
            modems: Vec::new(),
            margin,
            renew_every: Duration::from_secs(10),
            attach_max: Duration::from_secs(180),
            ring_max: Duration::from_secs(45),
            call_max: Duration::from_secs(4 * 3_600),
            card_max: Duration::from_secs(30),
            null_every: Duration::from_millis(450),
            unix_at_zero_s: 0,
        })
    }

    /// Returns a site without modems that is set up like this; modems in the configuration are
    /// ignored. Its clock is that of the fleet: `unix_at_zero_s` is 0 where that tells Unix time.
    #[must_use]
    pub const fn with_config(config: SiteConfig) -> Self {
        Self { config, modems: Vec::new() }
    }

    /// Adds a modem. They are numbered from 0 on: the same modems, in the same order, whenever the
    /// site is started.
    #[must_use]
    pub fn with(mut self, modem: LiveModem) -> Self {
        self.modems.push(modem);
        self
    }

    pub(super) const fn id(&self) -> SiteId {
        self.config.site
    }

    /// Takes it apart into the machine's configuration and the modems.
    pub(super) fn parts(self) -> (SiteConfig, Vec<LiveModem>) {
        let Self { mut config, modems } = self;
        let site_modem = |(number, modem): (u16, &LiveModem)| SiteModem {
            imei: modem.imei,
            kind: Kind::OwnCard { bank: BANK, slot: number },
            pool: modem.pool,
            address: modem.port.name(),
        };
        config.modems = (0..).zip(&modems).map(site_modem).collect();
        (config, modems)
    }
}

/// How a site is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SiteStatus {
    /// What each modem has, in the order of their numbers.
    pub modems: Vec<ModemView>,
    /// The card in each modem, as far as they are known.
    pub cards: BTreeMap<u16, Iccid>,
}

/// The way to look at a site. Clones are the same site.
#[derive(Clone, Debug)]
pub struct SiteDesk {
    site: SiteId,
    status: watch::Receiver<SiteStatus>,
}

impl SiteDesk {
    pub(super) const fn new(site: SiteId, status: watch::Receiver<SiteStatus>) -> Self {
        Self { site, status }
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> SiteStatus {
        self.status.borrow().clone()
    }

    /// Returns the modem that a card is in.
    #[must_use]
    pub fn modem_of(&self, iccid: Iccid) -> Option<ModemId> {
        let status = self.status.borrow();
        let (number, _) = status.cards.iter().find(|(_, card)| **card == iccid)?;
        Some(ModemId { site: self.site, number: *number })
    }

    /// Waits until the cards of so many modems are known.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn cards(&self, count: usize) -> Result<BTreeMap<u16, Iccid>, Ended> {
        let mut status = self.status.clone();
        let known = status.wait_for(|status| status.cards.len() >= count).await;
        known.map(|status| status.cards.clone()).map_err(|_| Ended)
    }
}

/// The ways to and from the modems of a site.
pub(super) struct Wiring {
    asked: Vec<mpsc::Sender<modem::Asked>>,
    speech: Vec<Option<mpsc::Sender<Frame>>>,
    heard: mpsc::Receiver<SiteInput>,
}

/// Sets the modems of a site to work, each in tasks of its own.
pub(super) fn wire_up(
    modems: Vec<LiveModem>,
    clock: &Arc<dyn Clock>,
    tasks: &mut JoinSet<Result<(), NodeFault>>,
) -> Wiring {
    let (site, heard) = mpsc::channel(HEARD_MAX);
    let mut wiring = Wiring { asked: Vec::new(), speech: Vec::new(), heard };
    for (number, live) in (0..).zip(modems) {
        let (ask, asked) = mpsc::channel(modem::ASKED_MAX);
        let line = Line::new(live.port, live.reopening, Arc::clone(clock));
        let seat = Seat::new(number, line, asked, site.clone(), Arc::clone(clock));
        tasks.spawn(without_fault(seat.run(live.driver)));
        wiring.asked.push(ask);
        wiring.speech.push(live.audio.map(|audio| {
            let (say, frames) = mpsc::channel(speech::FRAMES_MAX);
            tasks.spawn(without_fault(speech::carry(number, audio, site.clone(), frames)));
            say
        }));
    }
    wiring
}

/// The end of a modem's task is no fault of the fleet: its site finds that it does not answer.
async fn without_fault(task: impl Future<Output = ()>) -> Result<(), NodeFault> {
    task.await;
    Ok(())
}
