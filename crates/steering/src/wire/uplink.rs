//! How agents write what they say.

use alloc::vec::Vec;

use super::frame::UP_OVERHEAD;
use super::octets::Writer;
use super::{
    Capabilities, DownloadFailure, DownloadRequest, ListRequest, OperatorNumber, Order, Outcome,
    PresentProfile, Report, ReportNumber, RequestNumber, TEXT_LEN_MAX, Uplink,
};
use crate::{Level, Registration, VisibleNetwork};
use polysim_base::{InvalidOctets, OctetReader};

const LIST: u8 = 1;
const DOWNLOAD: u8 = 2;
const REPORT: u8 = 3;

/// The most profiles that a request for a list names.
const PROFILES_MAX: usize = 4;
/// The most networks that a request for a list names: as many as there is room for.
const VISIBLE_MAX: usize = 22;
/// Octets of a request for a list without profiles and networks.
const LIST_LEN: usize = 1 + 4 + 1 + 2 + 4 + 5 + 1 + 1;
const PROFILE_LEN: usize = 11;
const VISIBLE_LEN: usize = 4;

impl ListRequest {
    /// Leaves out what does not fit into one short message: profiles behind the fourth, the enabled
    /// and the original one being first, and the networks that are received most weakly.
    pub fn fit(&mut self) {
        self.profiles.sort_by_key(|it| (!it.is_enabled, !it.is_original));
        self.profiles.truncate(PROFILES_MAX);
        self.visible.sort_by_key(|network| core::cmp::Reverse(network.level));
        let taken = UP_OVERHEAD + LIST_LEN + PROFILE_LEN * self.profiles.len();
        let room = TEXT_LEN_MAX.saturating_sub(taken) / VISIBLE_LEN;
        self.visible.truncate(room.min(VISIBLE_MAX));
    }
}

impl Uplink {
    pub(super) fn put(&self, out: &mut Writer) {
        match self {
            Self::List(request) => put_list(request, out),
            Self::Download(request) => put_download(request, out),
            Self::Report(report) => put_report(report, out),
        }
    }

    /// Reads a message without its frame.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, InvalidOctets> {
        let mut reader = OctetReader::new(body);
        let message = match reader.octet()? {
            LIST => Self::List(list(&mut reader)?),
            DOWNLOAD => Self::Download(download(&mut reader)?),
            REPORT => Self::Report(report(&mut reader)?),
            _ => return Err(reader.refuse(1)),
        };
        reader.end().map(|()| message)
    }
}

fn put_list(request: &ListRequest, out: &mut Writer) {
    out.octet(LIST);
    out.octets(request.number.0.to_be_bytes());
    out.octet(match request.order {
        Order::Tariff => 0,
        Order::Signal => 1,
    });
    out.octets(match request.registration {
        Registration::Home => [0, 0],
        Registration::Roaming => [1, 0],
        Registration::Searching => [2, 0],
        Registration::NotRegistered => [3, 0],
        Registration::Denied { cause } => [4, cause],
    });
    out.optional(request.serving, |out, plmn| out.octets(plmn.wire()));
    out.optional(request.memory_free, |out, free| out.octets(free.to_be_bytes()));
    out.several(&request.profiles, PROFILES_MAX, |out, profile| {
        out.octet(u8::from(profile.is_enabled) | u8::from(profile.is_original) << 1);
        out.octets(profile.iccid.wire());
    });
    out.several(&request.visible, VISIBLE_MAX, |out, network| {
        out.octets(network.plmn.wire());
        out.octet(u8::try_from(network.level.dbm().unsigned_abs()).unwrap_or(u8::MAX));
    });
}

fn list(reader: &mut OctetReader<'_>) -> Result<ListRequest, InvalidOctets> {
    Ok(ListRequest {
        number: RequestNumber(reader.u32()?),
        order: if reader.flag()? { Order::Signal } else { Order::Tariff },
        registration: registration(reader)?,
        serving: reader.optional(OctetReader::plmn)?,
        memory_free: reader.optional(OctetReader::u32)?,
        profiles: reader.several(PROFILES_MAX, profile)?,
        visible: visible(reader)?,
    })
}

fn registration(reader: &mut OctetReader<'_>) -> Result<Registration, InvalidOctets> {
    Ok(match reader.take()? {
        [0, 0] => Registration::Home,
        [1, 0] => Registration::Roaming,
        [2, 0] => Registration::Searching,
        [3, 0] => Registration::NotRegistered,
        [4, cause] => Registration::Denied { cause },
        _ => return Err(reader.refuse(2)),
    })
}

