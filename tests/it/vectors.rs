//! The vector files: each is used by a test, each says where it comes from; and those of the card
//! application toolkit in the APDUs that carry them.

use crate::tree;
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use polysim_apdu::{Command, CommandApdu, Instruction, Status};
use polysim_base::parse_hex;
use polysim_cat::{
    Envelope, Instruction as toolkit, ProactiveCommand, TerminalResponse, pending_status,
};
use serde_json::Value;

#[test]
fn every_vector_file_is_used_by_a_test() -> Result<()> {
    let sources = tree::sources()?;
    let mut unused = Vec::new();
    for file in tree::files_below(&tree::path("tests/vectors"), "json")? {
        let name = tree::name(&file);
        let included = format!("vectors/{name}\"");
        if !sources.iter().any(|(_, text)| text.contains(&included)) {
            unused.push(name);
        }
    }
    assert!(unused.is_empty(), "no test reads {unused:?}");
    Ok(())
}

#[test]
fn every_vector_file_says_where_it_comes_from() -> Result<()> {
    for file in tree::files_below(&tree::path("tests/vectors"), "json")? {
        let name = tree::name(&file);
        let vectors: Value = serde_json::from_str(&tree::read(&file)?)?;
        let said = |value: &Value| {
            value.get("source").and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        let cases = vectors.get("cases").and_then(Value::as_array);
        let each = cases.is_some_and(|cases| !cases.is_empty() && cases.iter().all(said));
        assert!(said(&vectors) || each, "{name} has no source");
    }
    Ok(())
}

/// What `polysim-cat` reads and writes, and `polysim-apdu` carries: the toolkit's messages are the
/// data of its commands, and its status words those of all commands.
#[test]
fn toolkit_vectors_travel_in_their_apdus() -> Result<()> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/cat.json"))?;
    let cases = vectors.get("cases").and_then(Value::as_array).context("no cases")?;
    for case in cases {
        let name = text(case, "name")?;
        toolkit_case(case).with_context(|| name.to_owned())?;
    }
    let count = |kind| cases.iter().filter(|case| text(case, "kind").ok() == Some(kind)).count();
    let counts = ["proactive", "terminal_response", "envelope"].map(count);
    assert_eq!(counts.iter().sum::<usize>(), cases.len());
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    Ok(())
}

fn toolkit_case(case: &Value) -> Result<()> {
    let message = hex(case, "hex")?;
    match text(case, "kind")? {
        "proactive" => {
            ensure!(ProactiveCommand::decode(&message)?.encode()? == message);
            let status = pending_status(&message)?;
            ensure!(hex(case, "sw_before")? == status);
            let length = u8::try_from(message.len())?;
            ensure!(Status::from_bytes(status[0], status[1]) == Status::ProactivePending(length));
            let fetch = hex(case, "fetch_apdu")?;
            let fetch = Command::parse(&fetch).map_err(|status| anyhow!(status))?;
            let Instruction::Fetch { length } = fetch.instruction else { bail!("no FETCH") };
            ensure!(length.bytes() == message.len(), "FETCH of all of it");
        }
        "terminal_response" => {
            ensure!(TerminalResponse::decode(&message)?.encode()? == message);
            let apdu = toolkit::TerminalResponse.apdu(&message)?;
            ensure!(apdu == hex(case, "apdu")?);
            ensure!(CommandApdu::parse(&apdu)?.data() == message);
        }
        _ => {
            ensure!(Envelope::decode(&message)?.encode()? == message);
            let apdu = toolkit::Envelope.apdu(&message)?;
            ensure!(apdu == hex(case, "apdu")?);
            ensure!(CommandApdu::parse(&apdu)?.data() == message);
        }
    }
    Ok(())
}

fn text<'a>(case: &'a Value, key: &str) -> Result<&'a str> {
    case.get(key).and_then(Value::as_str).with_context(|| format!("no {key}"))
}

fn hex(case: &Value, key: &str) -> Result<Vec<u8>> {
    Ok(parse_hex(text(case, key)?.as_bytes())?)
}
