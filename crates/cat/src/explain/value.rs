//! Values of objects in words.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use polysim_base::{Hex, Imei, Imeisv, Plmn};

use super::Setting;
use crate::{
    command::{CommandDetails, CommandType},
    device::Devices,
    error::Flaw,
    object::{
        Object,
        browser::{Bearers, BrowserIdentity, BrowserTermination},
        card::CardReaderStatus,
        channel::{
            BearerDescription, BufferSize, ChannelDataLength, ChannelStatus, OtherAddress,
            TransportLevel,
        },
        clock::{DateTime, TimerId, TimerValue},
        display::{Duration, IconIdentifier, NextActions, ResponseLength, TimeUnit, Tone},
        event::{Event, EventList},
        file::FileList,
        identity::{BatteryState, Language},
        location::{
            AccessTechnologies, Area, LocationInformation, LocationStatus, MeasurementQualifier,
            PlmnList, PlmnWithAccessList, RoutingArea, SearchMode, UpdateType,
        },
        network::{DataConnectionStatus, DataConnectionType},
        number::{Address, DtmfString, SsString},
        text::{AlphaIdentifier, Item, ItemIdentifier, TextString},
    },
    response::GeneralResult,
    tag::{self, Tag},
};

/// Says what a value means; nothing where it says no more than its octets do.
pub(super) fn words(tag: Tag, value: &[u8], setting: &Setting) -> Option<String> {
    let number = tag.number();
    if let Some(flag) = flag(number) {
        return Some(flag.into());
    }
    basic(number, value)
        .or_else(|| session(number, value))
        .or_else(|| place(number, value))
        .or_else(|| channel(number, value, setting))
        .map(|said| said.unwrap_or_else(|_| "a reserved or impossible value".into()))
}

/// What is said, if the value is one that the object can have.
type Said = Option<Result<String, Flaw>>;

/// Objects that say all by being there.
fn flag(number: u16) -> Option<&'static str> {
    Some(match number {
        n if n == tag::IMMEDIATE_RESPONSE.number() => "the response is wanted at once",
        n if n == tag::HELP_REQUEST.number() => "the user wants help",
        n if n == tag::LAST_ENVELOPE.number() => "this is the last part",
        _ => return None,
    })
}

fn shown<T: Object + fmt::Display>(value: &[u8]) -> Said {
    said(value, |object: T| object.to_string())
}

