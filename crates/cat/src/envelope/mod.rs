//! ENVELOPE: what the terminal tells the card (TS 102.223, 7; TS 31.111, 7).

mod control;
mod event;
#[cfg(any(test, feature = "testkit"))]
mod event_samples;

use alloc::vec::Vec;

pub use control::{
    CallControl, CallDetails, ControlDecision, ControlReply, ControlledAction, SmsControl,
    SmsControlReply,
};
pub use event::{
    CallDisconnected, CallEnd, CallStarted, ChannelChanged, CsgSelected, DataConnectionChanged,
    DataReady, EventData, ImsRegistered, LocalConnected, LocationChanged, MtCall, NetworkRejected,
};

use crate::{
    body::body,
    device::{Device, Devices},
    error::{CatError, CatErrorKind, TooLong},
    object::{
        clock::{TimerId, TimerValue},
        file::FileList,
        location::{GadShape, NmeaSentence},
        network::{
            CellBroadcastPage, MmIdentifier, MmNotification, MmTransferStatus, RegistryData,
            SmsTpdu,
        },
        number::Address,
        text::{ItemIdentifier, UssdString},
    },
    objects::{Objects, RawObject, Writer, read_outer},
    tag,
};

/// An ENVELOPE: one BER-TLV object (TS 101.220, table 7.17).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Envelope {
    /// What is told.
    pub message: Message,
    /// Objects that a card passes over. Sent after all others.
    pub others: Vec<RawObject>,
}

/// What a terminal tells a card.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Message {
    /// `D1`: a short message for the card (TS 31.111, 7.1.1).
    SmsPpDownload(SmsPpDownload),
    /// `D2`: a page of a broadcast (TS 31.111, 7.1.2).
    CellBroadcastDownload(CellBroadcastDownload),
    /// `D3`: the user chose from the menu (TS 102.223, 7.2).
    MenuSelection(MenuSelection),
    /// `D4`: may this be called or sent (TS 31.111, 7.3.1).
    CallControl(CallControl),
    /// `D5`: may this short message be sent (TS 31.111, 7.3.2).
    SmsControl(SmsControl),
    /// `D6`: an event (TS 102.223, 7.5).
    Event(EventData),
    /// `D7`: a timer ran out (TS 102.223, 7.4).
    TimerExpiration(TimerExpiration),
    /// `D9`: USSD for the card (TS 31.111, 7.6).
    UssdDownload(UssdDownload),
    /// `DA`: how a multimedia message went (TS 102.223, 7.6).
    MmsTransferStatus(MmsTransferStatus),
    /// `DB`: a multimedia message waits (TS 102.223, 7.7).
    MmsNotification(MmsNotification),
    /// `DC`: an application of the terminal (TS 102.223, 7.8).
    TerminalApplication(TerminalApplication),
    /// `DD`: where the terminal is (TS 31.111, 7.10).
    GeographicalLocation(GeographicalLocation),
    /// `DE`: from an eCAT client, as it is (TS 102.223, 7.9).
    Container(Contents),
    /// `DF`: usage of proximity services, as it is (TS 31.111, 7.11).
    ProSeReport(Contents),
}

