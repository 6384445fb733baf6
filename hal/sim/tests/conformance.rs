//! The simulated arm of the conformance suites.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use async_trait::async_trait;
use polysim_base::Instant;
use polysim_card::Card;
use polysim_hal::testkit::{
    AudioHarness, CardHarness, PortHarness, ReaderHarness, audio_port_conformance,
    card_link_conformance, card_reader_conformance, clock_conformance, modem_conformance,
};
use polysim_hal::{AudioFrame, AudioPort, CardLink, CardReader, ModemPort, TokioClock};
use polysim_hal_sim::{LentModem, LiveWorld, SimulatedReader, Slot, Speech, demo};
use polysim_world::Action;
use std::sync::Arc;
use std::time::Duration;

/// The AID of every 3GPP USIM begins so (TS 101 220, annex E).
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
const READER: &str = "simulated reader";

fn world() -> LiveWorld {
    let clock = TokioClock::starting_at(Instant::ZERO);
    LiveWorld::new(&demo::two_phones(), Arc::new(clock)).unwrap()
}

/// A phone whose battery is taken out and put back.
struct Phone {
    world: LiveWorld,
    modem: LentModem,
}

impl Phone {
    fn power(&self, on: bool) {
        self.world.within(|simulation| simulation.apply(&Action::Power { phone: 0, on }));
    }
}

#[async_trait]
impl PortHarness for Phone {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(self.modem.port(0))
    }

    async fn unplug(&mut self) {
        self.power(false);
    }

    async fn plug(&mut self) {
        self.power(true);
    }
}

/// A card in a reader.
struct Reader {
    slot: Slot,
    pulled: Option<Card>,
    iccid: [u8; 10],
}

impl Reader {
    fn new() -> Self {
        let slot = world().lend_card(0).unwrap();
        let card = slot.pull().unwrap();
        let iccid = card.read_file(&[0x2FE2]).unwrap().try_into().unwrap();
        slot.insert(card);
        Self { slot, pulled: None, iccid }
    }

    fn take_out(&mut self) {
        self.pulled = self.slot.pull();
    }

    fn put_in(&mut self) {
        assert!(self.slot.insert(self.pulled.take().unwrap()).is_none());
    }

    fn all(&self) -> SimulatedReader {
        SimulatedReader::new([(READER.to_owned(), self.slot.clone())])
    }
}

#[async_trait]
impl CardHarness for Reader {
    async fn link(&mut self) -> Box<dyn CardLink> {
        self.all().connect(READER).await.unwrap()
    }

    fn iccid(&self) -> [u8; 10] {
        self.iccid
    }

    fn aid(&self) -> Vec<u8> {
        USIM.to_vec()
    }

    async fn pull(&mut self) {
        self.take_out();
    }

    async fn insert(&mut self) {
        self.put_in();
    }
}

#[async_trait]
impl ReaderHarness for Reader {
    async fn readers(&mut self) -> Box<dyn CardReader> {
        Box::new(self.all())
    }

    fn name(&self) -> String {
        READER.into()
    }

    async fn pull(&mut self) {
        self.take_out();
    }

    async fn insert(&mut self) {
        self.put_in();
    }
}

#[tokio::test(start_paused = true)]
async fn a_simulated_modem_keeps_the_contract_of_ports() {
    let world = world();
    let modem = world.lend_modem(0).unwrap();
    modem_conformance(&mut Phone { world, modem }).await;
}

#[tokio::test(start_paused = true)]
async fn a_simulated_card_keeps_the_contract_of_links() {
    card_link_conformance(&mut Reader::new()).await;
}

#[tokio::test(start_paused = true)]
async fn simulated_readers_keep_the_contract_of_readers() {
    card_reader_conformance(&mut Reader::new()).await;
}

#[tokio::test]
async fn the_clock_of_the_runtime_keeps_the_contract_of_clocks() {
    clock_conformance(&TokioClock::unix()).await;
}

/// Two phones in a call; the far one is the test's.
struct InCall {
    near: Phone,
    far: LentModem,
    speech: Speech,
}

impl InCall {
    async fn new() -> Self {
        let world = world();
        let near = Phone { modem: world.lend_modem(0).unwrap(), world: world.clone() };
        let far = world.lend_modem(1).unwrap();
        let (mut caller, mut called) = (near.modem.port(0), far.port(0));
        tokio::time::sleep(Duration::from_secs(10)).await;
        says(&mut caller, "ATD+99070000002;\r", "OK\r\n").await;
        says(&mut called, "", "RING\r\n").await;
        says(&mut called, "ATA\r", "OK\r\n").await;
        Self { speech: far.speech(), near, far }
    }
}

/// Writes a command and reads until the modem has said something.
async fn says(port: &mut dyn ModemPort, command: &str, wanted: &str) {
    port.write(command.as_bytes()).await.unwrap();
    let (mut heard, mut buffer) = (Vec::new(), [0; 256]);
    while !String::from_utf8_lossy(&heard).contains(wanted) {
        let read = tokio::time::timeout(Duration::from_secs(30), port.read(&mut buffer)).await;
        assert!(read.is_ok(), "no {wanted:?} after {command:?}: {}", heard.escape_ascii());
        heard.extend_from_slice(buffer.get(..read.unwrap().unwrap()).unwrap());
    }
}

#[async_trait]
impl AudioHarness for InCall {
    async fn port(&mut self) -> Box<dyn AudioPort> {
        Box::new(self.near.modem.speech())
    }

    async fn send(&mut self, frame: &AudioFrame) {
        self.speech.write_frame(frame).await.unwrap();
    }

    async fn receive(&mut self) -> AudioFrame {
        self.speech.read_frame().await.unwrap()
    }

    async fn unplug(&mut self) {
        self.near.power(false);
    }
}

#[tokio::test(start_paused = true)]
async fn a_simulated_call_keeps_the_contract_of_audio_ports() {
    let mut call = InCall::new().await;
    audio_port_conformance(&mut call).await;
    drop(call.far);
}
