//! TP-Validity-Period in its three forms (TS 23.040, 9.2.3.12).

use alloc::vec::Vec;

use polysim_base::Duration;

use crate::{
    error::{TpduError, ValidityError},
    reader::Reader,
    time::{Timestamp, swapped},
};

/// How long the service centre shall try.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ValidityPeriod {
    /// Not given: the service centre's default holds.
    #[default]
    Absent,
    /// From the moment the service centre receives the message.
    Relative(RelativeValidity),
    /// Seven octets with a functionality indicator.
    Enhanced(EnhancedValidity),
    /// Until a moment.
    Absolute(Timestamp),
}

/// The relative form: one octet, 5 minutes to 63 weeks (TS 23.040, 9.2.3.12.1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RelativeValidity(pub u8);

/// The enhanced form (TS 23.040, 9.2.3.12.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EnhancedValidity {
    /// The service centre shall try only once.
    pub single_shot: bool,
    /// The period itself.
    pub period: EnhancedPeriod,
}

/// The period within the enhanced form.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EnhancedPeriod {
    /// None given.
    Unspecified,
    /// As the relative form.
    Relative(RelativeValidity),
    /// 1 to 255 seconds.
    Seconds(core::num::NonZeroU8),
    /// Hours, minutes and seconds.
    Clock(ClockPeriod),
}

/// Hours 0 to 99, minutes and seconds 0 to 59.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ClockPeriod([u8; 3]);

impl ClockPeriod {
    /// Returns the period, or nothing when a number is out of range.
    #[must_use]
    pub const fn new(hours: u8, minutes: u8, seconds: u8) -> Option<Self> {
        if hours > 99 || minutes > 59 || seconds > 59 {
            return None;
        }
        Some(Self([hours, minutes, seconds]))
    }

    /// Returns hours, minutes and seconds.
    #[must_use]
    pub const fn hours_minutes_seconds(self) -> [u8; 3] {
        self.0
    }
}

const FIVE_MINUTES: u64 = 5 * 60;
const HALF_HOUR: u64 = 30 * 60;
const DAY: u64 = 24 * 60 * 60;
const WEEK: u64 = 7 * DAY;

impl RelativeValidity {
    /// The longest: 63 weeks.
    pub const MAX: Self = Self(0xFF);

    /// Returns the period.
    #[must_use]
    pub const fn duration(self) -> Duration {
        let v = self.0 as u64;
        Duration::from_secs(match v {
            0..=143 => (v + 1) * FIVE_MINUTES,
            144..=167 => DAY / 2 + (v - 143) * HALF_HOUR,
            168..=196 => (v - 166) * DAY,
            _ => (v - 192) * WEEK,
        })
    }

    /// Returns the shortest relative validity that is not below `duration`, at most [`Self::MAX`].
    #[must_use]
    pub fn at_least(duration: Duration) -> Self {
        (0..=u8::MAX).map(Self).find(|v| v.duration() >= duration).unwrap_or(Self::MAX)
    }
}

impl EnhancedValidity {
    const SINGLE_SHOT: u8 = 0x40;

    fn octets(self) -> [u8; 7] {
        let mut octets = [0; 7];
        let [indicator, value @ ..] = &mut octets;
        let [first, second, third, ..] = value;
        *indicator = match self.period {
            EnhancedPeriod::Unspecified => 0,
            EnhancedPeriod::Relative(relative) => {
                *first = relative.0;
                1
            }
            EnhancedPeriod::Seconds(seconds) => {
                *first = seconds.get();
                2
            }
            EnhancedPeriod::Clock(ClockPeriod(clock)) => {
                [*first, *second, *third] = clock.map(swapped);
                3
            }
        };
        if self.single_shot {
            *indicator |= Self::SINGLE_SHOT;
        }
        octets
    }

    /// Reserved bits and the unused octets are ignored (TS 23.040, 9.2.3.12.3).
    fn from_octets([indicator, value @ ..]: [u8; 7]) -> Result<Self, (usize, ValidityError)> {
        if indicator & 0x80 != 0 {
            return Err((0, ValidityError::Extension));
        }
        let [first, second, third, ..] = value;
        let period = match indicator & 0x07 {
            0 => EnhancedPeriod::Unspecified,
            1 => EnhancedPeriod::Relative(RelativeValidity(first)),
            2 => EnhancedPeriod::Seconds(
                core::num::NonZeroU8::new(first).ok_or((1, ValidityError::ZeroSeconds))?,
            ),
            3 => EnhancedPeriod::Clock(clock([first, second, third])?),
            format => return Err((0, ValidityError::ReservedFormat { format })),
        };
        Ok(Self { single_shot: indicator & Self::SINGLE_SHOT != 0, period })
    }
}

fn clock(octets: [u8; 3]) -> Result<ClockPeriod, (usize, ValidityError)> {
    let mut values = [0; 3];
    for ((i, octet), (value, most)) in (1..).zip(octets).zip(values.iter_mut().zip([99_u8, 59, 59]))
    {
        *value = polysim_base::bcd::from_swapped(octet)
            .ok()
            .filter(|v| *v <= most)
            .ok_or((i, ValidityError::Clock { octet }))?;
    }
    Ok(ClockPeriod(values))
}

impl ValidityPeriod {
    /// Returns the bits of TP-Validity-Period-Format (TS 23.040, 9.2.3.3), at their place.
    pub(crate) const fn format_bits(&self) -> u8 {
        match self {
            Self::Absent => 0b00 << 3,
            Self::Enhanced(_) => 0b01 << 3,
            Self::Relative(_) => 0b10 << 3,
            Self::Absolute(_) => 0b11 << 3,
        }
    }

    pub(crate) fn parse(first_octet: u8, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        const FIELD: &str = "TP-VP";
        match first_octet >> 3 & 0b11 {
            0b00 => Ok(Self::Absent),
            0b10 => reader.octet(FIELD).map(|v| Self::Relative(RelativeValidity(v))),
            0b01 => {
                let at = reader.at();
                EnhancedValidity::from_octets(reader.array(FIELD)?)
                    .map(Self::Enhanced)
                    .map_err(|(i, error)| TpduError::new(at.saturating_add(i), error.into()))
            }
            _ => reader.array(FIELD).map(|octets| Self::Absolute(Timestamp::from_octets(octets))),
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Absent => {}
            Self::Relative(relative) => out.push(relative.0),
            Self::Enhanced(enhanced) => out.extend_from_slice(&enhanced.octets()),
            Self::Absolute(timestamp) => out.extend_from_slice(&timestamp.octets()),
        }
    }
}
