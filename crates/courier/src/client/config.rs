//! How a device's courier is set up.

use polysim_base::Duration;
use polysim_speech::Codec;

use crate::rate::Interval;
use crate::{DeviceName, DeviceSecret, Rate, TenantId};

/// How a device's courier works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientConfig {
    /// What the device calls itself.
    pub name: DeviceName,
    /// By what texts are opened and sealed.
    pub secret: DeviceSecret,
    /// Whose app this is. By default 0.
    pub tenant: TenantId,
    /// The own rate reaches this, or calls do not go over data. By default 100 kbit/s: speech of
    /// 64 kbit/s takes 80 kbit/s with the headers of its packets.
    pub threshold: Rate,
    /// How often the link is measured. By default every 2 min; every 10 s where it is less than
    /// [`MEASURE_EVERY_MIN`](Self::MEASURE_EVERY_MIN).
    ///
    /// A measurement takes 8,000 octets each way: by default 480,000 octets an hour, and with the
    /// shortest interval twelve times as much. A device spends a quarter more than that, and 512 KiB an hour at
    /// least, where its link comes and goes.
    pub measure_every: Duration,
    /// How old a measured rate may be. By default 5 min. A rate holds for two intervals of `measure_every` in
    /// any case, however short this is: so it is known for as long as the link stays.
    pub rate_age_max: Duration,
    /// How often contacts are asked for. By default every hour.
    pub refresh_every: Duration,
    /// After how long what was not answered is said again. By default 2 s.
    pub retry: Duration,
    /// A call of which the server says nothing for so long is lost. A few times `retry`; by
    /// default 10 s.
    pub call_grace: Duration,
    /// How speech is coded. By default by the A-law.
    pub codec: Codec,
    /// What does not go over data goes to the carrier without asking. By default it is offered.
    pub carrier_rule: bool,
    /// How long texts may wait; for ever without, as by default.
    pub expires: Option<Duration>,
}

impl ClientConfig {
    /// How often the link is measured at most.
    pub const MEASURE_EVERY_MIN: Duration = Interval::MIN.every();

    /// Returns how a device's courier works by default.
    #[must_use]
    pub const fn new(name: DeviceName, secret: DeviceSecret) -> Self {
        Self {
            name,
            secret,
            tenant: TenantId(0),
            threshold: Rate(100),
            measure_every: Duration::from_secs(120),
            rate_age_max: Duration::from_secs(300),
            refresh_every: Duration::from_secs(3_600),
            retry: Duration::from_secs(2),
            call_grace: Duration::from_secs(10),
            codec: Codec::ALaw,
            carrier_rule: false,
            expires: None,
        }
    }
}