body! {
    /// SMS-PP download.
    SmsPpDownload {
        /// The service centre.
        service_centre: opt Address = tag::ADDRESS.ignorable();
        /// DELIVER.
        tpdu: one SmsTpdu = tag::SMS_TPDU;
    }
    /// Cell broadcast download.
    CellBroadcastDownload {
        /// The page.
        page: one CellBroadcastPage = tag::CELL_BROADCAST_PAGE;
    }
    /// Menu selection.
    MenuSelection {
        /// The item.
        item: one ItemIdentifier = tag::ITEM_IDENTIFIER;
        /// The user wants help with it.
        help: flag bool = tag::HELP_REQUEST.ignorable();
    }
    /// Timer expiration.
    TimerExpiration {
        /// Which timer.
        timer: one TimerId = tag::TIMER_IDENTIFIER.ignorable();
        /// The time that has passed since it was started.
        elapsed: one TimerValue = tag::TIMER_VALUE.ignorable();
    }
    /// USSD download.
    UssdDownload {
        /// The string.
        string: one UssdString = tag::USSD_STRING;
    }
    /// MMS transfer status.
    MmsTransferStatus {
        /// The file of the message.
        file: one FileList = tag::FILE_LIST;
        /// The message in the file.
        identifier: opt MmIdentifier = tag::MM_IDENTIFIER.ignorable();
        /// How it went.
        status: one MmTransferStatus = tag::MM_TRANSFER_STATUS;
    }
    /// MMS notification download.
    MmsNotification {
        /// The notification, or a part.
        notification: one MmNotification = tag::MM_NOTIFICATION;
        /// This is the last part.
        last: flag bool = tag::LAST_ENVELOPE;
    }
    /// Terminal application.
    TerminalApplication {
        /// How it registers, or a part.
        data: one RegistryData = tag::REGISTRY_DATA;
        /// This is the last part.
        last: flag bool = tag::LAST_ENVELOPE;
    }
    /// Geographical location reporting.
    GeographicalLocation {
        /// As a shape.
        shape: opt GadShape = tag::GAD_SHAPES;
        /// As a sentence.
        sentence: opt NmeaSentence = tag::NMEA_SENTENCE;
    }
    /// A message whose objects are not taken apart.
    Contents {
        /// Its objects, in their order.
        objects: rest RawObject;
    }
}

impl Message {
    /// Returns its outer tag (TS 101.220, table 7.17).
    #[must_use]
    pub const fn tag(&self) -> u32 {
        match self {
            Self::SmsPpDownload(_) => 0xD1,
            Self::CellBroadcastDownload(_) => 0xD2,
            Self::MenuSelection(_) => 0xD3,
            Self::CallControl(_) => 0xD4,
            Self::SmsControl(_) => 0xD5,
            Self::Event(_) => 0xD6,
            Self::TimerExpiration(_) => 0xD7,
            Self::UssdDownload(_) => 0xD9,
            Self::MmsTransferStatus(_) => 0xDA,
            Self::MmsNotification(_) => 0xDB,
            Self::TerminalApplication(_) => 0xDC,
            Self::GeographicalLocation(_) => 0xDD,
            Self::Container(_) => 0xDE,
            Self::ProSeReport(_) => 0xDF,
        }
    }

    /// Returns who tells it.
    #[must_use]
    pub const fn source(&self) -> Device {
        match self {
            Self::SmsPpDownload(_)
            | Self::CellBroadcastDownload(_)
            | Self::UssdDownload(_)
            | Self::MmsNotification(_) => Device::Network,
            Self::MenuSelection(_) => Device::Keypad,
            Self::Event(event) => event.source(),
            Self::CallControl(_)
            | Self::SmsControl(_)
            | Self::TimerExpiration(_)
            | Self::MmsTransferStatus(_)
            | Self::TerminalApplication(_)
            | Self::GeographicalLocation(_)
            | Self::Container(_)
            | Self::ProSeReport(_) => Device::Terminal,
        }
    }

    fn take(outer: u32, devices: Devices, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        Ok(match outer {
            0xD1 => Self::SmsPpDownload(SmsPpDownload::take(objects)?),
            0xD2 => Self::CellBroadcastDownload(CellBroadcastDownload::take(objects)?),
            0xD3 => Self::MenuSelection(MenuSelection::take(objects)?),
            0xD4 => Self::CallControl(CallControl::take(objects)?),
            0xD5 => Self::SmsControl(SmsControl::take(objects)?),
            0xD6 => Self::Event(EventData::read(devices, objects)?),
            0xD7 => Self::TimerExpiration(TimerExpiration::take(objects)?),
            0xD9 => Self::UssdDownload(UssdDownload::take(objects)?),
            0xDA => Self::MmsTransferStatus(MmsTransferStatus::take(objects)?),
            0xDB => Self::MmsNotification(MmsNotification::take(objects)?),
            0xDC => Self::TerminalApplication(TerminalApplication::take(objects)?),
            0xDD => Self::GeographicalLocation(GeographicalLocation::take(objects)?),
            0xDE => Self::Container(Contents::take(objects)?),
            0xDF => Self::ProSeReport(Contents::take(objects)?),
            found => return Err(CatError::new(0, CatErrorKind::OuterTag { found })),
        })
    }

