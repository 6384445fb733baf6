//! `call`: dials, waits, hangs up.

use super::{Report, said, to_std};
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim::{Call, Modem, ModemFault};
use polysim_at::DialString;
use polysim_base::Duration;
use polysim_modem::{CallEnd, ModemError};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

pub(super) fn number(to: &str) -> Result<&str> {
    DialString::new(to).with_context(|| format!("{to:?} is no number to dial"))?;
    Ok(to)
}

pub(super) async fn run(modem: &Modem, to: &str, hold: Option<Duration>) -> Result<Report> {
    let mut call = match interrupted(said("dialling", modem.dial(to))).await {
        Some(Ok(call)) => call,
        Some(Err(ModemFault::Modem(ModemError::CallEnded(cause)))) => {
            return Ok(told(false, cause));
        }
        Some(Err(fault)) => return Err(fault.into()),
        None => {
            modem.hang_up().await?;
            return Ok(told(false, CallEnd::HungUp));
        }
    };
    let answered = match interrupted(said("it rings", call.answered())).await {
        Some(Ok(())) => true,
        Some(Err(ModemFault::Modem(ModemError::CallEnded(cause)))) => {
            return Ok(told(false, cause));
        }
        Some(Err(fault)) => return Err(fault.into()),
        None => false,
    };
    let mut over = None;
    if answered {
        over = said("the call is up, Ctrl-C ends it", up(&mut call, hold)).await;
    }
    if over.is_none() {
        // If the other side was faster, it is over all the same.
        match call.hang_up().await {
            Ok(()) | Err(ModemFault::Modem(ModemError::CallEnded(_))) => {}
            Err(fault) => return Err(fault.into()),
        }
        over = Some(call.ended().await);
    }
    Ok(told(answered, over.unwrap_or(CallEnd::HungUp)))
}

/// Waits while the call is up; `None` when this side is to end it.
async fn up(call: &mut Call, hold: Option<Duration>) -> Option<CallEnd> {
    let time = async {
        match hold {
            Some(time) => tokio::time::sleep(to_std(time)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        cause = call.ended() => Some(cause),
        () = time => None,
        () = asked_to_end() => None,
    }
}

/// Waits until the user or the system wants the command to end: a call must not stay up then.
async fn asked_to_end() {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut one), Ok(mut two), Ok(mut three)] = signals.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = one.recv() => {}
        _ = two.recv() => {}
        _ = three.recv() => {}
    }
}

/// Waits; `None` when the command was asked to end before.
async fn interrupted<T>(wait: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = wait => Some(done),
        () = asked_to_end() => None,
    }
}

fn told(answered: bool, cause: CallEnd) -> Report {
    let words = match cause {
        CallEnd::HungUp => "this side hung up",
        CallEnd::Released if answered => "the other side hung up",
        CallEnd::Released => "released by the network or the other side",
        CallEnd::Busy => "busy",
        CallEnd::NoAnswer => "no answer",
        CallEnd::NoDialtone => "no network",
        CallEnd::Lost => "the modem was reset or lost",
    };
    let text =
        if answered { format!("answered; {words}\n") } else { format!("not answered: {words}\n") };
    let went_well = answered && cause != CallEnd::Lost;
    let ended = match cause {
        CallEnd::HungUp => "hung-up",
        CallEnd::Released => "released",
        CallEnd::Busy => "busy",
        CallEnd::NoAnswer => "no-answer",
        CallEnd::NoDialtone => "no-network",
        CallEnd::Lost => "lost",
    };
    let exit = if went_well { Exit::Held } else { Exit::Failed };
    Report { text, json: json!({ "answered": answered, "ended": ended }), exit }
}
