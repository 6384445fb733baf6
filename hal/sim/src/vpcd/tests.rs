//! Cards in a reader made for the test, whose time is real; that of the cards is not, unless a
//! test says so: they wait for nothing.

use super::serve;
use crate::{Slot, demo};
use polysim_card::{Card, CardFault, FaultSpan};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is waited for.
const QUIET: Duration = Duration::from_millis(100);
const SELECT_ICCID: &[u8] = &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2];
const READ: &[u8] = &[0x00, 0xB0, 0x00, 0x00, 0x0A];
/// A command that writes.
const UPDATE: &[u8] = &[0x00, 0xD6, 0x00, 0x00, 0x01, 0x00];
const DONE: &[u8] = &[0x90, 0x00];
const OFF: &[u8] = &[0];
const ON: &[u8] = &[1];
const RESET: &[u8] = &[2];
const ATR: &[u8] = &[4];

/// A card that is served until this is dropped.
struct Served {
    slot: Slot,
    connected: mpsc::Receiver<bool>,
    _stop: oneshot::Sender<()>,
}

impl Served {
    fn at(address: SocketAddr, slot: Slot, is_paused: bool) -> Self {
        let (tell, connected) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let served = slot.clone();
        thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().start_paused(is_paused).build().unwrap();
            runtime.block_on(async {
                let address = address.to_string();
                let told = |there| tell.send(there).unwrap_or_default();
                tokio::select! {
                    ended = serve(&address, &served, told) => panic!("{ended:?}"),
                    _ = stopped => {}
                }
            });
        });
        Self { slot, connected, _stop: stop }
    }

    /// Waits until this is what was told last.
    fn is_connected(&self, wanted: bool) {
        while self.connected.recv_timeout(PATIENCE).unwrap() != wanted {}
    }
}

/// A reader that a card can be put into.
struct Reader(TcpListener);

impl Reader {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn with(slot: Slot) -> (Self, Served) {
        let reader = Self::new();
        let served = Served::at(reader.0.local_addr().unwrap(), slot, true);
        (reader, served)
    }