fn profile(reader: &mut OctetReader<'_>) -> Result<PresentProfile, InvalidOctets> {
    let flags = reader.octet()?;
    if flags > 3 {
        return Err(reader.refuse(1));
    }
    let (is_enabled, is_original) = (flags & 1 != 0, flags & 2 != 0);
    Ok(PresentProfile { iccid: reader.iccid()?, is_enabled, is_original })
}

fn visible(reader: &mut OctetReader<'_>) -> Result<Vec<VisibleNetwork>, InvalidOctets> {
    reader.several(VISIBLE_MAX, |reader| {
        let plmn = reader.plmn()?;
        let level = Level::from_dbm(-i16::from(reader.octet()?));
        Ok(VisibleNetwork { plmn, level })
    })
}

fn put_download(request: &DownloadRequest, out: &mut Writer) {
    out.octet(DOWNLOAD);
    out.octets(request.number.0.to_be_bytes());
    out.octets(request.operator.0.to_be_bytes());
    out.optional(request.memory_free, |out, free| out.octets(free.to_be_bytes()));
    out.octets(request.capabilities.0.to_be_bytes());
}

fn download(reader: &mut OctetReader<'_>) -> Result<DownloadRequest, InvalidOctets> {
    Ok(DownloadRequest {
        number: RequestNumber(reader.u32()?),
        operator: OperatorNumber(reader.u16()?),
        memory_free: reader.optional(OctetReader::u32)?,
        capabilities: Capabilities(reader.u16()?),
    })
}

fn put_report(report: &Report, out: &mut Writer) {
    out.octet(REPORT);
    out.octets(report.number.0.to_be_bytes());
    out.octets(report.merged.to_be_bytes());
    match report.outcome {
        Outcome::Downloaded { request, operator, iccid } => {
            out.octet(0);
            out.octets(request.0.to_be_bytes());
            out.octets(operator.0.to_be_bytes());
            out.octets(iccid.wire());
        }
        Outcome::DownloadFailed { request, operator, failure } => {
            out.octet(1);
            out.octets(request.0.to_be_bytes());
            out.octets(operator.0.to_be_bytes());
            out.octet(failure_code(failure));
        }
        Outcome::Switched { iccid, serving } => {
            out.octet(2);
            out.octets(iccid.wire());
            out.optional(serving, |out, plmn| out.octets(plmn.wire()));
        }
        Outcome::NoneWorked { tried } => out.octets([3, tried]),
        Outcome::Home => out.octet(4),
        Outcome::HomeFailed => out.octet(5),
    }
}

fn report(reader: &mut OctetReader<'_>) -> Result<Report, InvalidOctets> {
    let number = ReportNumber(reader.u32()?);
    let merged = reader.u16()?;
    let outcome = match reader.octet()? {
        0 => Outcome::Downloaded {
            request: RequestNumber(reader.u32()?),
            operator: OperatorNumber(reader.u16()?),
            iccid: reader.iccid()?,
        },
        1 => Outcome::DownloadFailed {
            request: RequestNumber(reader.u32()?),
            operator: OperatorNumber(reader.u16()?),
            failure: failure(reader)?,
        },
        2 => Outcome::Switched {
            iccid: reader.iccid()?,
            serving: reader.optional(OctetReader::plmn)?,
        },
        3 => Outcome::NoneWorked { tried: reader.octet()? },
        4 => Outcome::Home,
        5 => Outcome::HomeFailed,
        _ => return Err(reader.refuse(1)),
    };
    Ok(Report { number, outcome, merged })
}

const fn failure_code(failure: DownloadFailure) -> u8 {
    match failure {
        DownloadFailure::Unreachable => 0,
        DownloadFailure::Server => 1,
        DownloadFailure::Euicc => 2,
        DownloadFailure::Memory => 3,
        DownloadFailure::Vanished => 4,
    }
}

fn failure(reader: &mut OctetReader<'_>) -> Result<DownloadFailure, InvalidOctets> {
    Ok(match reader.octet()? {
        0 => DownloadFailure::Unreachable,
        1 => DownloadFailure::Server,
        2 => DownloadFailure::Euicc,
        3 => DownloadFailure::Memory,
        4 => DownloadFailure::Vanished,
        _ => return Err(reader.refuse(1)),
    })
}
