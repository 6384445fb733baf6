//! The eUICC, as a terminal and an LPA see it.

mod arbitrary;
mod download;
mod install;
mod manage;
mod parties;
mod power;
mod session;
mod transport;

use std::sync::Arc;

use polysim_base::{Iccid, Imsi, Instant, Purpose, Stream};
use polysim_rsp::crypto::Randomness;
use polysim_rsp::data::{
    self, DeleteProfileRequest, DisableProfileRequest, EnableProfileRequest, NotificationEvent,
    ProfileIdentifier, decode, encode,
};

use super::*;
use crate::testkit::server::{PRESET_ICCIDS as ICCIDS, PRESET_IMSIS as IMSIS, Server};
use crate::tests::{hex, send};

/// STORE DATA blocks as long as the usual LPA makes them.
const MSS: usize = 120;

fn iccid(at: usize) -> data::Iccid {
    data::Iccid::from(&Iccid::parse(ICCIDS[at]).unwrap())
}

fn enable(at: usize, refresh_flag: bool) -> EnableProfileRequest {
    EnableProfileRequest { profile_identifier: ProfileIdentifier::Iccid(iccid(at)), refresh_flag }
}

fn config() -> EuiccConfig {
    Server::default().euicc()
}

fn made(config: EuiccConfig) -> Card {
    let mut card = Card::new_euicc(config).unwrap();
    assert!(card.power_on().is_some());
    card
}

/// Sends a command and fetches all that it answers; the last status word is returned beside.
fn exchange(card: &mut Card, command: &[u8]) -> (Vec<u8>, [u8; 2]) {
    let (mut all, mut response) = (Vec::new(), Vec::new());
    card.transmit(Instant::ZERO, command, &mut response);
    loop {
        let Some((data, status)) = response.split_last_chunk::<2>() else {
            return (all, [0, 0]);
        };
        all.extend_from_slice(data);
        let [0x61, length] = *status else {
            return (all, *status);
        };
        let fetch = [command[0], 0xC0, 0x00, 0x00, length];
        card.transmit(Instant::ZERO, &fetch, &mut response);
    }
}

/// An LPA with a logical channel on which the ISD-R is selected.
struct Lpa {
    channel: u8,
}

impl Lpa {
    /// Opens a channel as an LPA does.
    fn open(card: &mut Card) -> Self {
        assert_eq!(send(card, "80AA00000AA9088100820101830107"), [0x90, 0x00]);
        let opened = send(card, "0070000001");
        let [channel, 0x90, 0x00] = opened[..] else { panic!("{opened:02X?}") };
        let select = format!("0{channel}A4040010A0000005591010FFFFFFFF8900000100");
        assert_eq!(send(card, &select)[0], 0x61);
        Self { channel }
    }

    fn close(self, card: &mut Card) {
        assert_eq!(send(card, &format!("007080{:02X}00", self.channel)), [0x90, 0x00]);
    }

    /// Carries a function out over STORE DATA.
    fn ask_raw(&self, card: &mut Card, request: &[u8]) -> (Vec<u8>, [u8; 2]) {
        let blocks = request.len().div_ceil(MSS);
        let mut answer = (Vec::new(), [0x90, 0x00]);
        for (number, block) in request.chunks(MSS).enumerate() {
            let p1 = if number + 1 == blocks { 0x91 } else { 0x11 };
            let header = [0x80 | self.channel, 0xE2, p1, low(number), low(block.len())];
            answer = exchange(card, &[&header, block].concat());
            if number + 1 < blocks {
                assert_eq!(answer, (Vec::new(), [0x90, 0x00]), "block {number}");
            }
        }
        answer
    }

    fn ask<Q: rasn::Encode, A: rasn::Decode>(&self, card: &mut Card, request: &Q) -> A {
        let (answer, status) = self.ask_raw(card, &encode(request));
        assert!(matches!(status[0], 0x90 | 0x91), "{status:02X?}");
        decode("answer", &answer).unwrap()
    }
}

/// Returns the low octet of a number.
fn low(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

/// IMSI that the terminal sees.
fn seen(card: &Card) -> Option<String> {
    card.imsi().map(|imsi| imsi.digits().map(|digit| char::from(b'0' + digit)).collect())
}
