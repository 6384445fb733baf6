//! A server and devices over streams in memory.

use super::*;
use crate::journal::MemoryJournal;
use async_trait::async_trait;
use polysim_base::{Duration, Mode, Msisdn, Origin};
use polysim_courier::client::{
    CallEvent, CallId, Choice, ClientCommand, ClientConfig, ClientEvent, ClientRecord, Offer,
    Outcome, TextState,
};
use polysim_courier::server::{Proof, ServerConfig, ServerKey, ServerRecord};
use polysim_courier::{DeviceName, DeviceSecret};
use polysim_hal::TokioClock;
use polysim_speech::Frame;
use std::sync::Arc;
use std::time::Duration as Std;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Octets that a stream in memory holds.
const ROOM: usize = 1 << 16;
const WITHIN: Std = Std::from_secs(120);

fn number(of: u8) -> Msisdn {
    format!("+99910000000{of}").parse().unwrap()
}

fn client_config(of: u8) -> ClientConfig {
    let name = DeviceName::try_from(format!("device {of}")).unwrap();
    let seed = Zeroizing::new([of; 32]);
    let secret = DeviceSecret::new(seed, Origin::Simulated, Mode::Simulation).unwrap();
    ClientConfig { refresh_every: Duration::from_secs(5), ..ClientConfig::new(name, secret) }
}

/// The carrier: texts to numbers.
#[derive(Clone)]
struct Air(mpsc::Sender<(Msisdn, String)>);

#[async_trait]
impl CodeCarrier for Air {
    async fn text(&mut self, to: Msisdn, body: Proof) -> bool {
        self.0.send((to, body.0.clone())).await.is_ok()
    }
}

/// A modem that takes what it is given.
struct Phone {
    air: mpsc::Sender<(Msisdn, String)>,
    texts: mpsc::Receiver<String>,
    sent: Option<u64>,
}

#[async_trait]
impl DeviceCarrier for Phone {
    fn text(&mut self, number: u64, to: Msisdn, text: String) {
        self.air.try_send((to, text)).unwrap();
        self.sent = Some(number);
    }

    fn dial(&mut self, _: CallId, to: Msisdn) {
        self.air.try_send((to, "(a call)".to_owned())).unwrap();
    }

    async fn next(&mut self) -> CarrierReport {
        if let Some(number) = self.sent.take() {
            return CarrierReport::Texted { number, outcome: Outcome::Sent };
        }
        match self.texts.recv().await {
            Some(text) => CarrierReport::Text(text),
            None => std::future::pending().await,
        }
    }
}

/// A server that may crash.
struct Office {
    journal: MemoryJournal<ServerRecord>,
    air: mpsc::Sender<(Msisdn, String)>,
    texts: mpsc::Receiver<(Msisdn, String)>,
    /// One for all: it goes on while a server does not run.
    clock: Arc<TokioClock>,
    running: Option<(ServerDesk, ServerNews)>,
}

impl Office {
    async fn new() -> Self {
        let (air, texts) = mpsc::channel(16);
        let (journal, clock) = (MemoryJournal::new(), Arc::new(TokioClock::unix()));
        let mut office = Self { journal, air, texts, clock, running: None };
        office.start().await;
        office
    }

    async fn start(&mut self) {
        let journal = Box::new(self.journal.clone());
        let carrier = Box::new(Air(self.air.clone()));
        let config = ServerConfig::new(ServerKey([7; 32]));
        let running = ServerNode::start(config, carrier, journal, self.clock.clone()).await;
        self.running = Some(running.unwrap());
    }

    /// Its connections are gone at once.
    fn crash(&mut self) {
        let (_, news) = self.running.take().unwrap();
        news.task.abort();
    }

    fn desk(&self) -> ServerDesk {
        self.running.as_ref().unwrap().0.clone()
    }
}

struct Device {
    of: u8,
    desk: DeviceDesk,
    news: DeviceNews,
    audio: DeviceAudio,
    texts: mpsc::Sender<String>,
    session: Option<JoinHandle<Result<LinkEnd, NodeEnded>>>,
    seen: Vec<ClientEvent>,
}

impl Device {
    async fn new(of: u8, office: &Office, journal: &MemoryJournal<ClientRecord>) -> Self {
        let (texts, come) = mpsc::channel(16);
        let phone = Phone { air: office.air.clone(), texts: come, sent: None };
        let setup = DeviceSetup { config: client_config(of), card: None, carrier: Box::new(phone) };
        let started =
            DeviceNode::start(setup, Box::new(journal.clone()), office.clock.clone()).await;
        let (desk, news, audio) = started.unwrap();
        Self { of, desk, news, audio, texts, session: None, seen: Vec::new() }
    }

