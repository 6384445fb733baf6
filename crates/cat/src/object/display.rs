//! What the user sees and hears, and for how long.

use alloc::vec::Vec;

use crate::{
    error::Flaw,
    object::{Object, octet, octet_enum, octet_list, octets},
};

octet_enum! {
    /// What an interval counts (TS 102.223, 8.8).
    TimeUnit {
        /// Minutes.
        Minutes = 0x00,
        /// Seconds.
        Seconds = 0x01,
        /// Tenths of seconds.
        Tenths = 0x02,
    }
}

/// A duration (TS 102.223, 8.8).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Duration {
    /// What it counts.
    pub unit: TimeUnit,
    /// How many, 1 to 255; the standard reserves zero.
    pub interval: u8,
}

impl Duration {
    /// Returns a duration of seconds.
    #[must_use]
    pub const fn seconds(interval: u8) -> Self {
        Self { unit: TimeUnit::Seconds, interval }
    }

    /// Returns the span of time.
    #[must_use]
    pub fn span(self) -> polysim_base::Duration {
        let unit = match self.unit {
            TimeUnit::Minutes => 60_000,
            TimeUnit::Seconds => 1_000,
            TimeUnit::Tenths => 100,
        };
        polysim_base::Duration::from_millis(unit).times(u64::from(self.interval))
    }
}

impl Object for Duration {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [unit, interval, ..] = value else { return Err(Flaw::Length) };
        let unit = TimeUnit::from_octet(*unit).ok_or(Flaw::Contents(0))?;
        Ok(Self { unit, interval: *interval })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([self.unit.octet(), self.interval]);
    }
}

/// How many characters the user may enter (TS 102.223, 8.11).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ResponseLength {
    /// The least.
    pub least: u8,
    /// The most; 255 says that there is no limit.
    pub most: u8,
}

impl Object for ResponseLength {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [least, most, ..] = value else { return Err(Flaw::Length) };
        Ok(Self { least: *least, most: *most })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([self.least, self.most]);
    }
}

/// An icon: a record of EF IMG (TS 102.223, 8.31).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct IconIdentifier {
    /// Whether it replaces the text, or is shown beside it.
    pub self_explanatory: bool,
    /// The record.
    pub record: u8,
}

impl Object for IconIdentifier {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [qualifier, record, ..] = value else { return Err(Flaw::Length) };
        Ok(Self { self_explanatory: qualifier & 0x01 == 0, record: *record })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([u8::from(!self.self_explanatory), self.record]);
    }
}

/// The icons of items, in their order (TS 102.223, 8.32).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ItemIcons {
    /// Whether they replace the texts, or are shown beside them.
    pub self_explanatory: bool,
    /// Records of EF IMG, one for each item.
    pub records: Vec<u8>,
}

impl Object for ItemIcons {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (qualifier, records) = value.split_first().ok_or(Flaw::Length)?;
        Ok(Self { self_explanatory: qualifier & 0x01 == 0, records: records.to_vec() })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(!self.self_explanatory));
        out.extend_from_slice(&self.records);
    }
}

/// How a stretch of text looks (TS 102.223, 8.72; TS 23.040, 9.2.3.24.10.1.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TextFormat {
    /// Where it begins.
    pub start: u8,
    /// How many characters it has; zero for the default of the whole text.
    pub length: u8,
    /// Alignment, size and style.
    pub mode: u8,
    /// Foreground and background.
    pub colour: u8,
}

/// The formats of a text (TS 102.223, 8.72), or of each item in turn (8.73).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct TextAttribute(pub Vec<TextFormat>);

impl Object for TextAttribute {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (formats, rest) = value.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(Flaw::Length);
        }
        let formats = formats.iter();
        Ok(Self(
            formats
                .map(|[start, length, mode, colour]| TextFormat {
                    start: *start,
                    length: *length,
                    mode: *mode,
                    colour: *colour,
                })
                .collect(),
        ))
    }

    fn put(&self, out: &mut Vec<u8>) {
        for format in &self.0 {
            out.extend([format.start, format.length, format.mode, format.colour]);
        }
    }
}

octet_list! {
    /// Which type of command each item leads to, in their order; zero for none
    /// (TS 102.223, 8.24).
    NextActions of NextAction;
}

octet! {
    /// The type of command that an item leads to.
    NextAction;
    /// A frame of the screen (TS 102.223, 8.80).
    FrameIdentifier;
    /// Whether a card asks for contactless use, `00`, or no more (TS 102.223, 8.91).
    ContactlessRequest;
    /// Whether contactless use is enabled, `00`, or disabled, `01` (TS 102.223, 8.92).
    ContactlessState;
    /// Which interface to activate: `01` is UICC-CLF (TS 102.223, 8.89).
    ActivateDescriptor;
}

octet_enum! {
    /// A tone (TS 102.223, 8.16).
    Tone {
        /// Dial tone.
        Dial = 0x01,
        /// Called subscriber busy.
        Busy = 0x02,
        /// Congestion.
        Congestion = 0x03,
        /// Radio path acknowledge.
        RadioAcknowledge = 0x04,
        /// Radio path not available, call dropped.
        RadioNotAvailable = 0x05,
        /// Error, special information.
        Error = 0x06,
        /// Call waiting.
        CallWaiting = 0x07,
        /// Ringing.
        Ringing = 0x08,
        /// General beep.
        GeneralBeep = 0x10,
        /// Positive acknowledgement.
        PositiveAcknowledgement = 0x11,
        /// Negative acknowledgement or error.
        NegativeAcknowledgement = 0x12,
        /// The user's tone for an incoming speech call.
        IncomingCall = 0x13,
        /// The user's tone for an incoming short message.
        IncomingMessage = 0x14,
        /// Critical alert.
        CriticalAlert = 0x15,
        /// Vibrate only.
        VibrateOnly = 0x20,
        /// Happy.
        Happy = 0x30,
        /// Sad.
        Sad = 0x31,
        /// Urgent action.
        UrgentAction = 0x32,
        /// Question.
        Question = 0x33,
        /// Message received.
        MessageReceived = 0x34,
        /// Melody 1.
        Melody1 = 0x40,
        /// Melody 2.
        Melody2 = 0x41,
        /// Melody 3.
        Melody3 = 0x42,
        /// Melody 4.
        Melody4 = 0x43,
        /// Melody 5.
        Melody5 = 0x44,
        /// Melody 6.
        Melody6 = 0x45,
        /// Melody 7.
        Melody7 = 0x46,
        /// Melody 8.
        Melody8 = 0x47,
    }
}

octets! {
    /// Frame layout: horizontal or vertical, then relative sizes (TS 102.223, 8.78).
    FrameLayout, "frame layout", 1..=255;
    /// Frames information: default frame, then identifier, width and height of each
    /// (TS 102.223, 8.79).
    FramesInformation, "frames information", 0..=255;
    /// Display parameters: height, width and effects as in octets 14 to 16 of the terminal profile
    /// (TS 102.223, 8.62).
    DisplayParameters, "display parameters", 3..=255;
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{Duration, IconIdentifier, ItemIcons, ResponseLength, TextAttribute, TextFormat};
    use crate::{
        object::sample_fields,
        sample::{Draw, Sample},
    };

    sample_fields! {
        Duration { unit, interval }
        ResponseLength { least, most }
        IconIdentifier { self_explanatory, record }
        ItemIcons { self_explanatory, records }
        TextFormat { start, length, mode, colour }
    }

    impl Sample for TextAttribute {
        fn sample(draw: &mut Draw) -> Self {
            Self(draw.list())
        }
    }
}
