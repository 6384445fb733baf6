//! How the platform writes what it says.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use polysim_rsp::es2::MatchingId;

use super::frame::DOWN_OVERHEAD;
use super::octets::Writer;
use super::{
    Downlink, DownloadAnswer, ListAnswer, ListEntry, OperatorNumber, Refusal, ReportNumber,
    RequestNumber, TEXT_LEN_MAX,
};
use polysim_base::{InvalidOctets, OctetReader};

const LIST: u8 = 1;
const DOWNLOAD: u8 = 2;
const NOTED: u8 = 3;
/// Octets of an answer without its operators.
const LIST_LEN: usize = 1 + 4 + 1 + 1;

impl ListAnswer {
    /// Leaves out what does not fit into one short message: networks of an operator behind the
    /// fourth, and the last operators.
    #[must_use]
    pub fn fit(mut self) -> Self {
        let Self::Listed(entries) = &mut self else { return self };
        let mut left = TEXT_LEN_MAX.saturating_sub(DOWN_OVERHEAD + LIST_LEN);
        let mut count = 0;
        for entry in entries.iter_mut().take(ListEntry::LIST_MAX) {
            entry.plmns.truncate(ListEntry::PLMNS_MAX);
            let len = 2 + 1 + 3 * entry.plmns.len() + 1 + entry.iccid.map_or(0, |_| 10);
            let Some(rest) = left.checked_sub(len) else { break };
            (left, count) = (rest, count + 1);
        }
        entries.truncate(count);
        self
    }
}

impl Downlink {
    pub(super) fn put(&self, out: &mut Writer) {
        match self {
            Self::List { number, answer } => {
                out.octet(LIST);
                out.octets(number.0.to_be_bytes());
                put_list(answer, out);
            }
            Self::Download { number, answer } => {
                out.octet(DOWNLOAD);
                out.octets(number.0.to_be_bytes());
                put_download(answer, out);
            }
            Self::Noted { number } => {
                out.octet(NOTED);
                out.octets(number.0.to_be_bytes());
            }
        }
    }

    /// Reads a message without its frame.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, InvalidOctets> {
        let mut reader = OctetReader::new(body);
        let message = match reader.octet()? {
            LIST => {
                let number = RequestNumber(reader.u32()?);
                Self::List { number, answer: list(&mut reader)? }
            }
            DOWNLOAD => {
                let number = RequestNumber(reader.u32()?);
                Self::Download { number, answer: download(&mut reader)? }
            }
            NOTED => Self::Noted { number: ReportNumber(reader.u32()?) },
            _ => return Err(reader.refuse(1)),
        };
        reader.end().map(|()| message)
    }
}

fn put_list(answer: &ListAnswer, out: &mut Writer) {
    match answer {
        ListAnswer::Listed(entries) => {
            out.octet(0);
            out.several(entries, ListEntry::LIST_MAX, |out, entry| {
                out.octets(entry.operator.0.to_be_bytes());
                out.several(&entry.plmns, ListEntry::PLMNS_MAX, |out, plmn| {
                    out.octets(plmn.wire());
                });
                out.optional(entry.iccid, |out, iccid| out.octets(iccid.wire()));
            });
        }
        ListAnswer::Refused(refusal) => out.octets([1, refusal_code(*refusal)]),
    }
}

fn list(reader: &mut OctetReader<'_>) -> Result<ListAnswer, InvalidOctets> {
    match reader.octet()? {
        0 => reader.several(ListEntry::LIST_MAX, entry).map(ListAnswer::Listed),
        1 => refusal(reader).map(ListAnswer::Refused),
        _ => Err(reader.refuse(1)),
    }
}

fn entry(reader: &mut OctetReader<'_>) -> Result<ListEntry, InvalidOctets> {
    let operator = OperatorNumber(reader.u16()?);
    let plmns: Vec<_> = reader.several(ListEntry::PLMNS_MAX, OctetReader::plmn)?;
    Ok(ListEntry { operator, plmns, iccid: reader.optional(OctetReader::iccid)? })
}

fn put_download(answer: &DownloadAnswer, out: &mut Writer) {
    match answer {
        DownloadAnswer::Granted { smdp_address, matching_id, iccid } => {
            out.octet(0);
            out.text(smdp_address);
            out.text(matching_id.as_str());
            out.octets(iccid.wire());
        }
        DownloadAnswer::Pending => out.octet(1),
        DownloadAnswer::Refused(refusal) => out.octets([2, refusal_code(*refusal)]),
    }
}

fn download(reader: &mut OctetReader<'_>) -> Result<DownloadAnswer, InvalidOctets> {
    match reader.octet()? {
        0 => {
            let smdp_address = reader.text()?.to_string();
            let text = reader.text()?;
            let matching_id = MatchingId::parse(text).map_err(|_| reader.refuse(text.len()))?;
            Ok(DownloadAnswer::Granted { smdp_address, matching_id, iccid: reader.iccid()? })
        }
        1 => Ok(DownloadAnswer::Pending),
        2 => refusal(reader).map(DownloadAnswer::Refused),
        _ => Err(reader.refuse(1)),
    }
}

const fn refusal_code(refusal: Refusal) -> u8 {
    match refusal {
        Refusal::UnknownDevice => 0,
        Refusal::UnknownOperator => 1,
        Refusal::NotEntitled => 2,
        Refusal::MemoryTooSmall { make_room: false } => 3,
        Refusal::MemoryTooSmall { make_room: true } => 4,
        Refusal::CapabilityMissing => 5,
        Refusal::BudgetUsedUp => 6,
        Refusal::TooManyOpen => 7,
        Refusal::OperatorRefused => 8,
    }
}

fn refusal(reader: &mut OctetReader<'_>) -> Result<Refusal, InvalidOctets> {
    Ok(match reader.octet()? {
        0 => Refusal::UnknownDevice,
        1 => Refusal::UnknownOperator,
        2 => Refusal::NotEntitled,
        3 => Refusal::MemoryTooSmall { make_room: false },
        4 => Refusal::MemoryTooSmall { make_room: true },
        5 => Refusal::CapabilityMissing,
        6 => Refusal::BudgetUsedUp,
        7 => Refusal::TooManyOpen,
        8 => Refusal::OperatorRefused,
        _ => return Err(reader.refuse(1)),
    })
}
