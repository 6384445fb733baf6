//! A fleet over simulated modems, in paused time.

mod edges;
mod office;

use super::*;
use polysim_base::{Iccid, Imei, Msisdn};
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{
    Answer, CallPhase, ModemWanted, OperatorInput, Parameters, Reclaim, Target,
};
use polysim_fleet::{ModemId, Permissions, PoolId, SiteId};
use polysim_hal::TokioClock;
use polysim_hal_sim::{LentModem, LiveWorld, demo};
use polysim_world::{Action, Party, Value, WorldConfig};
use std::time::Duration as StdDuration;

const ALICE: UserId = UserId(1);
const SITE: SiteId = SiteId(0);
/// The phone that is not the fleet's.
const BOB: Party = Party::Phone(2);
const BOBS_NUMBER: &str = "+99070000003";

/// A world with two modems of a fleet and a phone, and what the fleet remembers.
struct Office {
    clock: Arc<dyn Clock>,
    world: LiveWorld,
    lent: Vec<LentModem>,
    server: MemoryJournal<Record>,
    site: MemoryJournal<SiteRecord>,
    desk: MemoryJournal<TerminalRecord>,
}

/// A fleet that runs there.
struct Open {
    fleet: Fleet,
    server: ServerDesk,
    site: SiteDesk,
    desk: Desk,
    sims: Vec<Iccid>,
}

impl Office {
    fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::unix());
        let start_unix_s = clock.now().as_micros() / 1_000_000;
        let config = WorldConfig { start_unix_s, ..demo::phones(3) };
        let world = LiveWorld::new(&config, Arc::clone(&clock)).unwrap();
        let lent = (0..2).map(|phone| world.lend_modem(phone).unwrap()).collect();
        let (server, site, desk) = Default::default();
        Self { clock, world, lent, server, site, desk }
    }

    async fn open(&self) -> Open {
        let mut fleet = Fleet::new(Arc::clone(&self.clock));
        let config = ExchangeConfig::default();
        let server = fleet.server(ServerId(0), config, Box::new(self.server.clone())).await;
        let mut site = LiveSite::new(SITE, 1, config.margin);
        for (number, modem) in (0_u16..).zip(&self.lent) {
            let imei = Imei::parse(&format!("35000000000{number:03}")).unwrap();
            let live = LiveModem::new(Box::new(modem.port(0)), imei, PoolId(0));
            site = site.with(live.with_audio(Box::new(modem.speech())));
        }
        let site = fleet.site(site, Box::new(self.site.clone())).await.unwrap();
        let desk = usual_terminal(ALICE, TerminalId(1), 1);
        let desk = fleet.terminal(desk, Box::new(self.desk.clone())).await.unwrap();
        let sims = site.cards(2).await.unwrap().into_values().collect();
        Open { fleet, server: server.unwrap(), site, desk, sims }
    }

    fn act(&self, action: &Action) {
        self.world.within(|world| world.apply(action));
    }

    /// Bob texts the first SIM.
    fn bob_texts(&self, text: &str) {
        let (to, text) = (Msisdn::parse("+99070000001").unwrap(), text.into());
        self.act(&Action::Text { from: BOB, to, text, report: false, validity: None });
    }

    fn bob_calls(&self) {
        let to = Msisdn::parse("+99070000001").unwrap();
        let rings = Duration::from_secs(30);
        self.act(&Action::Call { from: BOB, to, hide: false, rings });
    }
}

impl Open {
    async fn permit(&self) {
        let set = Permissions::CALL
            | Permissions::TEXT_SEND
            | Permissions::TEXT_READ
            | Permissions::CONFIGURE;
        for iccid in self.sims.clone() {
            self.server.operator(OperatorInput::Permit { iccid, user: ALICE, set }).await.unwrap();
        }
    }

    /// Puts the first SIM onto its modem, and waits until it is on standby.
    async fn assign(&self) -> Iccid {
        let sim = self.sims[0];
        let own = self.site.modem_of(sim).unwrap();
        let answer = self.desk.assign(sim, on(own)).await;
        assert!(matches!(answer, Ok(Answer::Assigned(..))), "{answer:?}");
        self.desk.on_standby(sim, Duration::from_secs(180)).await.unwrap();
        sim
    }
}

/// Returns the request for a certain modem.
fn on(modem: ModemId) -> Parameters {
    Parameters {
        modem: ModemWanted::Fixed(modem),
        priority: 100,
        evict: false,
        duration: None,
        reclaim: Reclaim::Gracefully,
        wait: Duration::from_secs(300),
        turns: None,
    }
}

async fn secs(secs: u64) {
    tokio::time::sleep(StdDuration::from_secs(secs)).await;
}

/// No test waits for longer than this, in its own time.
async fn in_time<T>(what: impl Future<Output = T>) -> T {
    let long = StdDuration::from_secs(1_200);
    tokio::time::timeout(long, what).await.unwrap_or_else(|_| panic!("nothing happens any more"))
}
