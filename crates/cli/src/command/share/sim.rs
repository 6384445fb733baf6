//! A virtual SIM in a file.

use crate::command::private::write_private;
use crate::files::read_text;
use anyhow::{Context as _, Result, ensure};
use polysim_aka::{Algorithm, Key, Milenage, Opc};
use polysim_base::{Hex, Iccid, Imsi, Msisdn, Randomness, parse_hex};
use polysim_share::VirtualSim;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::{Zeroize as _, Zeroizing};

const FILE_LEN_MAX: usize = 1 << 12;
/// The network of SIMs that are made here: one that ITU gave to nobody in particular.
pub(super) const NETWORK: &str = "99999";
/// The name of its operator.
pub(super) const OPERATOR: &str = "Polynet";
/// The number of its service centre.
pub(super) const CENTRE: &str = "+99970000000";
const ABOUT: &str = "# A virtual SIM of polysim: simulated, of no operator's network.
# Whoever reads this file can be this subscriber.
";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    simulated: bool,
    iccid: String,
    imsi: String,
    msisdn: Option<String>,
    smsc: Option<String>,
    spn: String,
    k: String,
    opc: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.k.zeroize();
        self.opc.zeroize();
    }
}

/// Draws a virtual SIM, and writes it down.
pub(super) fn make(path: &Path, randomness: &mut Randomness) -> Result<VirtualSim> {
    let mut digits = |count: usize| -> String {
        (0..count).map(|_| char::from(b'0' + randomness.bytes::<1>()[0] % 10)).collect()
    };
    let iccid = Iccid::with_check_digit(&format!("8999999{}", digits(11)))?;
    let written = Written {
        simulated: true,
        iccid: iccid.to_string(),
        imsi: format!("{NETWORK}{}", digits(10)),
        msisdn: Some(format!("+99971{}", digits(7))),
        smsc: Some(CENTRE.to_owned()),
        spn: OPERATOR.to_owned(),
        k: Hex(&*Zeroizing::new(randomness.bytes::<16>())).to_string(),
        opc: Hex(&*Zeroizing::new(randomness.bytes::<16>())).to_string(),
    };
    let text = Zeroizing::new(format!("{ABOUT}{}", toml::to_string(&written)?));
    write_private(path, text.as_bytes())?;
    written.set()
}

/// Reads a virtual SIM.
pub(super) fn read(path: &Path) -> Result<VirtualSim> {
    let text = Zeroizing::new(read_text(path, FILE_LEN_MAX)?);
    // What is wrong is told without the line: there are keys in it.
    let written: Result<Written, _> = toml::from_str(&text);
    let written = written.map_err(|error| anyhow::anyhow!("{}", error.message()));
    let set = written.and_then(|written| written.set());
    set.with_context(|| format!("{} holds no virtual SIM", path.display()))
}

impl Written {
    fn set(&self) -> Result<VirtualSim> {
        ensure!(
            self.simulated,
            "only simulated SIMs can be shared: no real card gives out its keys"
        );
        ensure!(
            self.spn.len() <= VirtualSim::SPN_LEN_MAX,
            "the name of the operator has {} octets at most",
            VirtualSim::SPN_LEN_MAX
        );
        let number = |text: &Option<String>| text.as_deref().map(Msisdn::parse).transpose();
        let algorithm: Algorithm = Milenage::new(
            Key::from(octets(&self.k).context("k")?),
            Opc::from(octets(&self.opc).context("opc")?),
        )
        .into();
        Ok(VirtualSim {
            iccid: Iccid::parse(&self.iccid).context("iccid")?,
            imsi: Imsi::parse(&self.imsi).context("imsi")?,
            msisdn: number(&self.msisdn).context("msisdn")?,
            smsc: number(&self.smsc).context("smsc")?,
            spn: self.spn.clone(),
            algorithm,
        })
    }
}

fn octets(text: &str) -> Result<[u8; 16]> {
    let octets = Zeroizing::new(parse_hex(text.as_bytes())?);
    <[u8; 16]>::try_from(octets.as_slice()).context("16 octets are needed, 32 digits")
}

/// The number of a SIM with its middle masked.
pub(super) fn masked(set: &VirtualSim) -> String {
    let Some(number) = set.msisdn else { return set.imsi.masked() };
    let text = number.to_string();
    let (shown, hidden) = (text.get(..4).unwrap_or_default(), text.len().saturating_sub(6));
    let last = text.get(text.len().saturating_sub(2)..).unwrap_or_default();
    format!("{shown}{}{last}", "*".repeat(hidden))
}
