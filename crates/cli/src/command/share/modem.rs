//! A simulated modem in a small world: one region, one operator, whose register knows the SIM.

use super::card::network;
use super::sim::{CENTRE, NETWORK, OPERATOR};
use crate::command::expose::clear;
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use polysim::share::{MakeCard, ModemReport, SharedModem};
use polysim::{Modem, ModemOptions};
use polysim_apdu::CardReply;
use polysim_base::{Imei, Imsi, Plmn};
use polysim_hal::TokioClock;
use polysim_hal_sim::pty::Pty;
use polysim_hal_sim::{Contacts, LentModem, LiveWorld, demo};
use polysim_modem::{ModemCommand, PowerDown};
use polysim_share::VirtualSim;
use polysim_world::{Action, WorldConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, watch};

/// The only phone there, and the only operator.
const PHONE: usize = 0;
const NORTH: usize = 0;
/// The port that is driven from here, and the one for other programs.
const OWN: u8 = 0;
const OTHERS: u8 = 1;

/// How soon a modem is set up again that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// What a modem is told to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Attach,
    Leave,
    CutPower,
}

/// Where a modem is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum Registered {
    #[default]
    Nowhere,
    /// With the only operator that there is.
    With { imsi: Option<Imsi> },
}

/// A small world, with a modem in it.
pub(super) struct SmallWorld {
    world: LiveWorld,
    lent: LentModem,
}

/// The link to a serial port of the modem; removed in the end.
pub(super) struct Plug(PathBuf);

struct Simulated {
    contacts: Contacts,
    orders: mpsc::UnboundedSender<Order>,
    reports: mpsc::UnboundedReceiver<ModemReport>,
}

impl SmallWorld {
    /// Starts one. Its operator knows this SIM from the start.
    pub(super) fn new(known: Option<&VirtualSim>) -> Result<Self> {
        let plmn = known.and_then(network).map_or_else(|| Plmn::parse(NETWORK), Ok)?;
        let world = LiveWorld::new(&config(plmn)?, Arc::new(TokioClock::unix()))?;
        let lent = world.lend_modem(PHONE).context("the world has no phone")?;
        if let Some(set) = known {
            subscribe(&world, set);
        }
        Ok(Self { world, lent })
    }

    /// Makes a link to a serial port of the modem.
    pub(super) fn plug(&self, link: &Path) -> Result<Plug> {
        let pty = Pty::open().context("cannot make a pseudo-terminal")?;
        clear(link)?;
        std::os::unix::fs::symlink(pty.path(), link)
            .with_context(|| format!("cannot make the link {}", link.display()))?;
        let line = self.lent.line(OTHERS);
        tokio::spawn(async move { pty.serve(&line).await });
        Ok(Plug(link.to_owned()))
    }

    /// Returns what the operator's register learns of each card that is made.
    pub(super) fn maker(&self, mut make: MakeCard) -> MakeCard {
        let world = self.world.clone();
        Box::new(move |card| {
            subscribe(&world, &card.set);
            make(card)
        })
    }

    /// Returns the modem, and where it is.
    pub(super) fn modem(self) -> (Box<dyn SharedModem>, watch::Receiver<Registered>) {
        let contacts = self.lent.contacts();
        let modem = Modem::open(Box::new(self.lent.port(OWN)), ModemOptions::default());
        let (orders, asked) = mpsc::unbounded_channel();
        let (tell, reports) = mpsc::unbounded_channel();
        let (registered, looked_at) = watch::channel(Registered::Nowhere);
        tokio::spawn(watch_registration(modem.clone(), registered));
        tokio::spawn(drive(self, modem, asked, tell));
        (Box::new(Simulated { contacts, orders, reports }), looked_at)
    }
}

impl Simulated {
    fn order(&self, order: Order) {
        // The other end lives as long as the runtime.
        self.orders.send(order).unwrap_or_default();
    }
}

