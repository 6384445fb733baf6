//! `polysim ota pack`.

use super::args::{PackArgs, ScriptFormat};
use super::keys::Keys;
use super::security::{self, Security};
use crate::command::answer::Answer;
use crate::command::octets;
use anyhow::{Context as _, Result, anyhow, bail};
use polysim_apdu::CommandApdu;
use polysim_base::Hex;
use polysim_cat::{Envelope, Instruction, Message, SmsPpDownload, SmsTpdu};
use polysim_ota::script::{CompactScript, ExpandedScript};
use polysim_ota::{
    CommandHeader, Counter, Integrity, KeySet, Kic, Kid, Protection, Sender, Tar, seal_command, sms,
};
use polysim_sms::{Address, Deliver, MobileTerminated, Reference, Timestamp, Tpdu as _};
use serde_json::json;

const RC: Integrity = Integrity::RedundancyCheck;

pub(super) fn run(args: &PackArgs) -> Result<Answer> {
    let keys = Keys::of(&args.keys)?;
    let keys = keys.chosen()?;
    let tar = security::tar(&args.tar)?;
    let header = header(tar, security::of(&args.security)?, keys);
    let counter = Counter::new(args.counter).ok_or_else(|| anyhow!("a counter has 40 bits"))?;
    let data = data(args)?;
    let protection = Protection::of_command(&header, keys).map_err(|error| advise(error, keys))?;
    Protection::of_proof(&header, keys).map_err(|error| advise(error, keys))?;
    let packet = seal_command(&header, counter, &data, &protection)?;

    let packet_hex = Hex(&packet).to_string();
    let (mut text, mut messages, mut envelopes) = (String::new(), Vec::new(), Vec::new());
    if args.sms || args.envelope {
        for tpdu in tpdus(args, &packet)? {
            messages.push(Hex(&tpdu).to_string());
            envelopes.push(Hex(&envelope(&tpdu)?).to_string());
        }
    }
    let lines = match (args.sms, args.envelope) {
        (false, false) => std::slice::from_ref(&packet_hex).to_vec(),
        (true, false) => messages.clone(),
        (false, true) => envelopes.clone(),
        (true, true) => [messages.clone(), envelopes.clone()].concat(),
    };
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    let json = json!({
        "format": 1,
        "packet": packet_hex,
        "header": { "octets": Hex(&header.octets()).to_string(), "spi": header.spi.to_string(),
                    "tar": header.tar.to_string() },
        "counter": args.counter,
        "sms": messages,
        "envelopes": envelopes,
    });
    Ok(Answer { text, json, problem: None })
}

fn advise(error: polysim_ota::ProtectionError, keys: Option<&KeySet>) -> anyhow::Error {
    match keys {
        None => anyhow!("there are no keys: give --keys FILE, or --security none --por none"),
        Some(_) => error.into(),
    }
}

fn header(tar: Tar, security: Security, keys: Option<&KeySet>) -> CommandHeader {
    let Security { spi, crc } = security;
    let mut header = match keys {
        Some(keys) => Sender::new(keys.clone(), Counter::ZERO).header(tar, spi),
        None => CommandHeader { spi, kic: Kic::default(), kid: Kid::default(), tar },
    };
    let of_proof = spi.integrity == Integrity::None && spi.proof.integrity == RC;
    if spi.integrity == RC || of_proof {
        header.kid = Kid::redundancy_check(crc);
    }
    header
}

/// The secured data: as it is given, or a script of commands.
fn data(args: &PackArgs) -> Result<Vec<u8>> {
    if let Some(data) = &args.data {
        return Ok(octets::read(std::slice::from_ref(data), None).context("the data")?.concat());
    }
    let commands = match (&args.script, &*args.apdu) {
        (Some(path), _) => octets::read(&[], Some(path))?,
        (None, []) => bail!("give --apdu HEX, --script FILE, or the data in hexadecimal"),
        (None, apdus) => octets::read(apdus, None)?,
    };
    let mut apdus = Vec::with_capacity(commands.len());
    for (number, command) in (1..).zip(&commands) {
        apdus.push(CommandApdu::parse(command).with_context(|| format!("command {number}"))?);
    }
    match args.format {
        ScriptFormat::Expanded => Ok(ExpandedScript::of_commands(&apdus).octets()),
        ScriptFormat::Compact => {
            let mut script = CompactScript::new();
            for (number, apdu) in (1..).zip(&apdus) {
                script.push(apdu).with_context(|| format!("command {number}"))?;
            }
            Ok(script.octets().to_vec())
        }
    }
}

/// The messages that bring a packet. Their time means nothing to a card.
fn tpdus(args: &PackArgs, packet: &[u8]) -> Result<Vec<Vec<u8>>> {
    let from = Address::parse_dialled(&args.from)
        .with_context(|| format!("{:?} is no number", args.from))?;
    let time = Timestamp::new((26, 1, 1), (0, 0, 0), 0)?;
    let messages = sms::deliver(packet, from, time, Reference::Eight(args.reference))?;
    Ok(messages
        .into_iter()
        .map(|deliver: Deliver| MobileTerminated::Deliver(deliver).to_octets())
        .collect())
}

fn envelope(tpdu: &[u8]) -> Result<Vec<u8>> {
    let tpdu = SmsTpdu::new(tpdu)?;
    let download = SmsPpDownload { service_centre: None, tpdu };
    let message = Envelope::new(Message::SmsPpDownload(download)).encode()?;
    Ok(Instruction::Envelope.apdu(&message)?)
}
