//! Requests and answers as bodies of HTTP (SGP.22, 6.5.2).

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, InvalidIccid};

use super::{
    Answer, BodyError, Call, CancelOrder, ConfirmOrder, ConfirmOrderOk, ConfirmationCode,
    DownloadOrder, FinalStatus, Function, InvalidToken, Matching, MatchingId, NotificationPoint,
    Progress, Request, timestamp,
};
use crate::es9::Failure;
use crate::json::{Object, REQUEST_MAX, Reader, wrong};

/// The path that words of progress are posted to, at the operator.
pub const PROGRESS_PATH: &str = "/gsma/rsp2/es2plus/handleDownloadProgressInfo";
/// Most characters of the names of a call, of a type or of an address.
const NAME_MAX: usize = 255;

/// The functions of ES2+ that an SM-DP+ has.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FunctionName {
    /// A profile is reserved.
    DownloadOrder,
    /// The order is confirmed.
    ConfirmOrder,
    /// The order is taken back.
    CancelOrder,
    /// The profile may be downloaded.
    ReleaseProfile,
}

impl FunctionName {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::DownloadOrder, Self::ConfirmOrder, Self::CancelOrder, Self::ReleaseProfile];

    /// Returns the path that it is posted to.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::DownloadOrder => "/gsma/rsp2/es2plus/downloadOrder",
            Self::ConfirmOrder => "/gsma/rsp2/es2plus/confirmOrder",
            Self::CancelOrder => "/gsma/rsp2/es2plus/cancelOrder",
            Self::ReleaseProfile => "/gsma/rsp2/es2plus/releaseProfile",
        }
    }

    /// Names the function that is posted to a path.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.path() == path)
    }

    /// Reads what an operator asks.
    ///
    /// # Errors
    /// [`BodyError`] where the body is no such request.
    pub fn read_request(self, body: &[u8]) -> Result<Request, BodyError> {
        let reader = Reader::body(body, REQUEST_MAX)?;
        let call = read_call(&reader)?;
        let function = match self {
            Self::DownloadOrder => Function::DownloadOrder(DownloadOrder {
                eid: reader.opt_parsed("eid", Eid::parse)?,
                iccid: reader.opt_parsed("iccid", read_iccid)?,
                profile_type: opt_name(&reader, "profileType")?,
            }),
            Self::ConfirmOrder => Function::ConfirmOrder(Box::new(ConfirmOrder {
                iccid: reader.parsed("iccid", read_iccid)?,
                eid: reader.opt_parsed("eid", Eid::parse)?,
                matching_id: reader.opt_parsed("matchingId", read_matching)?,
                confirmation_code: reader
                    .opt_parsed("confirmationCode", ConfirmationCode::parse)?,
                smds_address: opt_name(&reader, "smdsAddress")?,
                release: reader.flag("releaseFlag")?,
            })),
            Self::CancelOrder => Function::CancelOrder(CancelOrder {
                iccid: reader.parsed("iccid", read_iccid)?,
                eid: reader.opt_parsed("eid", Eid::parse)?,
                matching_id: reader.opt_parsed("matchingId", MatchingId::parse)?,
                final_status: reader.parsed("finalProfileStatusIndicator", read_final)?,
            }),
            Self::ReleaseProfile => {
                Function::ReleaseProfile { iccid: reader.parsed("iccid", read_iccid)? }
            }
        };
        Ok(Request { call, function })
    }

    /// Reads what an SM-DP+ answers to this function: the status of HTTP and the body.
    ///
    /// # Errors
    /// [`Failure`] where it is no answer to this.
    pub fn read_answer(self, status: u16, body: &[u8]) -> Result<Answer, Failure> {
        if status != 200 {
            return Err(Failure::Http(status));
        }
        self.read_answer_body(body).map_err(|error| Failure::Garbled { reason: format!("{error}") })
    }

    fn read_answer_body(self, body: &[u8]) -> Result<Answer, BodyError> {
        let reader = Reader::body(body, REQUEST_MAX)?;
        if let Err(status) = reader.execution() {
            return Ok(Answer::Refused(status));
        }
        Ok(match self {
            Self::DownloadOrder => {
                Answer::DownloadOrder { iccid: reader.parsed("iccid", read_iccid)? }
            }
            Self::ConfirmOrder => Answer::ConfirmOrder(ConfirmOrderOk {
                eid: reader.opt_parsed("eid", Eid::parse)?,
                matching_id: match reader.parsed("matchingId", read_matching)? {
                    Matching::ByEid => None,
                    Matching::Is(id) => Some(id),
                },
                smdp_address: opt_name(&reader, "smdpAddress")?.unwrap_or_default(),
            }),
            Self::CancelOrder => Answer::CancelOrder,
            Self::ReleaseProfile => Answer::ReleaseProfile,
        })
    }
}

impl Request {
    /// Returns which function this is of.
    #[must_use]
    pub const fn function_name(&self) -> FunctionName {
        match self.function {
            Function::DownloadOrder(_) => FunctionName::DownloadOrder,
            Function::ConfirmOrder(_) => FunctionName::ConfirmOrder,
            Function::CancelOrder(_) => FunctionName::CancelOrder,
            Function::ReleaseProfile { .. } => FunctionName::ReleaseProfile,
        }
    }

