//! `polysim sms`: short messages in words, and words as short messages.

use crate::args::{SmsArgs, SmsCommand, Way};
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim_base::parse_hex;
use polysim_sms::{
    Address, AtPdu, MobileOriginated, MobileTerminated, Reference, Rp, SegmentOptions, Submit,
    segment,
};
use serde_json::json;
use std::io::Write as _;

pub(crate) fn run(args: SmsArgs) -> Result<Exit> {
    match args.command {
        SmsCommand::Decode { pdu, way, bare, json } => decode(&pdu, way, bare, json),
        SmsCommand::Encode { to, text, report, json } => encode(&to, &text, report, json),
    }
}

fn decode(pdu: &str, way: Way, bare: bool, json: bool) -> Result<Exit> {
    let mut octets = parse_hex(pdu.trim().as_bytes()).context("the PDU is no hexadecimal text")?;
    if bare {
        octets.insert(0, 0);
    }
    let (centre, message, text) = match way {
        Way::Received => {
            let pdu = AtPdu::<MobileTerminated>::parse(&octets, Rp::Data)?;
            let text = match &pdu.tpdu {
                MobileTerminated::Deliver(deliver) => deliver.user_data.text().ok(),
                MobileTerminated::StatusReport(_) | MobileTerminated::SubmitReport(_) => None,
            };
            (pdu.sc, format!("{:#?}", pdu.tpdu), text)
        }
        Way::Sent => {
            let pdu = AtPdu::<MobileOriginated>::parse(&octets, Rp::Data)?;
            let text = match &pdu.tpdu {
                MobileOriginated::Submit(submit) => submit.user_data.text().ok(),
                MobileOriginated::Command(_) | MobileOriginated::DeliverReport(_) => None,
            };
            (pdu.sc, format!("{:#?}", pdu.tpdu), text)
        }
    };
    let mut out = std::io::stdout().lock();
    let centre = centre.map(|centre| centre.to_string());
    if json {
        writeln!(out, "{}", json!({ "centre": centre, "text": text, "message": message }))?;
        return Ok(Exit::Held);
    }
    if let Some(centre) = centre {
        writeln!(out, "service centre: {centre}")?;
    }
    if let Some(text) = text {
        writeln!(out, "text: {text}")?;
    }
    writeln!(out, "{message}")?;
    Ok(Exit::Held)
}

fn encode(to: &str, text: &str, report: bool, json: bool) -> Result<Exit> {
    let destination = Address::parse_dialled(to).with_context(|| format!("{to:?} is no number"))?;
    let options = SegmentOptions::default().with_reference(Reference::Eight(1));
    let mut out = std::io::stdout().lock();
    let mut parts = Vec::new();
    for user_data in segment(text, &options)? {
        let mut submit = Submit::new(destination, user_data);
        if report {
            submit = submit.with_status_report();
        }
        let pdu = AtPdu { sc: None, tpdu: MobileOriginated::Submit(submit) };
        let mut hex = Vec::new();
        let length = pdu.write_hex(&mut hex);
        parts.push((length, String::from_utf8_lossy(&hex).into_owned()));
    }
    if json {
        let parts: Vec<_> =
            parts.iter().map(|(length, pdu)| json!({ "length": length, "pdu": pdu })).collect();
        writeln!(out, "{}", json!({ "parts": parts }))?;
        return Ok(Exit::Held);
    }
    for (length, pdu) in parts {
        writeln!(out, "AT+CMGS={length}\n{pdu}")?;
    }
    Ok(Exit::Held)
}
