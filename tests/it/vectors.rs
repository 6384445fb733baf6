//! The vector files: each is used by a test, each says where it comes from; and the structure of
//! the card application toolkit's vectors, which no crate takes apart yet.

use crate::tree;
use anyhow::{Context as _, Result, ensure};
use polysim_apdu::CommandApdu;
use polysim_base::parse_hex;
use polysim_base::tlv::{Ber, Comprehension, ComprehensionReader, put_ber, put_comprehension};
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

/// TS 102.223: a proactive command and an envelope are one BER-TLV object of COMPREHENSION-TLV
/// objects, a TERMINAL RESPONSE is such objects alone.
#[test]
fn toolkit_vectors_are_well_formed() -> Result<()> {
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

/// Tags of the command details and of the device identities (TS 101.220, 7.2).
const COMMAND_DETAILS: u16 = 0x01;
const DEVICE_IDENTITIES: u16 = 0x02;
/// Instructions of the toolkit (TS 102.221, table 10.5).
const FETCH: u8 = 0x12;
const TERMINAL_RESPONSE: u8 = 0x14;
const ENVELOPE: u8 = 0xC2;

fn toolkit_case(case: &Value) -> Result<()> {
    let bytes = hex(case, "hex")?;
    match text(case, "kind")? {
        "proactive" => {
            let objects = wrapped(&bytes, 0xD0)?;
            ensure!(has(&objects, COMMAND_DETAILS) && has(&objects, DEVICE_IDENTITIES));
            let fetch = hex(case, "fetch_apdu")?;
            let fetch = CommandApdu::parse(&fetch)?;
            ensure!(fetch.header().ins == FETCH);
            ensure!(fetch.le().map(|le| le.bytes()) == Some(bytes.len()), "FETCH of all of it");
            let status = hex(case, "sw_before")?;
            ensure!(status == [0x91, u8::try_from(bytes.len())?]);
        }
        "terminal_response" => {
            let objects = children(&bytes)?;
            ensure!(has(&objects, COMMAND_DETAILS) && has(&objects, DEVICE_IDENTITIES));
            let command = hex(case, "apdu")?;
            let command = CommandApdu::parse(&command)?;
            ensure!((command.header().ins, command.data()) == (TERMINAL_RESPONSE, &bytes[..]));
        }
        _ => {
            let outer = Ber::read(&bytes)?.0;
            ensure!(has(&wrapped(&bytes, outer.tag)?, DEVICE_IDENTITIES));
            let command = hex(case, "apdu")?;
            let command = CommandApdu::parse(&command)?;
            ensure!((command.header().ins, command.data()) == (ENVELOPE, &bytes[..]));
        }
    }
    Ok(())
}

/// Takes one BER-TLV object apart, and checks that putting it together gives the same bytes.
fn wrapped(bytes: &[u8], tag: u32) -> Result<Vec<Comprehension<'_>>> {
    let (outer, behind) = Ber::read(bytes)?;
    ensure!(outer.tag == tag && behind.is_empty(), "{outer:02X?} and {behind:02X?}");
    let mut again = Vec::new();
    put_ber(&mut again, outer.tag, outer.value);
    ensure!(again == bytes);
    children(outer.value)
}

fn children(bytes: &[u8]) -> Result<Vec<Comprehension<'_>>> {
    let objects: Vec<_> = ComprehensionReader::new(bytes).collect::<Result<_, _>>()?;
    let mut again = Vec::new();
    for object in &objects {
        put_comprehension(&mut again, object.tag, object.required, object.value);
    }
    ensure!(again == bytes);
    Ok(objects)
}

fn has(objects: &[Comprehension<'_>], tag: u16) -> bool {
    objects.iter().any(|object| object.tag == tag)
}

fn text<'a>(case: &'a Value, key: &str) -> Result<&'a str> {
    case.get(key).and_then(Value::as_str).with_context(|| format!("no {key}"))
}

fn hex(case: &Value, key: &str) -> Result<Vec<u8>> {
    Ok(parse_hex(text(case, key)?.as_bytes())?)
}
