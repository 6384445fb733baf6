//! What a server has for operators: told to whoever looks at it, and written down for them.

use anyhow::{Context as _, Result};
use polysim::esim::server::{SmdpNews, SmdpServer};
use polysim_base::{Hex, Iccid};
use polysim_rsp::es9::Status;
use polysim_rsp::{es2, es12};
use polysim_smdp::{SmdpInput, SmdpOutput};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Where the subscriptions go that an operator's subscriber server must have.
pub(super) struct Subscriptions {
    file: File,
    known: BTreeSet<String>,
}

impl Subscriptions {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let opening = || format!("cannot open {}", path.display());
        let mut options = OpenOptions::new();
        let file =
            options.create(true).append(true).mode(0o600).open(path).with_context(opening)?;
        let text = fs::read_to_string(path).with_context(opening)?;
        let iccids = text.lines().filter_map(|line| line.split(',').next());
        let mut subscriptions = Self { known: iccids.map(str::to_owned).collect(), file };
        if subscriptions.known.is_empty() {
            subscriptions.write("iccid,imsi,k,opc").with_context(opening)?;
        }
        Ok(subscriptions)
    }

    fn write(&mut self, line: &str) -> std::io::Result<()> {
        writeln!(self.file, "{line}")?;
        self.file.sync_all()
    }

    /// Writes a subscription down, once.
    fn add(&mut self, iccid: Iccid, rest: &str) -> std::io::Result<()> {
        let iccid = iccid.to_string();
        if self.known.contains(&iccid) {
            return Ok(());
        }
        self.write(&format!("{iccid},{rest}"))?;
        self.known.insert(iccid);
        Ok(())
    }
}

/// Serves what a server has for operators, until it ends. `say` prints.
pub(super) async fn serve(
    news: &mut SmdpNews,
    server: &SmdpServer,
    mut subscriptions: Subscriptions,
    say: impl Fn(&str, &Value) -> Result<()>,
) -> Result<()> {
    while let Some(output) = news.next().await {
        match output {
            SmdpOutput::Provision { iccid, imsi, keys, .. } => {
                let (k, opc) = (Hex(keys.key().as_bytes()), Hex(keys.opc().as_bytes()));
                subscriptions
                    .add(iccid, &format!("{imsi},{k},{opc}"))
                    .context("cannot write a subscription down")?;
                tell(server, SmdpInput::Provisioned { iccid }).await;
            }
            SmdpOutput::Progress { id, progress, .. } => {
                let (text, json) = words(&progress);
                say(&text, &json)?;
                tell(server, SmdpInput::ProgressTaken { id }).await;
            }
            SmdpOutput::Es12 { id, smds, .. } => {
                say(
                    &format!("event      not registered at {smds}: polysim speaks no ES12 by HTTP"),
                    &json!({ "event": "es12-refused", "smds": smds }),
                )?;
                let answer = es12::Answer::Refused(Status::new("8.9", "4.2"));
                tell(server, SmdpInput::Es12 { id, answer }).await;
            }
            SmdpOutput::Es9 { .. } | SmdpOutput::Es2 { .. } => {}
        }
    }
    Ok(())
}

async fn tell(server: &SmdpServer, input: SmdpInput) {
    // A server that has ended says that itself.
    server.tell(input).await.unwrap_or_default();
}

fn words(progress: &es2::Progress) -> (String, Value) {
    let what = match progress.point {
        es2::NotificationPoint::Eligibility => "eligible",
        es2::NotificationPoint::ConfirmationFailure => "confirmed",
        es2::NotificationPoint::Download => "downloaded",
        es2::NotificationPoint::Installation => "installed",
        es2::NotificationPoint::Deleted => "deleted",
        es2::NotificationPoint::Enabled => "enabled",
        es2::NotificationPoint::Disabled => "disabled",
        es2::NotificationPoint::Other(_) => "other",
    };
    let iccid = progress.iccid;
    let eid = progress.eid.map(|eid| eid.to_string());
    let at = eid.as_ref().map(|eid| format!(" at {eid}")).unwrap_or_default();
    let (result, why) = match &progress.result {
        Ok(()) => (String::new(), None),
        Err(status) => (format!("  FAILED: {status}"), Some(status.to_string())),
    };
    let json = json!({
        "event": what, "iccid": iccid.to_string(), "type": progress.profile_type, "eid": eid,
        "failed": why,
    });
    (format!("{what:<10} {iccid}{at}{result}"), json)
}
