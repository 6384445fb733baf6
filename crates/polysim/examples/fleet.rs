//! Two SIMs, two modems and a desk: `cargo run -p polysim --example fleet`.
//!
//! The modems are simulated, and so is the network, in virtual time. With real ones only the ports
//! are others: `polysim_hal_serial::open("/dev/ttyUSB2")`.
#![expect(clippy::print_stdout, reason = "it shows what happens")]

use anyhow::Context as _;
use polysim::Duration;
use polysim::fleet::{
    Desk, FileJournal, Fleet, LiveModem, LiveSite, ServerDesk, SiteDesk, usual_terminal,
};
use polysim_base::{Iccid, Imei, Msisdn};
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{
    CallPhase, Mail, ModemWanted, OperatorInput, Parameters, Reclaim, Target,
};
use polysim_fleet::{
    ExchangeConfig, MailId, Permissions, PoolId, ServerId, SiteId, TerminalId, UserId,
};
use polysim_hal::{Clock, TokioClock};
use polysim_hal_sim::{LentModem, LiveWorld, demo};
use polysim_world::{Action, Party, WorldConfig};
use std::path::Path;
use std::sync::Arc;

const ALICE: UserId = UserId(1);

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::unix());
    // Delivery reports are told apart by their time, so the world has that of the fleet.
    let start_unix_s = clock.now().as_micros() / 1_000_000;
    let world = WorldConfig { start_unix_s, ..demo::phones(3) };
    let world = LiveWorld::new(&world, clock.clone())?;
    // Two modems are the fleet's; the third phone is somebody's who calls.
    let lent: Vec<_> = (0..2).filter_map(|phone| world.lend_modem(phone)).collect();
    let folder = std::env::temp_dir().join(format!("polysim-fleet-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let shown = show(&clock, &world, &lent, &folder).await;
    std::fs::remove_dir_all(&folder)?;
    shown
}

async fn show(
    clock: &Arc<dyn Clock>,
    world: &LiveWorld,
    lent: &[LentModem],
    folder: &Path,
) -> anyhow::Result<()> {
    let (fleet, server, site, desk) = start(clock, lent, folder).await?;
    let cards = site.cards(2).await?;
    println!("cards: {cards:?}");
    let sim = *cards.get(&0).context("no card in modem 0")?;
    permit(&server, sim).await?;
    assign(&site, &desk, sim).await?;

    call(world, &desk).await?;
    let seen = texts(world, &desk, sim).await?;
    fleet.stop().await?;
    println!("stopped");

    let (fleet, _server, site, desk) = start(clock, lent, folder).await?;
    println!("started again with {} items of mail", desk.inbox().len());
    site.cards(2).await?;
    assign(&site, &desk, sim).await?;
    tell(world, "Still there?");
    for item in desk.mail_after(seen).await? {
        println!("new mail: {:?}", item.mail);
    }
    println!("mail in all: {}", desk.inbox().len());
    Ok(fleet.stop().await?)
}

/// Starts a server, a site and a terminal, on what they remember.
async fn start(
    clock: &Arc<dyn Clock>,
    lent: &[LentModem],
    folder: &Path,
) -> anyhow::Result<(Fleet, ServerDesk, SiteDesk, Desk)> {
    let mut fleet = Fleet::new(clock.clone());
    let config = ExchangeConfig::default();
    let journal = FileJournal::open(folder.join("server")).await?;
    let server = fleet.server(ServerId(0), config, Box::new(journal)).await?;
    let mut site = LiveSite::new(SiteId(0), 1, config.margin);
    for (number, modem) in (0_u16..).zip(lent) {
        let imei = Imei::parse(&format!("35000000000{number:03}"))?;
        let live = LiveModem::new(Box::new(modem.port(0)), imei, PoolId(number));
        site = site.with(live.with_audio(Box::new(modem.speech())));
    }
    let journal = FileJournal::open(folder.join("site")).await?;
    let site = fleet.site(site, Box::new(journal)).await?;
    let journal = FileJournal::open(folder.join("desk")).await?;
    let desk = usual_terminal(ALICE, TerminalId(1), 1);
    let desk = fleet.terminal(desk, Box::new(journal)).await?;
    Ok((fleet, server, site, desk))
}

async fn permit(server: &ServerDesk, iccid: Iccid) -> anyhow::Result<()> {
    let set = Permissions::CALL
        | Permissions::TEXT_SEND
        | Permissions::TEXT_READ
        | Permissions::CONFIGURE;
    Ok(server.operator(OperatorInput::Permit { iccid, user: ALICE, set }).await?)
}

async fn assign(site: &SiteDesk, desk: &Desk, sim: Iccid) -> anyhow::Result<()> {
    let modem = site.modem_of(sim).context("the card is in no modem")?;
    let parameters = Parameters {
        modem: ModemWanted::Fixed(modem),
        priority: 100,
        evict: false,
        duration: None,
        reclaim: Reclaim::Gracefully,
        wait: Duration::from_secs(300),
        turns: None,
    };
    println!("assign: {:?}", desk.assign(sim, parameters).await?);
    desk.on_standby(sim, Duration::from_secs(180)).await?;
    println!("{sim} is on standby on modem {modem}");
    Ok(())
}

/// Somebody calls, and Alice answers.
async fn call(world: &LiveWorld, desk: &Desk) -> anyhow::Result<()> {
    let mut events = desk.events();
    let to = Msisdn::parse("+99070000001")?;
    let rings = Duration::from_secs(30);
    let from = Party::Phone(2);
    world.within(|world| world.apply(&Action::Call { from, to, hide: false, rings }));
    let rings = |event| {
        let TerminalEvent::Rings { from, .. } = event else { return None };
        Some(from)
    };
    println!("it rings: {:?}", events.find(rings).await.context("the desk has stopped")?);
    desk.answer().await?;
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    desk.hang_up().await?;
    let over = |event| {
        let TerminalEvent::Call { phase: CallPhase::Ended(why), .. } = event else { return None };
        Some(why)
    };
    println!("the call is over: {:?}", events.find(over).await.context("the desk has stopped")?);
    Ok(())
}

/// Texts both ways; returns the last that Alice has seen.
async fn texts(world: &LiveWorld, desk: &Desk, sim: Iccid) -> anyhow::Result<MailId> {
    tell(world, "Dinner at eight?");
    let mut seen = MailId::default();
    let mut news = desk.mail_after(seen).await?;
    let to = Msisdn::parse("+99070000003")?;
    let sent = desk.text_with_report(Target::Sim(sim), to, "Gladly.").await?;
    println!("accepted: {sent:?}");
    loop {
        for item in news {
            println!("mail: {:?}", item.mail);
            seen = item.id;
            let delivered = polysim_fleet::wire::TextState::Delivered;
            if matches!(item.mail, Mail::TextState { state, .. } if state == delivered) {
                return Ok(seen);
            }
        }
        news = desk.mail_after(seen).await?;
    }
}

/// The third phone texts the SIM.
fn tell(world: &LiveWorld, text: &str) {
    let Ok(to) = Msisdn::parse("+99070000001") else { return };
    let from = Party::Phone(2);
    let text = Action::Text { from, to, text: text.into(), report: false, validity: None };
    world.within(|world| world.apply(&text));
}