fn said<T: Object>(value: &[u8], words: impl FnOnce(T) -> String) -> Said {
    Some(T::parse(value).map(words))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn ascii(value: &[u8]) -> Said {
    Some(Ok(quoted(&String::from_utf8_lossy(value))))
}

fn listed<T: fmt::Display>(list: &[T]) -> String {
    if list.is_empty() {
        return "none".into();
    }
    list.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn basic(number: u16, value: &[u8]) -> Said {
    match number {
        0x01 => shown::<CommandDetails>(value),
        0x02 => shown::<Devices>(value),
        0x03 => shown::<GeneralResult>(value),
        0x05 => said(value, |alpha: AlphaIdentifier| quoted(&alpha.text())),
        0x06 => said(value, |address: Address| called(address.type_of_number, &address.digits())),
        0x09 => said(value, |ss: SsString| match ss.octets() {
            [kind, digits @ ..] => Address::parse(&[&[*kind], digits].concat())
                .map_or_else(|_| String::new(), |address| called(*kind, &address.digits())),
            [] => String::new(),
        }),
        0x0D | 0x17 => said(value, |text: TextString| match text.coding() {
            Some(_) => quoted(&text.text()),
            None => "no text".into(),
        }),
        0x0F => said(value, |item: Item| {
            format!("{}: {}", item.identifier.0, quoted(&item.text.text()))
        }),
        0x10 => said(value, |item: ItemIdentifier| format!("item {}", item.0)),
        0x11 => said(value, |length: ResponseLength| match length.most {
            u8::MAX => format!("{} characters or more", length.least),
            most => format!("{} to {most} characters", length.least),
        }),
        0x18 => said(value, |actions: NextActions| {
            let name = |octet| CommandType::from_octet(octet).map_or("none", CommandType::name);
            actions.0.iter().map(|action| name(action.0)).collect::<Vec<_>>().join(", ")
        }),
        0x1E => said(value, |icon: IconIdentifier| {
            let how = if icon.self_explanatory { "in place of" } else { "beside" };
            format!("record {} of EF.IMG, {how} the text", icon.record)
        }),
        0x28 | 0x29 | 0x31 => ascii(value),
        0x2C => said(value, |dtmf: DtmfString| dtmf.digits()),
        0x0E => shown::<Tone>(value),
        _ => None,
    }
}

fn called(type_of_number: u8, digits: &str) -> String {
    let sign = if type_of_number & 0x70 == 0x10 { "+" } else { "" };
    format!("{sign}{digits}")
}

/// Time, events, files and what runs at the terminal.
fn session(number: u16, value: &[u8]) -> Said {
    match number {
        0x04 => said(value, |duration: Duration| {
            let unit = match duration.unit {
                TimeUnit::Minutes => "min",
                TimeUnit::Seconds => "s",
                TimeUnit::Tenths => "tenths of seconds",
            };
            format!("{} {unit}", duration.interval)
        }),
        0x12 => said(value, |files: FileList| {
            let path = |ids: &[u16]| {
                ids.iter().map(|id| format!("{id:04X}")).collect::<Vec<_>>().join("/")
            };
            files.0.iter().map(|file| path(file.ids())).collect::<Vec<_>>().join(", ")
        }),
        0x19 => said(value, |events: EventList| listed::<Event>(&events.0)),
        0x20 => said(value, |status: CardReaderStatus| {
            let card = match (status.has_card(), status.is_powered()) {
                (false, _) => "no card",
                (true, false) => "a card, not powered",
                (true, true) => "a card, powered",
            };
            format!("reader {}: {card}", status.reader())
        }),
        0x24 => said(value, |timer: TimerId| format!("timer {}", timer.number())),
        0x25 => said(value, |timer: TimerValue| format!("{} s", timer.span().as_secs())),
        0x26 => said(value, moment),
        0x2D => said(value, |language: Language| quoted(&String::from_utf8_lossy(&language.0))),
        0x30 => shown::<BrowserIdentity>(value),
        0x32 => said(value, |bearers: Bearers| listed(&bearers.0)),
        0x63 => shown::<BatteryState>(value),
        _ => None,
    }
}

fn moment(moment: DateTime) -> String {
    let ((year, month, day), (hour, minute, second)) = (moment.date(), moment.time());
    let date = format!("20{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    match moment.zone_quarters() {
        None => format!("{date}, zone unknown"),
        Some(zone) => {
            let (sign, zone) = (if zone < 0 { '-' } else { '+' }, zone.unsigned_abs());
            format!("{date} {sign}{:02}:{:02}", zone / 4, zone % 4 * 15)
        }
    }
}

/// Networks and places.
fn place(number: u16, value: &[u8]) -> Said {
    match number {
        0x13 => said(value, |location: LocationInformation| {
            let network = network(location.plmn);
            match location.area {
                Area::Code(code) => format!("{network}, area {code:04X}"),
                Area::Cell { code, cell } => format!("{network}, area {code:04X}, cell {cell:04X}"),
                Area::Wide { code, cell } => format!("{network}, area {code:04X}, cell {cell:08X}"),
                Area::NextGeneration { code, cell } => {
                    format!("{network}, area {}, cell {}", Hex(&code), Hex(&cell))
                }
            }
        }),
        0x14 => shown::<Imei>(value),
        0x62 => shown::<Imeisv>(value),
        0x1B => shown::<LocationStatus>(value),
        0x3F => said(value, |list: AccessTechnologies| listed(&list.0)),
        0x65 => shown::<SearchMode>(value),
        0x69 => shown::<MeasurementQualifier>(value),
        0x72 => said(value, |list: PlmnWithAccessList| {
            let entries = list.0.iter();
            let entries = entries.map(|entry| format!("{} {:04X}", entry.plmn, entry.access));
            entries.collect::<Vec<_>>().join(", ")
        }),
        0x73 if !value.is_empty() => said(value, |area: RoutingArea| {
            let (location, routing) = (area.location, area.routing);
            format!("{}, area {location:04X}, routing area {routing:02X}", network(area.plmn))
        }),
        0x74 => shown::<UpdateType>(value),
        0x75 => Some(value.first().map(|cause| format!("cause {cause}")).ok_or(Flaw::Length)),
        0x79 => said(value, |list: PlmnList| listed::<Plmn>(&list.0)),
        0x7D => value.split_first_chunk().map(|(plmn, code)| {
            let plmn = Plmn::from_wire(*plmn).map_err(|_| Flaw::Contents(0))?;
            Ok(format!("{}, area {}", network(plmn), Hex(code)))
        }),
        _ => None,
    }
}

fn network(plmn: Option<Plmn>) -> String {
    plmn.map_or_else(|| "no network".into(), |plmn| format!("network {plmn}"))
}

/// Channels, and what has another meaning beside some command or event.
fn channel(number: u16, value: &[u8], setting: &Setting) -> Said {
    match number {
        0x34 if setting.is_event(Event::BrowserTermination) => shown::<BrowserTermination>(value),
        0x1D if setting.is_event(Event::DataConnection) => shown::<DataConnectionStatus>(value),
        0x2A if setting.is_event(Event::DataConnection) => shown::<DataConnectionType>(value),
        0x35 => said(value, |bearer: BearerDescription| match &*bearer.parameters {
            [] => bearer.bearer.to_string(),
            parameters => format!("{}, parameters {}", bearer.bearer, Hex(parameters)),
        }),
        0x36 => Some(Ok(format!("{} octets", value.len()))),
        0x37 => said(value, |length: ChannelDataLength| match length.0 {
            u8::MAX => "255 octets or more".into(),
            octets => format!("{octets} octets"),
        }),
        0x38 => said(value, |status: ChannelStatus| {
            let channel = status.channel.map_or_else(
                || "no channel".into(),
                |channel| format!("channel {}", channel.number()),
            );
            match status.information {
                0 => format!("{channel}: {}", status.link),
                ChannelStatus::LINK_DROPPED => format!("{channel}: {}; link dropped", status.link),
                other => format!("{channel}: {}; information {other:02X}", status.link),
            }
        }),
        0x39 => said(value, |size: BufferSize| format!("{} octets", size.0)),
        0x3C => {
            said(value, |level: TransportLevel| format!("{}, port {}", level.protocol, level.port))
        }
        0x40 if !setting.opens_channel() => None,
        0x3E | 0x40 => said(value, |address: OtherAddress| match address {
            OtherAddress::Dynamic => "an address is to be assigned".into(),
            OtherAddress::V4(address) => address.to_string(),
            OtherAddress::V6(address) => address.to_string(),
        }),
        0x47 => Some(labels(value)),
        _ => None,
    }
}

/// A network access name: labels, each after its length.
fn labels(value: &[u8]) -> Result<String, Flaw> {
    let (mut name, mut rest) = (Vec::new(), value);
    while let Some((length, behind)) = rest.split_first() {
        let label = behind.split_at_checked((*length).into()).ok_or(Flaw::Length)?;
        name.push(String::from_utf8_lossy(label.0).into_owned());
        rest = label.1;
    }
    Ok(quoted(&name.join(".")))
}
