//! How a device's courier is set up.

use polysim_base::Duration;
use polysim_speech::Codec;

use crate::{DeviceName, DeviceSecret, Rate, TenantId};

/// How a device's courier works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientConfig {
    /// What the device calls itself.
    pub name: DeviceName,
    /// By what texts are opened and sealed.
    pub secret: DeviceSecret,
    /// Whose app this is.
    pub tenant: TenantId,
    /// The own rate reaches this, or calls do not go over data.
    pub threshold: Rate,
    /// How often the link is measured.
    pub measure_every: Duration,
    /// How old a measured rate may be.
    pub rate_age_max: Duration,
    /// How often contacts are asked for.
    pub refresh_every: Duration,
    /// After how long what was not answered is said again.
    pub retry: Duration,
    /// A call of which the server says nothing for so long is lost. A few times `retry`.
    pub call_grace: Duration,
    /// How speech is coded.
    pub codec: Codec,
    /// What does not go over data goes to the carrier without asking.
    pub carrier_rule: bool,
    /// How long texts may wait; for ever without.
    pub expires: Option<Duration>,
}
