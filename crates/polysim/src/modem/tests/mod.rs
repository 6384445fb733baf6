//! The facade against a scripted modem behind a line in memory, in paused time.

mod calls;
mod card;
mod faults;
mod texts;

use super::{Modem, ModemOptions, Reopening};
use polysim_base::{Instant, Purpose, Stream};
use polysim_hal::testkit::{MemoryPort, memory_port};
use polysim_hal::{ModemPort, TokioClock};
use polysim_modem::testkit::FakeModem;
use polysim_sms::{Address, AtPdu, Deliver, MobileTerminated, Timestamp, UserData};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::mpsc;

/// What a test does to the far side.
enum Act {
    Say(Vec<u8>),
    /// Answer nothing from now on, or again.
    Mute(bool),
    /// Unplug, and plug in again after so long, rebooted.
    Unplug(Duration),
}

/// A scripted modem at the far end of a line.
struct Far {
    fake: Arc<Mutex<FakeModem>>,
    acts: mpsc::UnboundedSender<Act>,
}

impl Far {
    fn fake(&self) -> MutexGuard<'_, FakeModem> {
        self.fake.lock().unwrap()
    }

    /// Says lines, framed.
    fn say(&self, lines: &[&str]) {
        let framed: String = lines.iter().map(|line| format!("\r\n{line}\r\n")).collect();
        self.say_bytes(framed.into_bytes());
    }

    fn say_bytes(&self, bytes: Vec<u8>) {
        self.acts.send(Act::Say(bytes)).unwrap_or_else(|_| panic!("the far side is gone"));
    }

    fn act(&self, act: Act) {
        self.acts.send(act).unwrap_or_else(|_| panic!("the far side is gone"));
    }

    /// Returns the command lines since the last time.
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.fake().lines)
    }
}

async fn serve(
    fake: Arc<Mutex<FakeModem>>,
    mut port: MemoryPort,
    mut acts: mpsc::UnboundedReceiver<Act>,
) {
    let mut buffer = [0; 4096];
    let mut is_mute = false;
    loop {
        tokio::select! {
            biased;
            act = acts.recv() => match act {
                Some(Act::Say(bytes)) => drop(port.write(&bytes).await),
                Some(Act::Mute(mute)) => is_mute = mute,
                Some(Act::Unplug(pause)) => {
                    port.close();
                    tokio::time::sleep(pause).await;
                    port.reopen().await.unwrap();
                    let reboot = fake.lock().unwrap().reboot();
                    drop(port.write(&reboot).await);
                }
                None => return,
            },
            read = port.read(&mut buffer) => {
                let Ok(read) = read else {
                    // The near side has opened the line anew.
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    drop(port.reopen().await);
                    continue;
                };
                let answer = fake.lock().unwrap().handle(&buffer[..read]);
                if !is_mute {
                    drop(port.write(&answer).await);
                }
            }
        }
    }
}

/// A modem that nothing was said to, and its far side.
fn opened(fake: FakeModem) -> (Modem, Far) {
    opened_through(fake, |port| Box::new(port))
}

fn opened_through(
    fake: FakeModem,
    wrap: impl FnOnce(MemoryPort) -> Box<dyn ModemPort>,
) -> (Modem, Far) {
    let (near, port) = memory_port();
    let fake = Arc::new(Mutex::new(fake));
    let (acts, acted) = mpsc::unbounded_channel();
    tokio::spawn(serve(Arc::clone(&fake), port, acted));
    let options = ModemOptions {
        clock: Arc::new(TokioClock::starting_at(Instant::ZERO)),
        reopening: Reopening {
            jitter: Some(Stream::derive(1, 0, Purpose::Test, 0)),
            ..Reopening::default()
        },
        ..ModemOptions::default()
    };
    (Modem::open(wrap(near), options), Far { fake, acts })
}

/// A modem that is initialised.
async fn ready() -> (Modem, Far) {
    let (modem, far) = opened(FakeModem::default());
    modem.initialise(None).await.unwrap();
    far.lines();
    (modem, far)
}

/// The PDU line of a text that is received.
fn short(text: &str) -> String {
    deliver(UserData::from_text(text).unwrap())
}

fn deliver(user_data: UserData) -> String {
    let timestamp = Timestamp::new((26, 3, 1), (12, 0, 0), 4).unwrap();
    let from = Address::international("491701234567").unwrap();
    let mut line = Vec::new();
    AtPdu::new(MobileTerminated::Deliver(Deliver::new(from, timestamp, user_data)))
        .write_hex(&mut line);
    String::from_utf8(line).unwrap()
}

async fn secs(secs: u64) {
    tokio::time::sleep(Duration::from_secs(secs)).await;
}
