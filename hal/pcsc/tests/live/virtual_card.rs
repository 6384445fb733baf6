//! A simulated card in a virtual reader, over the protocol of vpcd.

use polysim_base::Instant;
use polysim_card::testkit::{card_config, profile_config};
use polysim_card::{Card, CardFault, FaultSpan, Profile};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// A card that sits in a virtual reader until it is pulled.
#[derive(Debug)]
pub(crate) struct VirtualCard {
    socket: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl VirtualCard {
    /// Puts the test card into the reader of a port.
    pub(crate) fn insert(port: u16) -> Self {
        Self::insert_with(port, |_| {})
    }

    /// Puts a card in that answers to reset, and to nothing else, not ever.
    pub(crate) fn insert_silent(port: u16) -> Self {
        Self::insert_with(port, |card| card.inject(CardFault::Mute, FaultSpan::UntilHealed))
    }

    fn insert_with(port: u16, prepare: impl FnOnce(&mut Card)) -> Self {
        let profile = Profile::new(profile_config()).unwrap();
        let mut card = Card::new(card_config(profile));
        prepare(&mut card);
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        socket.set_nodelay(true).unwrap();
        let far = socket.try_clone().unwrap();
        let thread = thread::spawn(move || serve(far, card));
        Self { socket, thread: Some(thread) }
    }

    /// Pulls the card out.
    pub(crate) fn pull(self) {}
}

impl Drop for VirtualCard {
    fn drop(&mut self) {
        // The reader may have closed the connection already.
        drop(self.socket.shutdown(Shutdown::Both));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn serve(mut socket: TcpStream, mut card: Card) {
    // The reader asks for the answer to reset to see whether a card is there, powered or not.
    let atr = Arc::clone(card.profile().atr());
    let mut response = Vec::new();
    while let Some(message) = receive(&mut socket) {
        let answer = match *message.as_slice() {
            [] => continue,
            [0] => {
                card.power_off();
                continue;
            }
            [1] => {
                card.power_on();
                continue;
            }
            // The service also resets a card that it has left without power.
            [2] if card.is_on() => {
                card.reset();
                continue;
            }
            [2] => {
                card.power_on();
                continue;
            }
            [4] => &*atr,
            _ => {
                card.transmit(Instant::ZERO, &message, &mut response);
                if response.is_empty() {
                    continue;
                }
                &response
            }
        };
        let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
        if socket.write_all(&[&length, answer].concat()).is_err() {
            return;
        }
    }
}

/// Returns the next message; `None` when the reader or the card is gone.
fn receive(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 2];
    read(socket, &mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    read(socket, &mut message)?;
    Some(message)
}

/// Reads with acknowledgements at once: the reader writes length and message apart, and would
/// otherwise wait 40 ms for the first one's.
fn read(socket: &mut TcpStream, buffer: &mut [u8]) -> Option<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        rustix::net::sockopt::set_tcp_quickack(&*socket, true).ok()?;
        match socket.read(&mut buffer[filled..]) {
            Ok(0) | Err(_) => return None,
            Ok(read) => filled += read,
        }
    }
    Some(())
}
