//! For tests and fuzzing: the bodies of the fuzz targets.

use alloc::vec::Vec;

use polysim_base::Instant;
use polysim_sms::{Accepted, Address, DataCoding, Part, Reassembler, Reference, Timestamp};

use crate::script::{CompactResponse, CompactScript, ExpandedResponse, ExpandedScript, Management};
use crate::sms::{PacketKind, carried};
use crate::{
    Algorithm, Answer, CommandPacket, Counter, CounterMode, Explanation, Integrity, Key, KeySet,
    KeyVersion, MinimumSecurity, ProofWanted, Protection, Receiver, Refusal, RefusalReason,
    ResponsePacket, Sender, SingleDesAccepted, Spi, StatusCode, Tar, Verdict,
};

const TAR: Tar = Tar::USIM_FILES;
const LAST: u64 = 1_000;

/// Bytes to draw values from; zeros after the end.
struct Draw<'a>(&'a [u8]);

impl Draw<'_> {
    fn octet(&mut self) -> u8 {
        let (octet, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *octet
    }

    fn key(&mut self) -> Key {
        let algorithm = match self.octet() % 6 {
            0 => Algorithm::TripleDes2,
            1 => Algorithm::TripleDes3,
            2 => Algorithm::Aes128,
            3 => Algorithm::Aes192,
            4 => Algorithm::Aes256,
            _ => return Key::single_des([self.octet(); 8], SingleDesAccepted),
        };
        let first = self.octet();
        let bytes: Vec<u8> =
            (0..32).take(algorithm.key_len()).map(|i: u8| first.wrapping_add(i * 2)).collect();
        Key::new(algorithm, &bytes).unwrap_or_else(|_| Key::single_des([0; 8], SingleDesAccepted))
    }

    fn keys(&mut self) -> Option<KeySet> {
        let version = KeyVersion::new(1 + self.octet() % 15)?;
        Some(KeySet::new(version, self.key(), self.key()))
    }

    fn spi(&mut self) -> Spi {
        Spi::parse([self.octet(), self.octet()]).unwrap_or(Spi::FULL)
    }
}

/// Gives a card a packet made of the input, then one that a server makes, whole and with each of
/// a few bits flipped; and reads the input as scripts.
///
/// # Panics
/// When a forged packet is believed, a genuine one is not, a refusal changes the card, or
/// something made with a key goes to somebody who has not shown to have it.
pub fn fuzz_ota_receiver(data: &[u8]) {
    read_scripts(data);
    let mut draw = Draw(data);
    let Some(keys) = draw.keys() else { return };
    let minimum = if draw.octet() & 1 == 0 { MinimumSecurity::NONE } else { MinimumSecurity::FULL };
    let spi = draw.spi();
    let flip = usize::from(draw.octet()) << 8 | usize::from(draw.octet());
    let mut card = Receiver::new();
    card.install_keys(keys.clone(), Counter::from([0, 0, 0, 3, 0xE8]));
    assert_eq!(card.register(TAR, minimum), Ok(()));

    judge_arbitrary(&mut card, &keys, draw.0);
    explain(&keys, draw.0);
    let mut sender = Sender::new(keys.clone(), Counter::new(LAST).unwrap_or(Counter::ZERO));
    let Ok(sealed) = sender.seal(TAR, spi, draw.0) else { return };
    carry(&sealed.packet);
    explain(&keys, &sealed.packet);
    flipped_bit_is_refused(&mut card, &keys, spi, &sealed.packet, flip);
    match card.check(&sealed.packet) {
        Ok(pending) => {
            assert!(minimum.is_met_by(spi));
            let command = pending.commit();
            assert_eq!((command.data(), command.counter()), (draw.0, sealed.expected.counter()));
            if let Ok(Some(proof)) = command.prove(StatusCode::Ok, draw.0) {
                let answer = sealed.expected.judge(&proof.packet);
                let data = match answer {
                    Ok(Answer::Proof(response)) => Ok(response.data),
                    Ok(Answer::Hint(status)) => Err(Ok(status)),
                    Err(error) => Err(Err(error)),
                };
                assert_eq!(data.as_deref(), Ok(draw.0));
            }
        }
        Err(refusal) => {
            let by_policy = !minimum.is_met_by(spi) || spi.integrity < Integrity::Checksum;
            assert!(by_policy, "{refusal}");
            return;
        }
    }
    if spi.counter >= CounterMode::Higher {
        let replay = card.check(&sealed.packet).map(|_| ()).map_err(|refusal| refusal.reason);
        assert!(matches!(replay, Err(RefusalReason::Counter(_))), "{replay:?}");
    }
}

/// The fields of an explanation are the packet, in order, and its data is that of the packet.
fn explain(keys: &KeySet, packet: &[u8]) {
    if let Ok(view) = CommandPacket::parse(packet) {
        covers(packet, &view.explain(None));
        let explanation = view.explain(Some(keys));
        covers(packet, &explanation);
        let protection = Protection::of_command(view.header(), Some(keys)).ok();
        let opened = protection.and_then(|protection| view.open(&protection).ok());
        assert_eq!(opened.is_some(), explanation.verdict == Verdict::Opened);
        assert!(opened.is_none_or(|opened| explanation.data() == Some(&*opened.data)));
    }
    if let Ok(view) = ResponsePacket::parse(packet) {
        covers(packet, &view.explain(None));
        covers(packet, &view.explain(Some(&Protection::NONE)));
    }
}