    /// Writes the body that is posted. It may hold a confirmation code and a matching identifier.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut object = called(&self.call);
        match &self.function {
            Function::DownloadOrder(order) => {
                put_eid(&mut object, order.eid);
                if let Some(iccid) = &order.iccid {
                    put_iccid(&mut object, iccid);
                }
                if let Some(profile_type) = &order.profile_type {
                    object.text("profileType", profile_type);
                }
            }
            Function::ConfirmOrder(order) => put_confirm(&mut object, order),
            Function::CancelOrder(order) => {
                put_iccid(&mut object, &order.iccid);
                put_eid(&mut object, order.eid);
                if let Some(id) = &order.matching_id {
                    object.text("matchingId", id.as_str());
                }
                object.text(
                    "finalProfileStatusIndicator",
                    match order.final_status {
                        FinalStatus::Available => "Available",
                        FinalStatus::Unavailable => "Unavailable",
                    },
                );
            }
            Function::ReleaseProfile { iccid } => put_iccid(&mut object, iccid),
        }
        object.body()
    }
}

impl Answer {
    /// Writes the body that is answered, with status 200.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut object = Object::success();
        match self {
            Self::DownloadOrder { iccid } => put_iccid(&mut object, iccid),
            Self::ConfirmOrder(ok) => {
                put_eid(&mut object, ok.eid);
                let id = ok.matching_id.as_ref().map_or("", MatchingId::as_str);
                object.text("matchingId", id);
                object.text("smdpAddress", &ok.smdp_address);
            }
            Self::CancelOrder | Self::ReleaseProfile => {}
            Self::Refused(status) => object = Object::failure(status),
        }
        object.body()
    }
}

impl Progress {
    /// Writes the body that is posted to the operator.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut object = called(&self.call);
        put_eid(&mut object, self.eid);
        put_iccid(&mut object, &self.iccid);
        object.text("profileType", &self.profile_type);
        object.text("timestamp", &timestamp::write(self.timestamp));
        object.number("notificationPointId", self.point.id());
        object.put("notificationPointStatus", &Object::execution(&self.result));
        if let Some(data) = &self.result_data {
            object.octets("resultData", data);
        }
        object.body()
    }

    /// Reads what an SM-DP+ posts.
    ///
    /// # Errors
    /// [`BodyError`] where the body is no word of progress.
    pub fn read(body: &[u8]) -> Result<Self, BodyError> {
        let reader = Reader::body(body, REQUEST_MAX)?;
        let at = reader.text("timestamp")?;
        Ok(Self {
            call: read_call(&reader)?,
            eid: reader.opt_parsed("eid", Eid::parse)?,
            iccid: reader.parsed("iccid", read_iccid)?,
            profile_type: opt_name(&reader, "profileType")?.unwrap_or_default(),
            timestamp: timestamp::read(at).ok_or_else(|| wrong("timestamp", "no date and time"))?,
            point: NotificationPoint::from_id(reader.number("notificationPointId")?),
            result: reader.result("notificationPointStatus")?,
            result_data: match reader.has("resultData") {
                true => Some(reader.octets("resultData")?),
                false => None,
            },
        })
    }
}

fn put_confirm(object: &mut Object, order: &ConfirmOrder) {
    put_iccid(object, &order.iccid);
    put_eid(object, order.eid);
    match &order.matching_id {
        Some(Matching::ByEid) => object.text("matchingId", ""),
        Some(Matching::Is(id)) => object.text("matchingId", id.as_str()),
        None => {}
    }
    if let Some(code) = &order.confirmation_code {
        object.text("confirmationCode", code.as_str());
    }
    if let Some(address) = &order.smds_address {
        object.text("smdsAddress", address);
    }
    object.flag("releaseFlag", order.release);
}

fn called(call: &Call) -> Object {
    let mut header = Object::default();
    header.text("functionRequesterIdentifier", &call.requester);
    header.text("functionCallIdentifier", &call.id);
    let mut object = Object::default();
    object.put("header", &header);
    object
}

fn read_call(reader: &Reader) -> Result<Call, BodyError> {
    let header = reader.object("header")?;
    Ok(Call {
        requester: header.parsed("functionRequesterIdentifier", name)?,
        id: header.parsed("functionCallIdentifier", name)?,
    })
}

fn put_eid(object: &mut Object, eid: Option<Eid>) {
    if let Some(eid) = eid {
        object.text("eid", &format!("{eid}"));
    }
}

/// An ICCID goes with twenty characters: peers of before version 2.2 know no others.
fn put_iccid(object: &mut Object, iccid: &Iccid) {
    object.text("iccid", &format!("{:F<20}", format!("{iccid}")));
}

fn read_iccid(text: &str) -> Result<Iccid, InvalidIccid> {
    Iccid::parse(text.trim_end_matches(['F', 'f']))
}

fn read_matching(text: &str) -> Result<Matching, InvalidToken> {
    if text.is_empty() { Ok(Matching::ByEid) } else { MatchingId::parse(text).map(Matching::Is) }
}

fn read_final(text: &str) -> Result<FinalStatus, &'static str> {
    match text {
        "Available" => Ok(FinalStatus::Available),
        "Unavailable" => Ok(FinalStatus::Unavailable),
        _ => Err("neither Available nor Unavailable"),
    }
}

fn opt_name(reader: &Reader, field: &'static str) -> Result<Option<String>, BodyError> {
    reader.opt_parsed(field, name)
}

fn name(text: &str) -> Result<String, &'static str> {
    if text.len() <= NAME_MAX { Ok(text.to_owned()) } else { Err("more than 255 characters") }
}
