//! Recorded sessions of real cards, replayed against both sides of T=0, the commands and the
//! contents of the files that were read.

use serde_json::Value;
use std::{format, string::String, vec::Vec};

use crate::ef::{self, Contents};
use crate::{
    AccessRules, Atr, Command, CommandApdu, Direction, Fcp, FileId, Ins, Instruction, Le, Select,
    SelectTarget, Status, T0Card, T0Exchange, T0Host,
};

fn hex(value: &Value) -> Vec<u8> {
    polysim_base::parse_hex(value.as_str().unwrap().as_bytes()).unwrap()
}

/// A command and its answer over T=0, put together from its exchanges.
struct Replay {
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    selected: Option<FileId>,
    files_read: usize,
    fcps: usize,
}

impl Replay {
    const fn new() -> Self {
        Self { exchanges: Vec::new(), selected: None, files_read: 0, fcps: 0 }
    }

    /// Takes a TPDU and its answer; GET RESPONSE belongs to the command before.
    fn take(&mut self, tpdu: &[u8], answer: &[u8]) {
        if tpdu[1] != Ins::GetResponse.byte() {
            self.finish();
        }
        self.exchanges.push((tpdu.to_vec(), answer.to_vec()));
    }

    fn finish(&mut self) {
        let exchanges = core::mem::take(&mut self.exchanges);
        let Some((tpdu, answer)) = exchanges.first() else { return };
        let command = Command::parse(tpdu).unwrap_or_else(|status| panic!("{tpdu:02x?}: {status}"));
        let mut apdu = CommandApdu::parse(tpdu).unwrap();
        if let [_, get_response] = exchanges.as_slice() {
            assert_eq!(answer.len(), 2, "data before GET RESPONSE");
            assert_eq!(answer[0], 0x61);
            assert_eq!(answer[1], get_response.0[4], "GET RESPONSE asks for what was told");
            apdu = CommandApdu::new(apdu.header(), apdu.data(), Some(Le::ANY)).unwrap();
        }
        let response = host_replays(&apdu, &exchanges);
        card_replays(&exchanges, &response);
        self.understand(&command, &response);
    }

    /// Follows the selected file and reads what comes out of it.
    fn understand(&mut self, command: &Command<'_>, response: &[u8]) {
        let (data, status) = response.split_at(response.len() - 2);
        if !matches!(Status::from_bytes(status[0], status[1]), Status::Success) {
            return;
        }
        if let Instruction::Select(Select { target, .. }) = command.instruction {
            self.selected = match target {
                SelectTarget::FileId(file) | SelectTarget::ChildDf(file) => Some(file),
                SelectTarget::PathFromMf(path) | SelectTarget::PathFromCurrentDf(path) => {
                    path.files().last()
                }
                SelectTarget::Aid { .. } | SelectTarget::ParentDf => None,
            };
            if !data.is_empty() {
                let fcp = Fcp::parse(data).unwrap();
                let mut out = Vec::new();
                fcp.emit(&mut out);
                assert_eq!(out, data);
                assert!(fcp.file_id.is_none_or(|file| self.selected.is_none_or(|s| s == file)));
                self.fcps += 1;
            }
        }
        if let Instruction::ReadBinary { length, .. } | Instruction::ReadRecord { length, .. } =
            command.instruction
        {
            assert_eq!(data.len(), length.bytes());
            if let Some(file) = self.selected {
                self.files_read += usize::from(reads_back(file, data));
            }
        }
    }
}

/// The host sends the TPDUs of the recording when it gets the answers of the recording.
fn host_replays(apdu: &CommandApdu<'_>, exchanges: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut host = T0Host::new(apdu).unwrap();
    for (at, (tpdu, answer)) in exchanges.iter().enumerate() {
        assert_eq!(host.tpdu(), tpdu);
        if let Some(response) = host.handle(answer).unwrap() {
            assert_eq!(at + 1, exchanges.len());
            let mut out = Vec::new();
            response.emit(&mut out);
            return out;
        }
    }
    panic!("not done: {exchanges:02x?}");
}

/// The card, executing to the same response, answers as in the recording.
fn card_replays(exchanges: &[(Vec<u8>, Vec<u8>)], response: &[u8]) {
    let (mut t0, mut reply) = (T0Card::lenient(), Vec::new());
    for (tpdu, answer) in exchanges {
        if let Some(command) = t0.receive(tpdu, &mut reply) {
            let (data, status) = response.split_at(response.len() - 2);
            reply.extend_from_slice(data);
            t0.answer(&command, Status::from_bytes(status[0], status[1]), &mut reply);
        }
        assert_eq!(&reply, answer, "{tpdu:02x?}");
    }
}