fn covers(packet: &[u8], explanation: &Explanation) {
    let mut end = 0;
    for field in &explanation.fields {
        assert_eq!(field.at, end, "{}", field.name);
        end += field.octets.len();
        assert!(!field.meaning.is_empty());
    }
    assert_eq!(end, packet.len());
}

/// Octets from nowhere are believed only if they are what the holder of the key would make.
fn judge_arbitrary(card: &mut Receiver, keys: &KeySet, packet: &[u8]) {
    let before = card.counter(keys.version());
    match card.check(packet) {
        Ok(pending) => {
            let header = *pending.header();
            let authenticated = header.spi.integrity == Integrity::Checksum;
            assert_eq!(pending.counter_used().is_some(), header.spi.counter >= CounterMode::Higher);
            assert!(authenticated || pending.counter_used().is_none());
            if let Ok(view) = CommandPacket::parse(packet) {
                let protection = Protection::of_command(&header, Some(keys));
                let opened = protection.ok().map(|protection| view.open(&protection).is_ok());
                assert!(opened == Some(true) || !header.spi.ciphered && !authenticated);
            }
        }
        Err(refusal) => refusal_gives_nothing_away(&refusal),
    }
    assert_eq!(card.counter(keys.version()), before);
}

fn flipped_bit_is_refused(
    card: &mut Receiver,
    keys: &KeySet,
    spi: Spi,
    packet: &[u8],
    flip: usize,
) {
    let before = card.counter(keys.version());
    let mut packet = packet.to_vec();
    let bit = flip % (packet.len() * 8);
    if let Some(octet) = packet.get_mut(bit / 8) {
        *octet ^= 1 << (bit % 8);
    }
    let (believed, refusal) = match card.check(&packet) {
        Ok(pending) => (Some(pending.header().spi), None),
        Err(refusal) => (None, Some(refusal)),
    };
    // A flip may also turn a checksum off, which only an application that wants none accepts.
    let authenticated = believed.is_some_and(|spi| spi.integrity == Integrity::Checksum);
    assert!(!authenticated || spi.integrity < Integrity::Checksum, "bit {bit}");
    if let Some(refusal) = refusal {
        refusal_gives_nothing_away(&refusal);
    }
    assert_eq!(card.counter(keys.version()), before);
}

/// Only a wrong counter, found under a checksum that held, is answered with a key.
fn refusal_gives_nothing_away(refusal: &Refusal) {
    let Some(proof) = &refusal.proof else { return };
    if !matches!(refusal.reason, RefusalReason::Counter(_)) {
        let clear = ResponsePacket::parse(&proof.packet)
            .map(|packet| packet.open(&Protection::NONE).map(|response| response.status));
        assert_eq!(clear, Ok(Ok(refusal.reason.status().unwrap_or(StatusCode::Ok))));
    }
}

/// Gives a server an answer made of the input.
///
/// # Panics
/// When it is believed to be a success where a key was to prove that.
pub fn fuzz_ota_sender(data: &[u8]) {
    read_scripts(data);
    let mut draw = Draw(data);
    let Some(keys) = draw.keys() else { return };
    let spi = draw.spi();
    let Ok(sealed) = Sender::new(keys.clone(), Counter::ZERO).seal(TAR, spi, b"script") else {
        return;
    };
    let header = *sealed.expected.header();
    let Ok(protection) = Protection::of_proof(&header, Some(&keys)) else { return };
    for packet in [data, draw.0] {
        explain(&keys, packet);
        match sealed.expected.judge(packet) {
            Ok(Answer::Proof(response)) => {
                assert_eq!((response.tar, response.counter), (TAR, sealed.expected.counter()));
                let opened = ResponsePacket::parse(packet).map(|packet| packet.open(&protection));
                assert_eq!(opened, Ok(Ok(response)));
            }
            Ok(Answer::Hint(status)) => {
                assert_ne!(status, StatusCode::Ok);
                let asked = spi.proof.ciphered || spi.proof.integrity != Integrity::None;
                assert!(asked && spi.proof.wanted != ProofWanted::Never, "nothing was asked for");
            }
            Err(error) => assert!(!alloc::format!("{error}").is_empty()),
        }
    }
}

/// A packet comes out of messages as it went in.
fn carry(packet: &[u8]) {
    let Ok(parts) = PacketKind::Command.carry(packet, DataCoding::OTA, Reference::Eight(7)) else {
        return;
    };
    let Ok(originator) = Address::parse_dialled("12345678") else { return };
    let timestamp = Timestamp::from_octets([0; 7]);
    let mut reassembler = Reassembler::default();
    let mut whole = None;
    for user_data in parts {
        let part = Part { originator, timestamp, user_data, tag: () };
        if let Ok(Accepted::Complete(complete)) = reassembler.accept(Instant::ZERO, part) {
            whole = carried(&complete);
        }
    }
    assert_eq!(whole, Some((PacketKind::Command, packet.to_vec())));
}

/// What was read is the same after writing and reading it again.
fn read_scripts(data: &[u8]) {
    for management in [Management::Files, Management::Applications] {
        let mut again = CompactScript::new();
        let commands = CompactScript::commands(data, management).map_while(Result::ok);
        for command in commands {
            assert_eq!(again.push(&command), Ok(()));
        }
        assert!(data.starts_with(again.octets()));
    }
    if let Ok(script) = ExpandedScript::parse(data) {
        assert_eq!(ExpandedScript::parse(&script.octets()), Ok(script));
    }
    if let Ok(response) = ExpandedResponse::parse(data) {
        assert_eq!(ExpandedResponse::parse(&response.octets()), Ok(response));
    }
    if let Ok(response) = CompactResponse::parse(data) {
        assert_eq!(response.octets(), data);
    }
}
