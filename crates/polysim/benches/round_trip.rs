//! AT round trips through the facade: over a port in memory, and over a pseudo-terminal beside
//! the same lines sent and read without it.
//!
//! `cargo bench -p polysim --bench round_trip` prints round trips a second, medians of several
//! measurements, with the lowest and the highest.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures")]

use polysim::{Modem, ModemOptions};
use polysim_hal::ModemPort;
use polysim_hal::testkit::memory_port;
use polysim_hal_serial::{SerialPort, SerialSettings};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe::{Receiver, Sender};

/// How long one measurement takes.
const WINDOW: Duration = Duration::from_millis(150);
const MEASUREMENTS: usize = 31;
const ASKED: &[u8] = b"AT+CESQ\r";
const ANSWER: &[u8] = b"\r\n+CESQ: 99,99,255,255,20,50\r\n\r\nOK\r\n";

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let memory = measure("facade over memory", async || {
            let (near, far) = memory_port();
            let responder = tokio::spawn(respond(far));
            let modem = Modem::open(Box::new(near), ModemOptions::default());
            let rate = facade_rate(&modem).await;
            responder.abort();
            rate
        })
        .await;
        println!("one core, facade and responder together: bar 200000/s, {memory:.0}/s");
        compare().await;
    });
}

/// Takes turns, so that what else the computer does meets both alike, and compares the highest
/// rates: a pseudo-terminal waits for the kernel's workers, which other programs hold up.
async fn compare() {
    let (mut bare, mut facade) = (Vec::new(), Vec::new());
    for _ in 0..MEASUREMENTS {
        bare.push(bare_pty().await);
        facade.push(facade_pty().await);
    }
    told("bare pseudo-terminal", &bare);
    told("facade over a pseudo-terminal", &facade);
    let (bare, facade) = (highest(&bare), highest(&facade));
    println!("facade against bare: {:.1} % of the rate (bar 75 %)", 100.0 * facade / bare);
}

fn highest(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(0.0, f64::max)
}

async fn measure(name: &str, one: impl AsyncFn() -> f64) -> f64 {
    let mut rates = Vec::new();
    for _ in 0..MEASUREMENTS {
        rates.push(one().await);
    }
    told(name, &rates)
}

fn told(name: &str, rates: &[f64]) -> f64 {
    let mut rates = rates.to_vec();
    rates.sort_by(f64::total_cmp);
    let median = rates.get(rates.len() / 2).copied().unwrap();
    let (low, high) = (rates.first().unwrap(), rates.last().unwrap());
    println!("{name}: {median:.0} round trips/s ({low:.0} to {high:.0})");
    median
}

async fn facade_rate(modem: &Modem) -> f64 {
    modem.signal().await.unwrap();
    rate(async || {
        modem.signal().await.unwrap();
    })
    .await
}

async fn rate(mut round_trip: impl AsyncFnMut()) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < WINDOW {
        for _ in 0..100 {
            round_trip().await;
        }
        count += 100;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// The least that can be called a modem.
async fn respond(mut port: impl ModemPort) {
    let mut buffer = [0; 256];
    while let Ok(read) = port.read(&mut buffer).await {
        if buffer.get(..read).is_some_and(|bytes| bytes.ends_with(b"\r")) {
            port.write(ANSWER).await.unwrap();
        }
    }
}

async fn bare_pty() -> f64 {
    let (mut port, responder) = pty().await;
    let mut buffer = [0; 256];
    let rate = rate(async || {
        port.write(ASKED).await.unwrap();
        let mut read = 0;
        while read < ANSWER.len() {
            read += port.read(&mut buffer).await.unwrap();
        }
    })
    .await;
    responder.abort();
    rate
}

async fn facade_pty() -> f64 {
    let (port, responder) = pty().await;
    let modem = Modem::open(Box::new(port), ModemOptions::default());
    let rate = facade_rate(&modem).await;
    responder.abort();
    rate
}

async fn pty() -> (SerialPort, tokio::task::JoinHandle<()>) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    rustix::io::ioctl_fionbio(&master, true).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let port = SerialPort::open(&path, SerialSettings::default()).await.unwrap();
    (port, tokio::spawn(respond_at(File::from(master))))
}

async fn respond_at(master: File) {
    // Any descriptor that can be waited for will do.
    let mut from = Receiver::from_file_unchecked(master.try_clone().unwrap()).unwrap();
    let mut to = Sender::from_file_unchecked(master).unwrap();
    let mut buffer = [0; 256];
    while let Ok(read) = from.read(&mut buffer).await {
        if buffer.get(..read).is_some_and(|bytes| bytes.ends_with(b"\r")) {
            to.write_all(ANSWER).await.unwrap();
        }
    }
}