/// Reads a file and writes it back; `false` if there is no type for it or it is a DF's.
fn reads_back(file: FileId, data: &[u8]) -> bool {
    fn same<T: Contents>(data: &[u8]) -> bool {
        let contents = T::parse(data).unwrap_or_else(|error| panic!("{data:02x?}: {error}"));
        assert_eq!(contents.emit(data.len()).unwrap(), data);
        true
    }
    match file.0 {
        0x2F00 => same::<ef::Application>(data),
        0x2F05 | 0x6F05 => same::<ef::Languages>(data),
        0x2FE2 => same::<polysim_base::Iccid>(data),
        0x6F07 => same::<polysim_base::Imsi>(data),
        0x6F08 | 0x6F09 => same::<ef::CipherKeys>(data),
        0x4F20 | 0x4F52 if data.len() == 9 => same::<ef::GsmKey>(data),
        0x6F31 => same::<ef::Octet>(data),
        0x6F38 | 0x6F56 => same::<ef::ServiceTable>(data),
        0x6F42 => same::<ef::Smsp>(data),
        0x6F43 => same::<ef::SmsStatus>(data),
        0x6F3B | 0x6F49 => same::<ef::Adn>(data),
        0x6F46 => same::<ef::Spn>(data),
        0x6F5B => same::<ef::StartHfn>(data),
        0x6F5C => same::<ef::Threshold>(data),
        0x6F60..=0x6F62 => same::<ef::PlmnActList>(data),
        0x6F73 => same::<ef::PsLoci>(data),
        0x6F78 => same::<ef::AccessClasses>(data),
        0x6F7B | 0x6FD9 => same::<ef::PlmnList>(data),
        0x6F7E => same::<ef::Loci>(data),
        0x6FAD => same::<ef::Administrative>(data),
        0x6FB7 => same::<ef::Ecc>(data),
        0x6FC4 => same::<ef::Raw>(data),
        0x6FDB => same::<ef::EhplmnIndication>(data),
        0x6FE3 => same::<ef::EpsLoci>(data),
        0x6FE4 => same::<ef::EpsSecurity>(data),
        0x2F06 | 0x6F06 => {
            let mut out = Vec::new();
            AccessRules::parse(data).unwrap().emit(&mut out);
            assert!(data.starts_with(&out) && data[out.len()..].iter().all(|byte| *byte == 0xFF));
            true
        }
        _ => false,
    }
}

#[test]
fn a_phone_and_its_card_are_understood() {
    let trace: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/apdu_real_trace.json")).unwrap();
    let entries = trace["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 478);
    assert!(Atr::parse(&hex(&entries[0]["apdu_hex"])).is_ok());
    let mut channels = [const { Replay::new() }; 4];
    for entry in &entries[1..] {
        let bytes = hex(&entry["apdu_hex"]);
        let exchange = T0Exchange::parse(&bytes).unwrap_or_else(|error| panic!("{entry}: {error}"));
        let ins = Ins::from_byte(exchange.header.ins).unwrap();
        assert_eq!(ins.direction() == Direction::ToCard, exchange.received.is_empty());
        assert!(!matches!(exchange.status, Status::Other(_)), "{entry}");
        assert_eq!(Command::decode(&exchange.command()), Command::parse(&tpdu(&exchange)));
        let channel = Command::decode(&exchange.command()).unwrap().class.channel();
        let answer = [exchange.received, &exchange.status.to_bytes()].concat();
        channels[usize::from(channel.number())].take(&tpdu(&exchange), &answer);
    }
    channels.iter_mut().for_each(Replay::finish);
    let fcps: usize = channels.iter().map(|replay| replay.fcps).sum();
    let files: usize = channels.iter().map(|replay| replay.files_read).sum();
    assert_eq!((fcps, files), FOUND);
}

/// Templates and files of types we know in the recording of the phone.
const FOUND: (usize, usize) = (125, 50);

fn tpdu(exchange: &T0Exchange<'_>) -> Vec<u8> {
    [&exchange.header.bytes(), &[exchange.p3][..], exchange.sent].concat()
}

#[test]
fn a_shell_and_its_card_are_understood() {
    let transcript: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/pysim_shell_transcript.json"))
            .unwrap();
    let entries = transcript["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 149);
    let mut replay = Replay::new();
    let mut refused: Vec<String> = Vec::new();
    for entry in entries {
        if entry.get("ctrl").is_some() {
            replay.finish();
            assert!(Atr::parse(&hex(&entry["atr"])).is_ok());
            continue;
        }
        let (tpdu, answer) = (hex(&entry["c"]), hex(&entry["r"]));
        assert_eq!(tpdu.len(), if tpdu.len() > 5 { 5 + usize::from(tpdu[4]) } else { 5 });
        match Command::parse(&tpdu) {
            Ok(command) => {
                let ins = command.instruction.ins();
                let returns = answer.len() > 2;
                assert!(ins.direction() == Direction::FromCard || !returns, "{entry}");
                replay.take(&tpdu, &answer);
            }
            Err(status) => refused.push(format!("{status}")),
        }
    }
    replay.finish();
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!((replay.fcps, replay.files_read), (48, 16));
}
