//! What commands for a modem and for a card have in common: a report in two forms, and whose fault
//! an error is.

use crate::diagnostics;
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim::esim::EsimFault;
use polysim::issuance::{ToolFault, WriteFault};
use polysim::{CardFault, ModemFault};
use polysim_hal::{CardError, LineForm, Lines, Pcap, PortError, PortErrorKind, TokioClock, Tracer};
use polysim_rsp::es9::Failure;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs::File;
use std::future::Future;
use std::io::Write as _;
use std::path::Path;

/// What a command found, for people and for programs.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) text: String,
    /// Nothing where the command has printed its objects already.
    pub(crate) json: Value,
    pub(crate) exit: Exit,
}

/// Does the work and prints its report. A refusal of the hardware is a failure, told here; what the
/// user has to put right is an error. Programs are told of either on standard output, too.
pub(crate) fn carry_out(json: bool, work: impl Future<Output = Result<Report>>) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let done = runtime.block_on(work);
    let mut out = std::io::stdout().lock();
    match &done {
        Ok(report) if !json => out.write_all(report.text.as_bytes())?,
        Ok(report) if report.json.is_null() => {}
        Ok(report) => writeln!(out, "{}", report.json)?,
        Err(error) if json => writeln!(out, "{}", json!({ "error": diagnostics::said(error) }))?,
        Err(_) => {}
    }
    match done {
        Ok(report) => Ok(report.exit),
        Err(error) if is_refusal(&error) => {
            diagnostics::complain(&error);
            Ok(Exit::Failed)
        }
        Err(error) => Err(error),
    }
}

/// Tells whether a modem, a card, a reader or a network said no, and not the user something wrong.
pub(crate) fn is_refusal(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_port = cause.downcast_ref::<PortError>().map(PortError::kind);
        let of_modem = cause.downcast_ref::<ModemFault>();
        cause.is::<CardFault>()
            || cause.is::<ToolFault>()
            || cause.is::<WriteFault>()
            || cause.is::<CardError>()
            || cause.is::<EsimFault>()
            || cause.is::<Failure>()
            || of_port.is_some_and(|kind| !matches!(kind, PortErrorKind::NotFound))
            || of_modem.is_some_and(|fault| !is_of_the_user(fault))
    })
}

fn is_of_the_user(fault: &ModemFault) -> bool {
    matches!(
        fault,
        ModemFault::Number(_)
            | ModemFault::Argument(_)
            | ModemFault::Tone { .. }
            | ModemFault::Modem(
                polysim_modem::ModemError::NotRaw
                    | polysim_modem::ModemError::Text(_)
                    | polysim_modem::ModemError::Argument(_)
            )
    )
}

/// Returns what writes a trace to a file: JSON lines or a capture for Wireshark by the name's
/// ending, `.jsonl` or `.pcap`, and text otherwise.
pub(crate) fn tracer(path: &Path) -> Result<Tracer> {
    let file = File::create(path);
    let file = file.with_context(|| format!("cannot write the trace {}", path.display()))?;
    let clock = TokioClock::unix();
    Ok(match path.extension().and_then(OsStr::to_str) {
        Some("pcap") => Tracer::new(Pcap::new(file), clock),
        Some("jsonl") => Tracer::new(Lines::new(LineForm::Json, file), clock),
        Some(_) | None => Tracer::new(Lines::new(LineForm::Text, file), clock),
    })
}
