use super::*;
use crate::*;
use async_trait::async_trait;
use polysim_base::Instant;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

const ATR: [u8; 3] = [0x3B, 0x00, 0x3B];
const ICCID: [u8; 10] = [0x98, 0, 0, 0, 0, 0, 0, 0, 0, 0xF7];
const AID: [u8; 7] = [0xA0, 0, 0, 0, 0x87, 0x10, 0x02];

fn card() -> ScriptedCard {
    ScriptedCard::new(&ATR, || tiny_uicc(ICCID, [8; 9], AID.to_vec()))
}

struct Wire {
    near: Option<MemoryPort>,
    far: MemoryPort,
}

impl Wire {
    fn new() -> Self {
        let (near, far) = memory_port();
        Self { near: Some(near), far }
    }
}

#[async_trait]
impl PortHarness for Wire {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(self.near.take().unwrap())
    }

    async fn unplug(&mut self) {
        self.far.close();
    }

    async fn plug(&mut self) {
        self.far.reopen().await.unwrap();
    }
}

#[async_trait]
impl WireHarness for Wire {
    async fn send(&mut self, bytes: &[u8]) {
        if self.far.write(bytes).await.is_err() {
            self.far.reopen().await.unwrap();
            self.far.write(bytes).await.unwrap();
        }
    }