#[async_trait]
impl SharedModem for Simulated {
    fn attach(&mut self) {
        self.order(Order::Attach);
    }

    fn leave(&mut self) {
        self.order(Order::Leave);
    }

    fn cut_power(&mut self) {
        self.order(Order::CutPower);
    }

    fn card(&mut self, reply: CardReply) {
        self.contacts.reply(reply);
    }

    async fn next(&mut self) -> ModemReport {
        tokio::select! {
            biased;
            signal = self.contacts.signal() => ModemReport::Card(signal),
            Some(report) = self.reports.recv() => report,
        }
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        // Somebody may have removed it already.
        std::fs::remove_file(&self.0).unwrap_or_default();
    }
}

/// Carries orders out, the newest first: who is to leave does not go on going to the network. Each order
/// to leave is answered, once the modem has left.
async fn drive(
    small: SmallWorld,
    modem: Modem,
    mut asked: mpsc::UnboundedReceiver<Order>,
    tell: mpsc::UnboundedSender<ModemReport>,
) {
    let mut next = asked.recv().await;
    let mut owed = 0_u32;
    while let Some(order) = next {
        owed += u32::from(order != Order::Attach);
        let carried_out = async {
            match order {
                Order::Attach => go(&small.world, &modem).await,
                Order::Leave => leave(&modem).await,
                Order::CutPower => power(&small.world, false),
            }
        };
        next = tokio::select! {
            biased;
            () = carried_out => {
                if order != Order::Attach {
                    for _ in 0..std::mem::take(&mut owed) {
                        drop(tell.send(ModemReport::Left));
                    }
                }
                asked.recv().await
            }
            newer = asked.recv() => newer,
        };
    }
}

/// Goes to the network, and stays there.
async fn go(world: &LiveWorld, modem: &Modem) {
    power(world, true);
    // A card that is elsewhere may come late; where it is of no use, the modem says so on its ports.
    loop {
        let is_on = modem.command(ModemCommand::PowerOn).await.is_ok();
        if is_on && modem.initialise(None).await.is_ok() {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn leave(modem: &Modem) {
    if modem.command(ModemCommand::PowerOff(PowerDown::Minimum)).await.is_err() {
        // Its power is cut soon.
        std::future::pending::<()>().await;
    }
}

fn power(world: &LiveWorld, on: bool) {
    world.within(|world| world.apply(&Action::Power { phone: PHONE, on }));
}

fn subscribe(world: &LiveWorld, set: &VirtualSim) {
    let subscriber = (set.imsi, set.msisdn);
    // Only a SIM with the number of another one is not taken: its network refuses it then.
    let algorithm = set.algorithm.clone();
    world.within(|world| world.subscribe(NORTH, subscriber, algorithm)).unwrap_or_default();
}

async fn watch_registration(modem: Modem, registered: watch::Sender<Registered>) {
    let mut events = modem.events();
    while events.next().await.is_some() {
        let now = if modem.status().registration.is_registered() {
            Registered::With { imsi: modem.identity().imsi }
        } else {
            Registered::Nowhere
        };
        registered.send_if_modified(|told| {
            let is_new = *told != now;
            *told = now;
            is_new
        });
    }
}

/// A world of one operator, one cell and one phone, whose own subscription nobody uses.
fn config(plmn: Plmn) -> Result<WorldConfig> {
    let mut config = demo::phones(1);
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    config.start_unix_s = unix.as_secs();
    for operator in &mut config.operators {
        operator.plmn = plmn;
        OPERATOR.clone_into(&mut operator.full_name);
        "999".clone_into(&mut operator.country_code);
        operator.centre = CENTRE.parse()?;
    }
    for phone in &mut config.phones {
        "modem".clone_into(&mut phone.name);
        phone.imsi = Imsi::parse(&format!("{NETWORK}0000000000"))?;
        phone.number = "+99970000001".parse()?;
        phone.imei = Imei::parse("35000000000000")?;
        phone.subscribed = false;
    }
    Ok(config)
}
