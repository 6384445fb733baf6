//! How servers and devices of this command work.

use anyhow::Result;
use polysim_base::{Duration, Mode, Origin};
use polysim_courier::client::ClientConfig;
use polysim_courier::server::{Limits, ServerConfig, ServerKey};
use polysim_courier::{ContactMode, DeviceName, DeviceSecret, Rate, TenantId};
use polysim_speech::Codec;
use zeroize::Zeroizing;

/// What speech of G.711 takes in both directions, with its packets.
const THRESHOLD: Rate = Rate(80);
/// Devices measure so often: what that costs is limited.
const MEASURE_EVERY: Duration = Duration::from_secs(120);
const RATE_AGE_MAX: Duration = Duration::from_secs(300);
/// After how long what was not answered is said again.
const RETRY: Duration = Duration::from_secs(2);
const CALL_GRACE: Duration = Duration::from_secs(10);
const RING: Duration = Duration::from_secs(45);
/// How often devices ask for their contacts.
pub(super) const REFRESH_EVERY: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn server(key: &[u8; 32]) -> ServerConfig {
    ServerConfig {
        key: ServerKey(*key),
        contacts: ContactMode::Digests,
        limits: Limits {
            code_lifetime: Duration::from_secs(600),
            tries: 5,
            per_number: 5,
            per_range: 50,
            per_tenant: 10_000,
            countries: Vec::new(),
            devices: 8,
            contacts: 1_000,
            waiting: 1_000,
            text_octets: 10_000,
        },
        threshold: THRESHOLD,
        rate_age_max: RATE_AGE_MAX,
        ring: RING,
        call_grace: CALL_GRACE,
        retry: RETRY,
        verify_within: HOUR.times(24),
        hold_down: HOUR.times(24),
    }
}

pub(super) fn device(
    name: &str,
    seed: Zeroizing<[u8; 32]>,
    refresh_every: Duration,
) -> Result<ClientConfig> {
    Ok(ClientConfig {
        name: DeviceName::try_from(name.to_owned())?,
        secret: DeviceSecret::new(seed, Origin::Live, Mode::Live)?,
        tenant: TenantId(1),
        threshold: THRESHOLD,
        measure_every: MEASURE_EVERY,
        rate_age_max: RATE_AGE_MAX,
        refresh_every,
        retry: RETRY,
        call_grace: CALL_GRACE,
        codec: Codec::ALaw,
        carrier_rule: false,
        expires: None,
    })
}