    async fn receive(&mut self) -> Vec<u8> {
        let mut buffer = [0; 1000];
        loop {
            match self.far.read(&mut buffer).await {
                Ok(read) => return buffer[..read].to_vec(),
                Err(_) => self.far.reopen().await.unwrap(),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_memory_port_conforms() {
    modem_port_conformance(&mut Wire::new()).await;
    stalled_write_conformance(&mut Wire::new()).await;
}

#[tokio::test]
async fn control_lines_of_the_memory_port_are_crossed() {
    let (mut near, mut far) = memory_port();
    near.set_lines(OutputLines { dtr: true, rts: false }).await.unwrap();
    let lines = InputLines { cts: false, dsr: true, dcd: true, ri: false };
    assert_eq!(far.lines().await.unwrap(), lines);
    drop(near);
    assert_eq!(*far.lines().await.unwrap_err().kind(), PortErrorKind::Gone);
}

/// A modem that answers `OK` to every line that begins with `AT` and is short.
struct Modem {
    near: Option<MemoryPort>,
    command: mpsc::Sender<bool>,
}

impl Modem {
    fn new() -> Self {
        let (near, mut far) = memory_port();
        let (command, mut commands) = mpsc::channel(1);
        tokio::spawn(async move {
            let (mut line, mut buffer) = (Vec::new(), [0; 512]);
            loop {
                while let Ok(plugged) = commands.try_recv() {
                    if plugged { far.reopen().await.unwrap() } else { far.close() }
                }
                let read = tokio::time::timeout(
                    std::time::Duration::from_millis(5),
                    far.read(&mut buffer),
                );
                let Ok(Ok(read)) = read.await else {
                    tokio::task::yield_now().await;
                    continue;
                };
                for byte in &buffer[..read] {
                    line.push(*byte);
                    if *byte == b'\r' {
                        if line.starts_with(b"AT") && line.len() < 10 {
                            far.write(b"\r\nOK\r\n").await.unwrap();
                        }
                        line.clear();
                    }
                }
            }
        });
        Self { near: Some(near), command }
    }
}

#[async_trait]
impl PortHarness for Modem {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(self.near.take().unwrap())
    }

    async fn unplug(&mut self) {
        self.command.send(false).await.unwrap();
    }

    async fn plug(&mut self) {
        self.command.send(true).await.unwrap();
    }
}

#[tokio::test]
async fn a_modem_behind_a_memory_port_conforms() {
    modem_conformance(&mut Modem::new()).await;
}

struct Hand(Option<Pull>);

#[async_trait]
impl CardHarness for Hand {
    async fn link(&mut self) -> Box<dyn CardLink> {
        let card = card();
        self.0 = Some(card.pull());
        Box::new(card)
    }

    fn iccid(&self) -> [u8; 10] {
        ICCID
    }

    fn aid(&self) -> Vec<u8> {
        AID.to_vec()
    }

    async fn pull(&mut self) {
        self.0.take().unwrap().pull();
    }

    async fn insert(&mut self) {}
}

#[tokio::test]
async fn the_tiny_uicc_conforms() {
    card_link_conformance(&mut Hand(None)).await;
}

/// One reader, in which a card is or is not.
#[derive(Clone, Default)]
struct Reader(Arc<Mutex<ReaderState>>);

#[derive(Default)]
struct ReaderState {
    is_empty: bool,
    held: std::sync::Weak<()>,
}

struct Readers {
    reader: Reader,
    told: Option<bool>,
}

struct Held {
    card: ScriptedCard,
    _hold: Arc<()>,
}

#[async_trait]
impl CardReader for Readers {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        let atr = (!self.reader.0.lock().unwrap().is_empty).then(|| ATR.to_vec());
        Ok(vec![ReaderStatus { name: "one".to_owned(), atr }])
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        tokio::task::yield_now().await;
        let reader = "one".to_owned();
        loop {
            let is_empty = self.reader.0.lock().unwrap().is_empty;
            match self.told.replace(is_empty) {
                None => {
                    self.told = Some(true);
                    return Ok(ReaderEvent::ReaderAdded(reader));
                }
                Some(true) if !is_empty => {
                    return Ok(ReaderEvent::CardInserted { reader, atr: ATR.to_vec() });
                }
                Some(false) if is_empty => return Ok(ReaderEvent::CardRemoved { reader }),
                Some(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
            }
        }
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        let error = |kind| Err(CardError::new(kind, reader));
        let mut state = self.reader.0.lock().unwrap();
        if reader != "one" {
            return error(CardErrorKind::ReaderGone);
        }
        if state.is_empty {
            return error(CardErrorKind::NoCard);
        }
        if state.held.strong_count() > 0 {
            return error(CardErrorKind::Busy);
        }
        let hold = Arc::new(());
        state.held = Arc::downgrade(&hold);
        Ok(Box::new(Held { card: card(), _hold: hold }))
    }
}

#[async_trait]
impl CardLink for Held {
    fn atr(&self) -> Atr {
        self.card.atr()
    }

    fn epoch(&self) -> CardEpoch {
        self.card.epoch()
    }

    async fn transmit(&mut self, on: CardChannel, command: &[u8]) -> Result<Vec<u8>, CardError> {
        self.card.transmit(on, command).await
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        self.card.open_channel(aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        self.card.close_channel(channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.card.reset(kind).await
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.card.begin().await
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.card.end().await
    }
}

#[async_trait]
impl ReaderHarness for Reader {
    async fn readers(&mut self) -> Box<dyn CardReader> {
        Box::new(Readers { reader: self.clone(), told: None })
    }

    fn name(&self) -> String {
        "one".to_owned()
    }

    async fn pull(&mut self) {
        self.0.lock().unwrap().is_empty = true;
    }

    async fn insert(&mut self) {
        self.0.lock().unwrap().is_empty = false;
    }
}

#[tokio::test]
async fn a_reader_conforms() {
    card_reader_conformance(&mut Reader::default()).await;
}

struct Speech(Wire, VecDeque<u8>);

#[async_trait]
impl AudioHarness for Speech {
    async fn port(&mut self) -> Box<dyn AudioPort> {
        Box::new(PcmPort::new(self.0.near.take().unwrap()))
    }

    async fn send(&mut self, frame: &AudioFrame) {
        for sample in frame {
            self.0.send(&sample.to_le_bytes()).await;
        }
    }

    async fn receive(&mut self) -> AudioFrame {
        while self.1.len() < 2 * FRAME_SAMPLES {
            self.1.extend(self.0.receive().await);
        }
        std::array::from_fn(|_| {
            i16::from_le_bytes([self.1.pop_front().unwrap(), self.1.pop_front().unwrap()])
        })
    }

    async fn unplug(&mut self) {
        self.0.unplug().await;
    }
}

#[tokio::test]
async fn speech_over_a_port_conforms() {
    audio_port_conformance(&mut Speech(Wire::new(), VecDeque::new())).await;
}

#[tokio::test]
async fn the_tokio_clock_conforms_in_real_time() {
    clock_conformance(&TokioClock::unix()).await;
    clock_conformance(&TokioClock::starting_at(Instant::ZERO)).await;
}

#[tokio::test(start_paused = true)]
async fn the_tokio_clock_conforms_in_virtual_time() {
    clock_conformance(&TokioClock::starting_at(Instant::ZERO)).await;
}

#[derive(Default)]
struct Bus(Arc<Mutex<Vec<mpsc::UnboundedSender<bool>>>>);

struct BusDiscovery(mpsc::UnboundedReceiver<bool>);

fn hardware() -> Hardware {
    let id = HardwareId::Modem { usb_path: "1-1".to_owned(), imei: None };
    Hardware { id, product: "modem".to_owned(), places: vec!["/dev/ttyUSB0".to_owned()] }
}

#[async_trait]
impl Discovery for BusDiscovery {
    async fn next(&mut self) -> Result<HardwareEvent, PortError> {
        Ok(match self.0.recv().await.unwrap() {
            true => HardwareEvent::Added(hardware()),
            false => HardwareEvent::Removed(hardware().id),
        })
    }
}

#[async_trait]
impl DiscoveryHarness for Bus {
    async fn discovery(&mut self) -> Box<dyn Discovery> {
        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(true).unwrap();
        self.0.lock().unwrap().push(sender);
        Box::new(BusDiscovery(receiver))
    }

    fn is_it(&self, id: &HardwareId) -> bool {
        *id == hardware().id
    }

    async fn unplug(&mut self) {
        self.0.lock().unwrap().iter().for_each(|sender| sender.send(false).unwrap());
    }

    async fn plug(&mut self) {
        self.0.lock().unwrap().iter().for_each(|sender| sender.send(true).unwrap());
    }
}

#[tokio::test]
async fn a_discovery_conforms() {
    let mut bus = Bus::default();
    discovery_conformance(&mut bus).await;
}

/// What a backend may do wrong.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    LosesBytesOfADroppedRead,
    ComesBackByItself,
    IgnoresTheEpoch,
    IgnoresTheChannel,
    LeaksChannels,
}

/// A port or link that makes a mistake.
struct Wrong<T>(T, Mistake);

#[async_trait]
impl ModemPort for Wrong<MemoryPort> {
    fn name(&self) -> String {
        self.0.name()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        if self.1 == Mistake::ComesBackByItself && self.0.lines().await.is_err() {
            drop(self.0.reopen().await);
        }
        let read = self.0.read(buffer).await;
        if self.1 == Mistake::LosesBytesOfADroppedRead {
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
        }
        read
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.0.write(bytes).await
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        self.0.set_lines(lines).await
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        self.0.lines().await
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.0.reopen().await
    }
}

struct WrongWire(Wire, Mistake);

#[async_trait]
impl PortHarness for WrongWire {
    async fn port(&mut self) -> Box<dyn ModemPort> {
        Box::new(Wrong(self.0.near.take().unwrap(), self.1))
    }

    async fn unplug(&mut self) {
        self.0.unplug().await;
    }

    async fn plug(&mut self) {
        self.0.plug().await;
    }
}

#[async_trait]
impl WireHarness for WrongWire {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(bytes).await;
    }

    async fn receive(&mut self) -> Vec<u8> {
        self.0.receive().await
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "reading the rest: no end")]
async fn a_port_that_loses_bytes_of_a_dropped_read_is_found_out() {
    let mistake = Mistake::LosesBytesOfADroppedRead;
    modem_port_conformance(&mut WrongWire(Wire::new(), mistake)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "a read before reopening: no end")]
async fn a_port_that_comes_back_by_itself_is_found_out() {
    modem_port_conformance(&mut WrongWire(Wire::new(), Mistake::ComesBackByItself)).await;
}

#[async_trait]
impl CardLink for Wrong<ScriptedCard> {
    fn atr(&self) -> Atr {
        self.0.atr()
    }

    fn epoch(&self) -> CardEpoch {
        self.0.epoch()
    }

    async fn transmit(&mut self, on: CardChannel, command: &[u8]) -> Result<Vec<u8>, CardError> {
        let on = match self.1 {
            Mistake::IgnoresTheEpoch => CardChannel { epoch: self.epoch(), ..on },
            Mistake::IgnoresTheChannel => CardChannel { number: 0, ..on },
            Mistake::LosesBytesOfADroppedRead
            | Mistake::ComesBackByItself
            | Mistake::LeaksChannels => on,
        };
        self.0.transmit(on, command).await
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        if self.1 == Mistake::LeaksChannels {
            let (basic, open) = (CardChannel::basic(self.epoch()), [0x00, 0x70, 0, 0, 1]);
            self.0.transmit(basic, &open).await?;
        }
        open_by_manage_channel(self, aid).await
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        close_by_manage_channel(self, channel).await
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.0.reset(kind).await
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        self.0.begin().await
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.0.end().await
    }
}

struct WrongHand(Mistake);

#[async_trait]
impl CardHarness for WrongHand {
    async fn link(&mut self) -> Box<dyn CardLink> {
        Box::new(Wrong(card(), self.0))
    }

    fn iccid(&self) -> [u8; 10] {
        ICCID
    }

    fn aid(&self) -> Vec<u8> {
        AID.to_vec()
    }

    async fn pull(&mut self) {}

    async fn insert(&mut self) {}
}

#[tokio::test]
#[should_panic(expected = "a command on a channel of another life: succeeded")]
async fn a_link_that_ignores_the_epoch_is_found_out() {
    card_link_conformance(&mut WrongHand(Mistake::IgnoresTheEpoch)).await;
}

#[tokio::test]
#[should_panic(expected = "EF.IMSI on the channel")]
async fn a_link_that_ignores_the_channel_is_found_out() {
    card_link_conformance(&mut WrongHand(Mistake::IgnoresTheChannel)).await;
}

#[tokio::test]
#[should_panic(expected = "opening the application: ")]
async fn a_link_that_leaks_channels_is_found_out() {
    card_link_conformance(&mut WrongHand(Mistake::LeaksChannels)).await;
}