    async fn connect(&mut self, office: &Office) {
        let (near, far) = duplex(ROOM);
        office.desk().connect(far).await.unwrap();
        let desk = self.desk.clone();
        self.session = Some(tokio::spawn(async move { desk.session(near).await }));
    }

    async fn ended(&mut self) -> LinkEnd {
        timeout(WITHIN, self.session.take().unwrap()).await.unwrap().unwrap().unwrap()
    }

    async fn says(&self, command: ClientCommand) {
        self.desk.command(command).await.unwrap();
    }

    async fn event(&mut self, wanted: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
        loop {
            let Ok(event) = timeout(WITHIN, self.news.next()).await else {
                panic!("device {} has not told it, but {:#?}", self.of, self.seen)
            };
            let event = event.unwrap();
            self.seen.push(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    async fn register(&mut self, office: &mut Office) {
        self.says(ClientCommand::Register(Some(number(self.of)))).await;
        let (to, body) = timeout(WITHIN, office.texts.recv()).await.unwrap().unwrap();
        assert_eq!(to, number(self.of));
        self.texts.send(body).await.unwrap();
        let came = self.event(|event| matches!(event, ClientEvent::CodeCame(_))).await;
        let ClientEvent::CodeCame(code) = came else { unreachable!() };
        self.says(ClientCommand::Confirm(code)).await;
        self.event(|event| matches!(event, ClientEvent::Registered(_))).await;
    }

    async fn writes(&self, to: u8, text: &str) {
        self.says(ClientCommand::Text { to: number(to), text: text.to_owned() }).await;
    }

    async fn text_is(&mut self, number: u64, state: TextState) {
        self.event(|event| *event == ClientEvent::Text { number, state }).await;
    }

    async fn receives(&mut self) -> String {
        let event = self.event(|event| matches!(event, ClientEvent::Received(_))).await;
        let ClientEvent::Received(text) = event else { unreachable!() };
        text.text.unwrap()
    }

    async fn call(&mut self, wanted: impl Fn(&CallEvent) -> bool) -> CallId {
        let is =
            |event: &ClientEvent| matches!(event, ClientEvent::Call { event, .. } if wanted(event));
        let ClientEvent::Call { call, .. } = self.event(is).await else { unreachable!() };
        call
    }
}

/// Two that are registered and connected.
async fn two() -> (Office, Device, Device) {
    let mut office = Office::new().await;
    let mut alice = Device::new(1, &office, &MemoryJournal::new()).await;
    let mut bob = Device::new(2, &office, &MemoryJournal::new()).await;
    for device in [&mut alice, &mut bob] {
        device.connect(&office).await;
        device.register(&mut office).await;
    }
    (office, alice, bob)
}

#[tokio::test(start_paused = true)]
async fn two_register_see_each_other_and_what_waits_survives_both_crashes() {
    let (mut office, mut alice, mut bob) = two().await;
    alice.says(ClientCommand::Contacts(vec![number(2), number(3)])).await;
    alice.event(|event| matches!(event, ClientEvent::Marked { registered: true, .. })).await;
    assert_eq!(alice.desk.status().marked, [number(2)]);
    bob.desk.disconnect().await.unwrap();
    assert_eq!(bob.ended().await, LinkEnd::Closed);
    alice.writes(2, "one").await;
    alice.text_is(1, TextState::Stored).await;
    office.crash();
    assert!(matches!(alice.ended().await, LinkEnd::Closed | LinkEnd::Frame(_)));
    alice.writes(2, "two").await;
    office.start().await;
    for device in [&mut alice, &mut bob] {
        device.connect(&office).await;
    }
    assert_eq!((bob.receives().await, bob.receives().await), ("one".into(), "two".into()));
    alice.text_is(2, TextState::Delivered).await;
    let is_text = |event: &&ClientEvent| matches!(event, ClientEvent::Received(_));
    while let Ok(Some(event)) = timeout(Std::from_secs(30), bob.news.next()).await {
        bob.seen.push(event);
    }
    assert_eq!(bob.seen.iter().filter(is_text).count(), 2, "each once");
}

#[tokio::test(start_paused = true)]
async fn a_device_goes_on_from_its_journal() {
    let mut office = Office::new().await;
    let journal = MemoryJournal::new();
    let mut alice = Device::new(1, &office, &journal).await;
    alice.connect(&office).await;
    alice.register(&mut office).await;
    let task = alice.news.task.abort_handle();
    task.abort();
    drop(alice);
    let mut alice = Device::new(1, &office, &journal).await;
    assert_eq!(alice.desk.status().number, Some(number(1)));
    alice.connect(&office).await;
    alice.event(|event| matches!(event, ClientEvent::Measured(_))).await;
}

#[tokio::test(start_paused = true)]
async fn speech_goes_from_microphone_to_loudspeaker() {
    let (_office, mut alice, mut bob) = two().await;
    alice.says(ClientCommand::Contacts(vec![number(2)])).await;
    alice.event(|event| matches!(event, ClientEvent::Marked { registered: true, .. })).await;
    // The links are measured meanwhile.
    tokio::time::sleep(Std::from_secs(1)).await;
    alice.says(ClientCommand::Dial(number(2))).await;
    let rings = bob.call(|event| *event == CallEvent::Incoming(number(1))).await;
    bob.says(ClientCommand::Answer(rings)).await;
    bob.call(|event| *event == CallEvent::Answered).await;
    let call = alice.call(|event| *event == CallEvent::Answered).await;
    let frame = Frame::from([1_000; Frame::SAMPLES]);
    let mut loudest = 0;
    for _ in 0..100 {
        alice.audio.microphone.send(frame.clone()).await.unwrap();
        tokio::time::sleep(Std::from_millis(20)).await;
        while let Ok(heard) = bob.audio.loudspeaker.try_recv() {
            loudest = loudest.max(heard.samples()[0]);
        }
    }
    assert!((900..=1_100).contains(&loudest), "{loudest}");
    alice.says(ClientCommand::HangUp(call)).await;
    let is_heard =
        |event: &CallEvent| matches!(event, CallEvent::Ended { heard, .. } if heard.played > 50);
    bob.call(is_heard).await;
}

#[tokio::test(start_paused = true)]
async fn what_has_no_data_is_offered_to_the_carrier() {
    let mut office = Office::new().await;
    let mut alice = Device::new(1, &office, &MemoryJournal::new()).await;
    alice.writes(2, "by the carrier").await;
    alice.event(|event| matches!(event, ClientEvent::Offered { .. })).await;
    let (offer, choice) = (Offer::Text(1), Choice::Carrier);
    alice.says(ClientCommand::Choose { offer, choice }).await;
    alice.text_is(1, TextState::Carrier(Outcome::Sent)).await;
    assert_eq!(office.texts.recv().await, Some((number(2), "by the carrier".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn who_speaks_another_language_is_sent_away_and_nobody_else() {
    let (office, alice, mut bob) = two().await;
    let (mut near, far) = duplex(ROOM);
    office.desk().connect(far).await.unwrap();
    near.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    timeout(WITHIN, near.read_to_end(&mut rest)).await.unwrap().unwrap();
    alice.writes(2, "still there").await;
    assert_eq!(bob.receives().await, "still there");
}

#[tokio::test(start_paused = true)]
async fn a_newer_session_takes_the_place_of_an_older_one() {
    let office = Office::new().await;
    let mut alice = Device::new(1, &office, &MemoryJournal::new()).await;
    alice.connect(&office).await;
    let older = alice.session.take().unwrap();
    alice.desk.wait_for(|status| status.connected).await.unwrap();
    alice.connect(&office).await;
    assert_eq!(older.await.unwrap(), Ok(LinkEnd::Replaced));
    assert!(!alice.session.as_ref().unwrap().is_finished());
}

#[tokio::test(start_paused = true)]
async fn it_is_dialled_again_until_there_is_a_server() {
    let office = Office::new().await;
    let alice = Device::new(1, &office, &MemoryJournal::new()).await;
    let tries = std::cell::Cell::new(0);
    let dial = || async {
        tries.set(tries.get() + 1);
        if tries.get() < 4 {
            return None;
        }
        let (near, far) = duplex(ROOM);
        office.desk().connect(far).await.unwrap();
        Some(near)
    };
    let begun = tokio::time::Instant::now();
    let clock = TokioClock::unix();
    tokio::select! {
        _ = stay_connected(&alice.desk, &clock, dial, drop) => panic!("it has given up"),
        status = alice.desk.wait_for(|status| status.connected) => drop(status.unwrap()),
    }
    let passed = begun.elapsed();
    assert!((1_700..1_900).contains(&passed.as_millis()), "250 + 500 + 1000 ms: {passed:?}");
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_loses_the_session() {
    let office = Office::new().await;
    let alice = Device::new(1, &office, &MemoryJournal::new()).await;
    alice.says(ClientCommand::Register(Some(number(1)))).await;
    let (near, _far) = duplex(8);
    let session = timeout(WITHIN, alice.desk.session(near));
    assert_eq!(session.await.unwrap(), Ok(LinkEnd::Clogged));
    assert!(!alice.desk.status().connected);
}

#[test]
fn what_the_carrier_has_brought_is_not_shown_to_developers() {
    let report = CarrierReport::Text("the code is 123456".to_owned());
    assert_eq!(format!("{report:?}"), "Text(***)");
}
