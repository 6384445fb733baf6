//! Commands through a card service and its virtual readers: to a simulated card, and to a card
//! that answers everything at once and sleeps in between, as a plain program does.
//!
//! `cargo bench -p polysim-hal-pcsc --bench vpcd` prints commands a second, medians of several
//! measurements, with the lowest and the highest. Without a card service of its own it says
//! SKIPPED and why.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a program that prints figures"
)]

#[path = "../tests/live/service.rs"]
mod service;

use pcsc::{Card, Context, MAX_BUFFER_SIZE, Protocols, Scope, ShareMode};
use polysim_base::Instant as WorldInstant;
use polysim_hal::TokioClock;
use polysim_hal_sim::{LiveWorld, demo, vpcd};
use service::{FIRST_PORT, Service};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long one measurement takes.
const WINDOW: Duration = Duration::from_millis(200);
const MEASUREMENTS: usize = 21;
/// What is asked of the way to a simulated card, in commands a second.
const BAR: f64 = 15_000.0;
/// How long the service may take to find a card; it looks every 400 ms.
const PATIENCE: Duration = Duration::from_secs(10);

const SIMULATED: &str = "Virtual PCD 00 00";
const BARE: &str = "Virtual PCD 00 01";
/// SELECT of EF.ICCID without an answer, and its ten octets.
const SELECT: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2];
const READ: [u8; 5] = [0x00, 0xB0, 0x00, 0x00, 0x0A];
/// An answer to reset that offers T=0 only.
const ATR: [u8; 2] = [0x3B, 0x00];
const DONE: [u8; 2] = [0x90, 0x00];

fn main() {
    let Some(service) = Service::start() else { return };
    thread::spawn(simulated_card);
    thread::spawn(bare_card);
    let context = Context::establish(Scope::System).unwrap();
    let (simulated, bare) = (connect(&context, SIMULATED), connect(&context, BARE));
    let (mut to_simulated, mut to_bare) = (Vec::new(), Vec::new());
    for _ in 0..MEASUREMENTS {
        // In turns, so that what else the computer does meets both alike.
        to_simulated.push(rate(&simulated));
        to_bare.push(rate(&bare));
    }
    let bare = told("a card that only answers", to_bare);
    let ours = told("a simulated card", to_simulated);
    let percent = 100.0 * ours / bare;
    println!("simulated: bar {BAR:.0}/s, {ours:.0}/s; {percent:.1} % of the bare rate");
    drop(service);
}

/// Serves a simulated card as `polysim expose` does, for ever.
fn simulated_card() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(TokioClock::starting_at(WorldInstant::ZERO));
        let world = LiveWorld::new(&demo::two_phones(), clock).unwrap();
        let slot = world.lend_card(0).unwrap();
        vpcd::serve(&format!("127.0.0.1:{FIRST_PORT}"), &slot, |_| {}).await.unwrap();
    });
}

/// The least that can be called a card, until the service is gone.
fn bare_card() {
    let mut reader = TcpStream::connect(("127.0.0.1", FIRST_PORT + 1)).unwrap();
    reader.set_nodelay(true).unwrap();
    let mut command = [0; 256];
    let mut length = [0; 2];
    while read(&mut reader, &mut length) {
        let length = usize::from(u16::from_be_bytes(length));
        let command = command.get_mut(..length).unwrap();
        if !read(&mut reader, command) {
            return;
        }
        let answer = match *command {
            [4] => ATR,
            [_] => continue,
            _ => DONE,
        };
        let [high, low] = answer;
        if reader.write_all(&[0, 2, high, low]).is_err() {
            return;
        }
    }
}

/// Fills the buffer; `false` if the reader has gone. The driver sends length and contents apart,
/// and sends the second only when the first was acknowledged.
fn read(reader: &mut TcpStream, buffer: &mut [u8]) -> bool {
    rustix::net::sockopt::set_tcp_quickack(&*reader, true).is_ok()
        && reader.read_exact(buffer).is_ok()
}

fn connect(context: &Context, reader: &str) -> Card {
    let name = std::ffi::CString::new(reader).unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        match context.connect(&name, ShareMode::Exclusive, Protocols::T0) {
            Ok(card) => return card,
            Err(error) if Instant::now() > end => panic!("no card in {reader}: {error}"),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn rate(card: &Card) -> f64 {
    let mut buffer = [0; MAX_BUFFER_SIZE];
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < WINDOW {
        for command in [&SELECT[..], &READ].iter().cycle().take(100) {
            let answer = card.transmit(command, &mut buffer).unwrap();
            assert!(answer.ends_with(&DONE), "{command:02X?} was answered {answer:02X?}");
            count += 1;
        }
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Prints rates; returns the median.
fn told(name: &str, mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    let median = rates.get(rates.len() / 2).copied().unwrap();
    let (low, high) = (rates.first().unwrap(), rates.last().unwrap());
    println!("{name}: {median:.0} commands/s ({low:.0} to {high:.0})");
    median
}
