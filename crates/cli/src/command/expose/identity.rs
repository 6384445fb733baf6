//! One eUICC with an identity from files, in a reader or in a modem of its own.

use super::ExposeArgs;
use anyhow::{Context as _, Result};
use polysim::esim::Credentials;
use polysim_base::{Eid, Purpose, Stream};
use polysim_card::{Card, EuiccConfig, EuiccModel, IdentitySource};
use polysim_hal_http::{Ring, system_randomness};
use polysim_rsp::crypto::Mode;
use polysim_scenario::{Plan, Source, plan};
use std::path::Path;
use std::sync::Arc;

/// The phone that has the eUICC.
const PHONE: &str = "euicc";
/// The SM-DS that the eUICC has: of no use, and no host of anybody.
const SMDS: &str = "smds.invalid";
/// A world of that phone, and nothing else of interest.
const WORLD: &str = r#"
format = 1
name = "euicc"
duration = "1min"
[[operator]]
name = "north"
plmn = "00101"
[[region]]
name = "here"
cells = [{ id = "here-1", operator = "north", rssi = -70 }]
[[phone]]
name = "euicc"
region = "here"
operator = "north"
ports = 2
"#;

/// Returns a world of one phone.
pub(super) fn world() -> Result<Plan> {
    let source = Source::new("the world of one eUICC", WORLD);
    Ok(plan(&source, &mut |_| Err("it includes nothing".to_owned()))?)
}

/// Where the eUICC goes: into a reader, unless its modem is asked for.
pub(super) fn cards(args: &ExposeArgs) -> Vec<String> {
    let modems = [&args.pty, &args.tcp, &args.unix, &args.in_abstract];
    if modems.iter().all(|names| names.is_empty()) { vec![PHONE.to_owned()] } else { Vec::new() }
}

/// Makes the eUICC of a folder: its certificates and key, and the roots that it trusts.
pub(super) fn card(folder: &Path, eid: Option<&Eid>, smdp: Option<&str>) -> Result<Card> {
    let files = Credentials::read(folder)?;
    // What is simulated here is for trials, whatever roots it trusts.
    let mode = Mode::Simulation;
    let identity = files.euicc(eid, mode)?;
    let trust = files.trust(&Ring, mode, None)?;
    let judged = trust.verify_euicc(&Ring, &identity.certificate, &identity.eum, None);
    let eid = judged.with_context(|| format!("the eUICC in {}", folder.display()))?;
    let mut model = EuiccModel::new(Arc::new(trust), SMDS);
    model.verifier = Arc::new(Ring);
    model.default_dp_address = smdp.map(str::to_owned);
    let mut randomness = system_randomness();
    let seed = u64::from_be_bytes(randomness.bytes());
    let config = EuiccConfig {
        model: Arc::new(model),
        eid,
        identity: IdentitySource::Given(Arc::new(identity)),
        randomness,
        stream: Stream::derive(seed, 0, Purpose::Challenge, 0),
        presets: Vec::new(),
    };
    Ok(Card::new_euicc(config)?)
}
