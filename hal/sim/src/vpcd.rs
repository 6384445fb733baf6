//! A simulated card for a running PC/SC service, by way of the virtual reader of vsmartcard.
//!
//! The driver `vpcd` of that project listens on a TCP port for each slot; a card connects there.
//! Messages are a length in two octets, high one first, and that many octets. One octet from the
//! reader is a control: power off, power on, reset, and the question for the answer to reset, which
//! is the only one that is answered. Everything longer is a command, answered by data and status
//! word.
//!
//! The reader takes a connection for a card: one that ends is a card that was pulled out. A command
//! that was under way then fails for the program that sent it if the connection was reset, while
//! one that was closed in order is an answer without a single octet. So all are reset.

mod incoming;
#[cfg(test)]
mod tests;

use crate::Slot;
use incoming::Incoming;
use polysim_hal::Reset;
use std::io;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The port of the first slot of the driver's first reader.
pub const VPCD_PORT: u16 = 0x8C7B;
/// How long to wait before the service is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a reader waits for a card that does not answer: the waiting time of T=0 is about a
/// second (ISO/IEC 7816-3, 10.2). The driver itself would wait for ever.
const WAITING_TIME: Duration = Duration::from_secs(1);
/// How long the next command is waited for without sleeping. Programs send their commands one right
/// after the other, and to be woken for each would take a quarter of the time of an exchange.
const AWAKE: Duration = Duration::from_micros(100);

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ATR: u8 = 4;

/// Puts the card of a slot into a virtual reader, pulls it out and puts it in again as it leaves
/// and enters the slot, and puts it in again whenever the service has come back; it never ends by
/// itself. Dropping the future pulls the card out.
///
/// `connected` hears `true` when the reader has seen the card, and `false` when it has none: the
/// service does not run, or the slot is empty. It may hear the same several times.
///
/// # Errors
/// When the address can never be connected to, such as one of another network.
pub async fn serve(address: &str, slot: &Slot, mut connected: impl FnMut(bool)) -> io::Result<()> {
    let mut changes = slot.changes();
    loop {
        changes.mark_unchanged();
        if slot.is_empty() {
            connected(false);
            // It fails only without a slot.
            changes.changed().await.map_err(io::Error::other)?;
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let pulled = tokio::select! {
                    biased;
                    _ = changes.changed() => true,
                    // However the service has gone, it is waited for.
                    _ = converse(stream, slot, || connected(true)) => false,
                };
                connected(false);
                if pulled {
                    continue;
                }
                slot.power_off();
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Err(error),
            Err(_) => connected(false),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Answers one connection until it ends, or the card leaves a command without an answer.
async fn converse(mut stream: TcpStream, slot: &Slot, mut seen: impl FnMut()) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_zero_linger()?;
    let mut incoming = Incoming::default();
    let mut response = Vec::new();
    let mut answer = Vec::new();
    let mut is_busy = false;
    loop {
        while let Some(message) = incoming.message() {
            is_busy = message.len() > 1;
            match *message {
                [POWER_OFF] => slot.power_off(),
                [POWER_ON] => drop(slot.restart(Reset::Cold)),
                [RESET] => drop(slot.restart(Reset::Warm)),
                [ATR] => {
                    response = slot.atr().unwrap_or_default();
                    // No answer to reset, no card: the reader ends the connection.
                    send(&mut stream, &response, &mut answer).await?;
                    if !response.is_empty() {
                        seen();
                    }
                }
                [] | [_] => {}
                _ => {
                    slot.exchange(message, &mut response);
                    if response.is_empty() {
                        tokio::time::sleep(WAITING_TIME).await;
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    send(&mut stream, &response, &mut answer).await?;
                }
            }
        }
        let read = receive(&mut stream, incoming.space(), is_busy).await?;
        if read == 0 {
            return Ok(());
        }
        incoming.filled(read);
    }
}

/// Receives what comes next; `is_busy` says that it is likely to come at once.
async fn receive(stream: &mut TcpStream, space: &mut [u8], is_busy: bool) -> io::Result<usize> {
    // The driver sends length and contents one by one, and the second only when the first was
    // acknowledged: without quick acknowledgements, which the system takes back by itself, a card
    // would answer twenty commands a second.
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    let start = Instant::now();
    while is_busy && start.elapsed() < AWAKE {
        match stream.try_read(space) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // Whatever else this thread and this processor have to do is done meanwhile.
                tokio::task::yield_now().await;
                std::thread::yield_now();
            }
            other => return other,
        }
    }
    stream.read(space).await
}

/// Sends a message in one piece; `buffer` is where it is put together.
async fn send(stream: &mut TcpStream, message: &[u8], buffer: &mut Vec<u8>) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    buffer.clear();
    buffer.extend_from_slice(&length.to_be_bytes());
    buffer.extend_from_slice(message);
    stream.write_all(buffer).await
}
