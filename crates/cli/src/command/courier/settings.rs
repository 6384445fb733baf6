//! How devices of this command work.

use anyhow::Result;
use polysim_base::{Duration, Mode, Origin};
use polysim_courier::client::ClientConfig;
use polysim_courier::{DeviceName, DeviceSecret};
use zeroize::Zeroizing;

/// How often devices ask for their contacts.
pub(super) const REFRESH_EVERY: Duration = Duration::from_secs(10);

pub(super) fn device(
    name: &str,
    seed: Zeroizing<[u8; 32]>,
    refresh_every: Duration,
) -> Result<ClientConfig> {
    let secret = DeviceSecret::new(seed, Origin::Live, Mode::Live)?;
    let name = DeviceName::try_from(name.to_owned())?;
    Ok(ClientConfig { refresh_every, ..ClientConfig::new(name, secret) })
}
