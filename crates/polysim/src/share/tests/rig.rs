//! Masters and slaves over streams in memory, with modems and cards of the tests.

use crate::journal::{Journal, JournalError, MemoryJournal};
use crate::share::link::{LinkHandle, Told, spawn};
use crate::share::*;
use async_trait::async_trait;
use polysim_aka::{Algorithm, Key, Milenage, Opc, SqnArray};
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Duration, Instant, Mode as Work, Purpose, Randomness, Stream as Seed};
use polysim_hal::{Clock, TokioClock};
use polysim_lease::Margin;
use polysim_share::link::{Identity, Role};
use polysim_share::master::{
    Consent, Holder, MasterCommand, MasterConfig, MasterEvent, Mode, SlaveId, Way,
};
use polysim_share::slave::SoftCard;
use polysim_share::{DeviceName, LockKey, StorageKey, Timing, VirtualSim};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;

pub(super) const SUPERVISION: Duration = Duration::from_secs(4);
pub(super) const TIMER: Duration = Duration::from_secs(20);
/// Octets that a stream in memory holds.
const ROOM: usize = 1 << 16;

pub(super) fn margin() -> Margin {
    Margin::new(500, Duration::from_millis(200)).unwrap()
}

pub(super) fn set(imsi: &str) -> VirtualSim {
    let milenage = Milenage::new(Key::from([0x11; 16]), Opc::from([0x22; 16]));
    VirtualSim {
        iccid: "8900000000000000007".parse().unwrap(),
        imsi: imsi.parse().unwrap(),
        msisdn: None,
        smsc: None,
        spn: "Polynet".into(),
        algorithm: Algorithm::from(milenage),
    }
}

fn timing() -> Timing {
    Timing {
        supervision: SUPERVISION,
        timer: TIMER,
        detach: Duration::from_secs(3),
        margin: margin(),
        retry: Duration::from_secs(1),
    }
}

fn device(name: &str, number: u64) -> Device {
    let random =
        move |count| Randomness::Simulated(Seed::derive(7, number << 32 | count, Purpose::Keys, 0));
    let links = AtomicU64::new(1);
    Device {
        identity: Identity::generate(&mut random(0)),
        name: DeviceName::new(name).unwrap(),
        mode: Work::Simulation,
        randomness: Arc::new(move || random(links.fetch_add(1, Ordering::Relaxed))),
    }
}

/// Waits for something that is to happen soon.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(300), what).await.expect("it happens soon")
}

/// Who is on the network, and how often at most at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Air(Arc<Mutex<(Vec<&'static str>, usize)>>);

impl Air {
    fn join(&self, name: &'static str) {
        let mut air = self.0.lock().unwrap();
        air.0.push(name);
        air.1 = air.1.max(air.0.len());
    }

    fn part(&self, name: &'static str) {
        self.0.lock().unwrap().0.retain(|own| *own != name);
    }

    pub(super) fn on(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().0.clone()
    }

