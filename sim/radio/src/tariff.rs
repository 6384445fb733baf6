//! Tariffs: what is charged for what, in integer micro-units of the operator's currency.

use polysim_base::Duration;

/// Octets of a megabyte.
const MEGABYTE: i128 = 1_000_000;

/// An amount of money in millionths of the operator's currency unit.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Money(pub i64);

/// A price per started unit of time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TimePrice {
    /// Price of one unit.
    pub per_unit: Money,
    /// Length of the unit in seconds: 1 or 60. 0 is taken as 1.
    pub unit_s: u32,
}

/// What an operator charges its subscribers.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Tariff {
    /// The currency's three letters (ISO 4217).
    pub currency: [u8; 3],
    /// One text sent.
    pub sms: Money,
    /// Calls made, and the forwarded leg of calls received.
    pub call: TimePrice,
    /// Calls received while roaming; received at home they are free.
    pub received_roaming: TimePrice,
    /// Packet contexts, by time.
    pub packet: TimePrice,
    /// A megabyte (1,000,000 octets) that packet contexts carried, both ways together.
    pub data_per_mb: Money,
    /// Prices abroad are multiplied by this many thousandths.
    pub roaming_permille: u32,
}

/// What is charged.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Usage {
    /// A text sent.
    Sms,
    /// A call made.
    CallMade,
    /// A call received.
    CallReceived,
    /// The forwarded leg of a call.
    CallForwarded,
    /// A packet context.
    Packet {
        /// What it carried, both ways together.
        octets: u64,
    },
}

impl Money {
    /// Returns the sum; saturates.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns the difference; saturates.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// With two decimals or as many more as it takes: `12.50`, `-0.003`.
impl core::fmt::Display for Money {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        use core::fmt::Write as _;
        if self.0 < 0 {
            f.write_char('-')?;
        }
        let micros = self.0.unsigned_abs();
        let (mut rest, mut digits) = (micros % 1_000_000, 6);
        while digits > 2 && rest.is_multiple_of(10) {
            (rest, digits) = (rest / 10, digits - 1);
        }
        write!(f, "{}.{rest:0digits$}", micros / 1_000_000)
    }
}

impl TimePrice {
    /// Nothing.
    pub const FREE: Self = Self { per_unit: Money(0), unit_s: 60 };

    /// Returns the price of `duration`: every started unit counts.
    #[must_use]
    pub fn of(&self, duration: Duration) -> Money {
        let unit = u64::from(self.unit_s.max(1)).saturating_mul(1_000_000);
        let units = duration.as_micros().div_ceil(unit);
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        Money(self.per_unit.0.saturating_mul(units))
    }
}

impl Default for Tariff {
    /// A flat example: texts 0.10, calls 0.15 a minute, three times as much abroad.
    fn default() -> Self {
        let minute = |price| TimePrice { per_unit: Money(price), unit_s: 60 };
        Self {
            currency: *b"EUR",
            sms: Money(100_000),
            call: minute(150_000),
            received_roaming: minute(50_000),
            packet: minute(10_000),
            data_per_mb: Money(0),
            roaming_permille: 3_000,
        }
    }
}

impl Tariff {
    /// The price of data in proportion to its octets.
    fn volume(&self, octets: u64) -> Money {
        let price = i128::from(self.data_per_mb.0) * i128::from(octets) / MEGABYTE;
        Money(i64::try_from(price).unwrap_or(i64::MAX))
    }

    /// Returns what `usage` of `duration` costs, at home or roaming. Fractions of a micro-unit are
    /// dropped.
    #[must_use]
    pub fn price(&self, usage: Usage, duration: Duration, roaming: bool) -> Money {
        let plain = match usage {
            Usage::Sms => self.sms,
            Usage::CallMade | Usage::CallForwarded => self.call.of(duration),
            Usage::CallReceived if roaming => self.received_roaming.of(duration),
            Usage::CallReceived => Money(0),
            Usage::Packet { octets } => self.packet.of(duration).plus(self.volume(octets)),
        };
        // The forwarded leg starts at home wherever the subscriber is; the price of receiving
        // abroad is a roaming price already.
        match usage {
            Usage::Sms | Usage::CallMade | Usage::Packet { .. } if roaming => {
                let scaled = i128::from(plain.0) * i128::from(self.roaming_permille) / 1_000;
                Money(i64::try_from(scaled).unwrap_or(i64::MAX))
            }
            Usage::Sms
            | Usage::CallMade
            | Usage::Packet { .. }
            | Usage::CallReceived
            | Usage::CallForwarded => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_started_unit_counts() {
        let price = TimePrice { per_unit: Money(10), unit_s: 60 };
        let cost = |secs| price.of(Duration::from_secs(secs)).0;
        assert_eq!([cost(0), cost(1), cost(60), cost(61)], [0, 10, 10, 20]);
        assert_eq!(price.of(Duration::from_micros(1)).0, 10);
    }

    #[test]
    fn abroad_the_factor_applies_and_receiving_costs() {
        let tariff = Tariff { roaming_permille: 2_500, ..Tariff::default() };
        let minute = Duration::from_secs(60);
        assert_eq!(tariff.price(Usage::Sms, Duration::ZERO, true), Money(250_000));
        assert_eq!(tariff.price(Usage::CallMade, minute, true), Money(375_000));
        assert_eq!(tariff.price(Usage::CallReceived, minute, false), Money(0));
        assert_eq!(tariff.price(Usage::CallReceived, minute, true), Money(50_000));
    }

    #[test]
    fn money_shows_no_fewer_than_two_decimals() {
        let shown = |micros| Money(micros).to_string();
        assert_eq!(shown(12_500_000), "12.50");
        assert_eq!(shown(-3_000), "-0.003");
        assert_eq!(shown(1), "0.000001");
    }
}