    /// Waits for a card.
    fn accept(&self) -> Contacts {
        let end = Instant::now() + PATIENCE;
        self.0.set_nonblocking(true).unwrap();
        loop {
            match self.0.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    stream.set_nodelay(true).unwrap();
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    return Contacts(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    assert!(Instant::now() < end, "no card came");
                    thread::sleep(Duration::from_millis(1));
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// The connection to a card in the reader.
struct Contacts(TcpStream);

impl Contacts {
    fn send(&mut self, message: &[u8]) {
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        self.0.write_all(&[&length, message].concat()).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut message).unwrap();
        message
    }

    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.send(message);
        self.receive()
    }

    /// Puts the card to work as the service does.
    fn start(&mut self) {
        assert_eq!(self.ask(ATR).first(), Some(&0x3B));
        self.send(ON);
        assert_eq!(self.ask(SELECT_ICCID), DONE);
    }

    fn says_nothing(&mut self) {
        self.0.set_read_timeout(Some(QUIET)).unwrap();
        let error = self.0.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}");
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
    }

    /// The card must end the connection by a reset.
    fn is_reset(&mut self) {
        let error = self.0.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}

fn card() -> Card {
    demo::cards(1).remove(0)
}

/// Returns a card that loses its power in the first command that writes, and answers nothing to it.
fn weak_card() -> Card {
    let mut card = card();
    card.inject(CardFault::PowerLossInWrite { written: false }, FaultSpan::Commands(1));
    card
}

#[test]
fn the_question_for_the_answer_to_reset_and_commands_are_answered_and_no_other_control() {
    let (reader, served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    for control in [OFF, ON, RESET] {
        contacts.send(control);
    }
    let atr = contacts.ask(ATR);
    assert_eq!(Some(&atr), served.slot.atr().as_ref());
    assert_eq!(contacts.ask(SELECT_ICCID), DONE);
    let iccid = served.slot.pull().unwrap().read_file(&[0x2FE2]).unwrap();
    contacts.is_reset();

    let (reader, _served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    assert_eq!(contacts.ask(READ), [&iccid, DONE].concat());
    contacts.send(RESET);
    assert_eq!(contacts.ask(READ), [0x69, 0x86], "a reset card has no file selected");
    contacts.says_nothing();
}

#[test]
fn empty_messages_and_controls_that_nobody_knows_are_passed_over() {
    let (reader, _served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    for message in [&[][..], &[3], &[0xFF], &[]] {
        contacts.send(message);
    }
    contacts.says_nothing();
    assert_eq!(contacts.ask(READ).len(), 12, "the file is selected still");
}

#[test]
fn messages_may_come_in_any_pieces() {
    let (reader, _served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    for octet in [&[0, 5][..], READ].concat() {
        contacts.0.write_all(&[octet]).unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(contacts.receive().len(), 12);
    let together = [&[0, 1, 2, 0, 7][..], SELECT_ICCID, &[0, 5], READ, &[0, 1, 4, 0]].concat();
    contacts.0.write_all(&together).unwrap();
    assert_eq!(contacts.receive(), DONE);
    assert_eq!(contacts.receive().len(), 12);
    assert_eq!(contacts.receive().first(), Some(&0x3B));
    contacts.0.write_all(&[5]).unwrap();
    contacts.0.write_all(READ).unwrap();
    assert_eq!(contacts.receive().len(), 12);
}

#[test]
fn the_longest_message_is_answered_as_any_other() {
    let (reader, _served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    for size in [1_022, 1_023, 1_024, 65_535] {
        let answer = contacts.ask(&vec![0xFF; size]);
        assert_eq!(answer.len(), 2, "{size} octets of nothing were answered {answer:02X?}");
        assert_ne!(answer, DONE);
        assert_eq!(contacts.ask(READ).len(), 12);
    }
}

#[test]
fn a_reader_that_goes_is_waited_for_and_the_card_has_no_power_meanwhile() {
    let (reader, served) = Reader::with(Slot::holding(card()));
    for cut in [&[][..], &[0], &[0, 7, 0, 0xA4]] {
        let mut contacts = reader.accept();
        contacts.start();
        served.is_connected(true);
        contacts.0.write_all(cut).unwrap();
        drop(contacts);
        served.is_connected(false);
        let mut contacts = reader.accept();
        let mut response = Vec::new();
        served.slot.exchange(READ, &mut response);
        assert_eq!(response, [0; 0], "without power");
        assert_eq!(contacts.ask(ATR).first(), Some(&0x3B), "it is there all the same");
        contacts.send(RESET);
        assert_eq!(contacts.ask(READ), [0x69, 0x86], "it begins anew");
    }
}

#[test]
fn a_service_that_does_not_run_yet_is_told_and_waited_for() {
    let reader = Reader::new();
    let address = reader.0.local_addr().unwrap();
    drop(reader);
    let served = Served::at(address, Slot::holding(card()), false);
    served.is_connected(false);
    let reader = Reader(TcpListener::bind(address).unwrap());
    reader.accept().start();
    served.is_connected(true);
}

#[test]
fn a_card_that_is_pulled_leaves_the_reader_and_the_next_one_enters_it() {
    let mut cards = demo::cards(2);
    let other = cards.remove(1);
    let numbers = [cards[0].read_file(&[0x2FE2]), other.read_file(&[0x2FE2])];
    let (reader, served) = Reader::with(Slot::holding(cards.remove(0)));
    let mut contacts = reader.accept();
    contacts.start();
    assert_eq!(contacts.ask(READ)[..10], numbers[0].clone().unwrap());
    served.is_connected(true);
    served.slot.pull().unwrap();
    contacts.is_reset();
    served.is_connected(false);
    thread::sleep(QUIET);
    assert!(reader.0.accept().is_err(), "a slot without a card connects");

    served.slot.insert(other);
    let mut contacts = reader.accept();
    contacts.start();
    assert_eq!(contacts.ask(READ)[..10], numbers[1].clone().unwrap());
    served.is_connected(true);
}

#[test]
fn a_card_that_is_changed_at_once_leaves_the_reader_as_well() {
    let (reader, served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    let card = served.slot.pull().unwrap();
    served.slot.insert(card);
    contacts.is_reset();
    reader.accept().start();
}

#[test]
fn a_command_without_an_answer_ends_the_connection_after_the_waiting_time() {
    let (reader, served) = Reader::with(Slot::holding(weak_card()));
    let mut contacts = reader.accept();
    contacts.start();
    served.is_connected(true);
    contacts.send(UPDATE);
    contacts.is_reset();
    served.is_connected(false);
    reader.accept().start();
}

#[test]
fn a_card_that_is_pulled_within_a_command_ends_the_connection_at_once() {
    let reader = Reader::new();
    let address = reader.0.local_addr().unwrap();
    let served = Served::at(address, Slot::holding(weak_card()), false);
    let mut contacts = reader.accept();
    contacts.start();
    contacts.send(UPDATE);
    contacts.says_nothing();
    let start = Instant::now();
    served.slot.pull().unwrap();
    contacts.is_reset();
    assert!(start.elapsed() < super::WAITING_TIME / 2, "after {:?}", start.elapsed());
}

#[test]
fn a_card_that_answers_no_reset_says_so() {
    let mut card = card();
    card.inject(CardFault::Mute, FaultSpan::UntilHealed);
    let (reader, served) = Reader::with(Slot::holding(card));
    assert_eq!(reader.accept().ask(ATR), [0; 0]);
    served.is_connected(false);
}

#[test]
fn nobody_serves_a_card_any_more_when_the_future_is_dropped() {
    let (reader, served) = Reader::with(Slot::holding(card()));
    let mut contacts = reader.accept();
    contacts.start();
    drop(served);
    contacts.is_reset();
}