    fn put(&self, out: &mut Writer) {
        match self {
            Self::SmsPpDownload(body) => body.put(out),
            Self::CellBroadcastDownload(body) => body.put(out),
            Self::MenuSelection(body) => body.put(out),
            Self::CallControl(body) => body.put(out),
            Self::SmsControl(body) => body.put(out),
            Self::Event(body) => body.put(out),
            Self::TimerExpiration(body) => body.put(out),
            Self::UssdDownload(body) => body.put(out),
            Self::MmsTransferStatus(body) => body.put(out),
            Self::MmsNotification(body) => body.put(out),
            Self::TerminalApplication(body) => body.put(out),
            Self::GeographicalLocation(body) => body.put(out),
            Self::Container(body) | Self::ProSeReport(body) => body.put(out),
        }
    }
}

impl Envelope {
    /// Returns an envelope without objects that mean nothing.
    #[must_use]
    pub const fn new(message: Message) -> Self {
        Self { message, others: Vec::new() }
    }

    /// Reads the data of an ENVELOPE.
    ///
    /// # Errors
    /// [`CatError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Self, CatError> {
        let (outer, mut objects) = read_outer(octets)?;
        let devices: Devices = objects.one(tag::DEVICE_IDENTITIES)?;
        let message = Message::take(outer, devices, &mut objects)?;
        Ok(Self { message, others: objects.finish()? })
    }

    /// Returns the data of an ENVELOPE.
    ///
    /// # Errors
    /// [`TooLong`] when one ENVELOPE cannot carry it.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Writer::default();
        if let Message::Event(event) = &self.message {
            event.put_list(&mut out);
        }
        out.one(tag::DEVICE_IDENTITIES, &Devices::from(self.message.source()));
        self.message.put(&mut out);
        out.rest(&self.others);
        out.wrapped(self.message.tag())
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{Contents, Envelope, Message};
    use crate::{
        objects::RawObject,
        sample::{Draw, Sample},
        tag::Tag,
    };

    impl Sample for Message {
        fn sample(draw: &mut Draw) -> Self {
            match draw.below(14) {
                0 => Self::SmsPpDownload(Sample::sample(draw)),
                1 => Self::CellBroadcastDownload(Sample::sample(draw)),
                2 => Self::MenuSelection(Sample::sample(draw)),
                3 => Self::CallControl(Sample::sample(draw)),
                4 => Self::SmsControl(Sample::sample(draw)),
                5 => Self::TimerExpiration(Sample::sample(draw)),
                6 => Self::UssdDownload(Sample::sample(draw)),
                7 => Self::MmsTransferStatus(Sample::sample(draw)),
                8 => Self::MmsNotification(Sample::sample(draw)),
                9 => Self::TerminalApplication(Sample::sample(draw)),
                10 => Self::GeographicalLocation(Sample::sample(draw)),
                11 => Self::Container(Contents::sample(draw)),
                12 => Self::ProSeReport(Contents::sample(draw)),
                _ => Self::Event(Sample::sample(draw)),
            }
        }
    }

    impl Sample for Envelope {
        fn sample(draw: &mut Draw) -> Self {
            let mut envelope = Self::new(Message::sample(draw));
            let takes_all =
                matches!(envelope.message, Message::Container(_) | Message::ProSeReport(_))
                    || matches!(&envelope.message, Message::Event(event) if event.takes_all());
            if !takes_all && draw.below(4) == 0 {
                let tag = Tag::new(0x5A + u16::from(draw.below(4))).ignorable();
                envelope.others.push(RawObject { tag, value: draw.octets(0, 4) });
            }
            envelope
        }
    }
}