    pub(super) fn most(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

/// A modem that goes to the network at once.
pub(super) struct TestModem {
    name: &'static str,
    air: Air,
    tell: mpsc::UnboundedSender<ModemReport>,
    reports: mpsc::UnboundedReceiver<ModemReport>,
    card: mpsc::UnboundedSender<CardReply>,
}

/// The test's end of it.
pub(super) struct Contacts {
    pub(super) signals: mpsc::UnboundedSender<ModemReport>,
    pub(super) replies: mpsc::UnboundedReceiver<CardReply>,
}

impl Contacts {
    /// Does something to the card, and returns what it says; insertions aside.
    pub(super) async fn ask(&mut self, signal: CardSignal) -> CardReply {
        while self.replies.try_recv().is_ok() {}
        self.signals.send(ModemReport::Card(signal)).unwrap();
        soon(self.replies.recv()).await.unwrap()
    }
}

pub(super) fn modem(name: &'static str, air: &Air) -> (TestModem, Contacts) {
    let (tell, reports) = mpsc::unbounded_channel();
    let (card, replies) = mpsc::unbounded_channel();
    let contacts = Contacts { signals: tell.clone(), replies };
    (TestModem { name, air: air.clone(), tell, reports, card }, contacts)
}

#[async_trait]
impl SharedModem for TestModem {
    fn attach(&mut self) {
        self.air.join(self.name);
    }

    fn leave(&mut self) {
        self.air.part(self.name);
        self.tell.send(ModemReport::Left).unwrap();
    }

    fn cut_power(&mut self) {
        self.leave();
    }

    fn card(&mut self, reply: CardReply) {
        drop(self.card.send(reply));
    }

    async fn next(&mut self) -> ModemReport {
        self.reports.recv().await.unwrap()
    }
}

/// A card that answers with its IMSI, and accepts a sequence number with each AUTHENTICATE.
struct TestCard {
    card: SoftCard,
}

pub(super) const AUTHENTICATE: [u8; 4] = [0x00, 0x88, 0x00, 0x81];

#[async_trait]
impl ContactCard for TestCard {
    async fn signal(&mut self, signal: CardSignal) -> Vec<CardReply> {
        match signal {
            CardSignal::PowerOn | CardSignal::Reset => vec![CardReply::Atr(vec![0x3B, 0x00])],
            CardSignal::PowerOff => Vec::new(),
            CardSignal::Command(command) => {
                if command == AUTHENTICATE {
                    let next = self.card.sequence.highest().seq() + 1;
                    let number = polysim_aka::Sqn::new(next, 1).unwrap();
                    assert!(self.card.sequence.accept(number));
                }
                let imsi = self.card.set.imsi.to_string();
                vec![CardReply::Response([imsi.as_bytes(), &[0x90, 0x00]].concat())]
            }
        }
    }

    fn sequence(&self) -> Option<SqnArray> {
        Some(self.card.sequence.clone())
    }
}

pub(super) fn make() -> MakeCard {
    Box::new(|card| Some(Box::new(TestCard { card })))
}

pub(super) struct Master {
    pub(super) desk: MasterDesk,
    pub(super) news: MasterNews,
}

pub(super) struct MasterDisk {
    pub(super) journal: MemoryJournal<Dated<MasterEntry>>,
    pub(super) mode: Mode,
    pub(super) way: Way,
    pub(super) consent: Consent,
    pub(super) timer: Duration,
}

impl Default for MasterDisk {
    fn default() -> Self {
        Self {
            journal: MemoryJournal::new(),
            mode: Mode::Provisioned,
            way: Way::Compare,
            consent: Consent::Once,
            timer: TIMER,
        }
    }
}

pub(super) fn clock() -> Arc<TokioClock> {
    Arc::new(TokioClock::starting_at(Instant::ZERO.plus(Duration::from_secs(1_000))))
}

impl MasterDisk {
    pub(super) async fn start(&self, own: Option<TestModem>) -> Master {
        let setup = MasterSetup {
            config: MasterConfig {
                set: Box::new(set("001010000000123")),
                lock: LockKey([9; 32]),
                mode: self.mode,
                way: self.way,
                consent: self.consent,
                timing: Timing { timer: self.timer, ..timing() },
            },
            device: device("phone", 1),
            own: own.map(|modem| (Box::new(modem) as Box<dyn SharedModem>, make())),
            lend: make(),
        };
        let journal = Box::new(self.journal.clone());
        let (desk, news) = MasterNode::start(setup, journal, clock()).await.unwrap();
        Master { desk, news }
    }
}

impl Master {
    /// Waits for something that it tells.
    pub(super) async fn hears<T>(&mut self, f: impl Fn(&MasterTold) -> Option<T>) -> T {
        loop {
            let told = soon(self.news.next()).await.unwrap();
            if let Some(found) = f(&told) {
                return found;
            }
        }
    }

    pub(super) async fn event(&mut self, wanted: impl Fn(&MasterEvent) -> bool) -> MasterEvent {
        self.hears(|told| {
            let MasterTold::Event(event) = told else { return None };
            wanted(event).then(|| event.clone())
        })
        .await
    }

    pub(super) async fn pick(&self, holder: Holder) {
        self.desk.command(MasterCommand::Pick(holder)).await.unwrap();
    }

    pub(super) fn id(&self, name: &str) -> SlaveId {
        let status = self.desk.status();
        status.slaves.iter().find(|slave| slave.name.as_str() == name).unwrap().id
    }
}

pub(super) struct Slave {
    pub(super) desk: SlaveDesk,
    pub(super) news: SlaveNews,
    pub(super) contacts: Contacts,
}

pub(super) struct SlaveDisk {
    pub(super) name: &'static str,
    pub(super) number: u64,
    pub(super) detach: Duration,
    pub(super) journal: MemoryJournal<Dated<SlaveEntry>>,
}

impl SlaveDisk {
    pub(super) fn new(name: &'static str, number: u64) -> Self {
        Self { name, number, detach: Duration::from_secs(3), journal: MemoryJournal::new() }
    }

    pub(super) async fn start(&self, air: &Air) -> Slave {
        self.start_by(clock(), air).await
    }

    pub(super) async fn start_by(&self, clock: Arc<dyn Clock>, air: &Air) -> Slave {
        let (modem, contacts) = modem(self.name, air);
        let pace = SlavePace {
            supervision: SUPERVISION,
            margin: margin(),
            detach: self.detach,
            retry: Duration::from_secs(1),
        };
        let setup = SlaveSetup {
            storage: StorageKey([u8::try_from(self.number).unwrap(); 32]),
            wants: true,
            pace,
            device: device(self.name, self.number),
            modem: Box::new(modem),
            make: make(),
        };
        let journal = Box::new(Slow(self.journal.clone()));
        let (desk, news) = SlaveNode::start(setup, journal, clock).await.unwrap();
        Slave { desk, news, contacts }
    }
}

impl Slave {
    pub(super) async fn hears<T>(&mut self, f: impl Fn(&SlaveTold) -> Option<T>) -> T {
        loop {
            let told = soon(self.news.next()).await.unwrap();
            if let Some(found) = f(&told) {
                return found;
            }
        }
    }

    pub(super) async fn is_active(&self) {
        soon(self.desk.wait_for(|status| status.active.is_some())).await.unwrap();
    }

    pub(super) async fn is_idle(&self) {
        soon(self.desk.wait_for(|status| status.active.is_none())).await.unwrap();
    }
}

/// A journal on a slow disk.
struct Slow<R>(MemoryJournal<R>);

#[async_trait]
impl<R: Clone + Send> Journal<R> for Slow<R> {
    async fn replay(&mut self, fold: &mut (dyn FnMut(R) + Send)) -> Result<(), JournalError> {
        self.0.replay(fold).await
    }

    async fn append(&mut self, records: Vec<R>) -> Result<(), JournalError> {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        self.0.append(records).await
    }
}

/// Returns what was written down.
pub(super) async fn entries<R: Clone + Send>(journal: &MemoryJournal<R>) -> Vec<R> {
    let (mut entries, mut journal) = (Vec::new(), journal.clone());
    journal.replay(&mut |entry| entries.push(entry)).await.unwrap();
    entries
}

/// A connection that a test can cut.
pub(super) struct Wire {
    /// How the slave's session ends.
    pub(super) session: tokio::task::JoinHandle<SessionEnd>,
    cut: tokio::task::AbortHandle,
}

impl Wire {
    pub(super) fn cut(&self) {
        self.cut.abort();
    }
}

/// Connects a slave. The connection is cut after so many pieces of octets of either end.
pub(super) async fn connect(slave: &Slave, master: &Master, pieces: usize) -> Wire {
    let ((near, far), (own, other)) = (duplex(ROOM), duplex(ROOM));
    let cut = tokio::spawn(carry(far, own, pieces)).abort_handle();
    master.desk.accept(other).await.unwrap();
    let desk = slave.desk.clone();
    let session = tokio::spawn(async move { desk.session(near).await.unwrap() });
    Wire { session, cut }
}

async fn carry(one: DuplexStream, other: DuplexStream, pieces: usize) {
    let ((mut from_one, mut to_one), (mut from_other, mut to_other)) =
        (tokio::io::split(one), tokio::io::split(other));
    let (mut near, mut far) = (vec![0; ROOM], vec![0; ROOM]);
    for _ in 0..pieces {
        let (count, carried) = tokio::select! {
            read = from_one.read(&mut near) => {
                let count = read.unwrap();
                (count, to_other.write_all(&near[..count]).await)
            }
            read = from_other.read(&mut far) => {
                let count = read.unwrap();
                (count, to_one.write_all(&far[..count]).await)
            }
        };
        if count == 0 || carried.is_err() {
            return;
        }
    }
}

/// Pairs a slave; both users say that the numbers are equal.
pub(super) async fn pair(slave: &mut Slave, master: &mut Master) -> Wire {
    master.desk.pair(true).await.unwrap();
    master.hears(|told| (*told == MasterTold::Pairing(true)).then_some(())).await;
    let wire = connect(slave, master, usize::MAX).await;
    let (connection, number) = master
        .hears(|told| {
            let MasterTold::Compare { connection, number, .. } = told else { return None };
            Some((*connection, *number))
        })
        .await;
    let shown = slave
        .hears(|told| {
            let SlaveTold::Compare { number, .. } = told else { return None };
            Some(*number)
        })
        .await;
    assert_eq!(number, shown);
    slave.desk.compared(true).await.unwrap();
    master.desk.compared(connection, true).await.unwrap();
    master.event(|event| matches!(event, MasterEvent::Connected(_))).await;
    wire
}

/// Connects a link of the test's own to a master, with the key of that slave.
pub(super) async fn raw(master: &Master, slave: &SlaveDisk) -> (LinkHandle, mpsc::Receiver<Told>) {
    let known = vec![device("phone", 1).identity.peer_key()];
    let supervised = (SUPERVISION, margin());
    let own = device(slave.name, slave.number);
    let link = own.link(Role::Initiator, known, false, supervised).unwrap();
    let (near, far) = duplex(ROOM);
    master.desk.accept(far).await.unwrap();
    let (news, told) = mpsc::channel(16);
    (spawn(1, Box::new(near), link, clock(), news), told)
}
