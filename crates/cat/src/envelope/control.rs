//! Call control and short message control: the terminal asks first (TS 102.223, 7.3; TS 31.111,
//! 7.3).

use alloc::vec::Vec;

use crate::{
    body::body,
    error::{CatError, CatErrorKind, TooLong},
    object::{
        channel::{PdnParameters, PdpParameters},
        location::LocationInformation,
        number::{
            Address, BcRepeat, CapabilityConfiguration, ImsUri, MediaType, SsString, Subaddress,
        },
        octet_enum,
        text::{AlphaIdentifier, UssdString},
    },
    objects::{Objects, RawObject, Writer, within_limit},
    tag,
};
use polysim_base::tlv::Ber;

/// What the terminal is about to do.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ControlledAction {
    /// A call.
    Call(Address),
    /// A supplementary service.
    Ss(SsString),
    /// USSD.
    Ussd(UssdString),
    /// A PDP context.
    Pdp(PdpParameters),
    /// An EPS PDN connection.
    Pdn(PdnParameters),
    /// A call of IMS.
    Ims(ImsUri),
}

impl ControlledAction {
    /// Takes the first action there is, in the order of the standard.
    fn take(objects: &mut Objects<'_>) -> Result<Option<Self>, CatError> {
        if let Some(address) = objects.opt(tag::ADDRESS)? {
            return Ok(Some(Self::Call(address)));
        }
        if let Some(string) = objects.opt(tag::SS_STRING)? {
            return Ok(Some(Self::Ss(string)));
        }
        if let Some(string) = objects.opt(tag::USSD_STRING)? {
            return Ok(Some(Self::Ussd(string)));
        }
        if let Some(parameters) = objects.opt(tag::PDP_PARAMETERS)? {
            return Ok(Some(Self::Pdp(parameters)));
        }
        if let Some(parameters) = objects.opt(tag::PDN_PARAMETERS)? {
            return Ok(Some(Self::Pdn(parameters)));
        }
        Ok(objects.opt(tag::IMS_URI)?.map(Self::Ims))
    }

    fn put(&self, out: &mut Writer) {
        match self {
            Self::Call(address) => out.one(tag::ADDRESS, address),
            Self::Ss(string) => out.one(tag::SS_STRING, string),
            Self::Ussd(string) => out.one(tag::USSD_STRING, string),
            Self::Pdp(parameters) => out.one(tag::PDP_PARAMETERS, parameters),
            Self::Pdn(parameters) => out.one(tag::PDN_PARAMETERS, parameters),
            Self::Ims(uri) => out.one(tag::IMS_URI, uri),
        }
    }
}

/// Call control: may this be called or sent (TS 31.111, 7.3.1.6).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CallControl {
    /// What the terminal is about to do.
    pub action: ControlledAction,
    /// What else belongs to it.
    pub details: CallDetails,
    /// Where the terminal is.
    pub location: Option<LocationInformation>,
}

body! {
    /// What belongs to a call.
    #[derive(Default)]
    CallDetails {
        /// What is asked of the bearer; the second where services alternate or follow.
        capabilities: many CapabilityConfiguration = tag::CAPABILITY_CONFIGURATION.ignorable();
        /// A subaddress.
        subaddress: opt Subaddress = tag::SUBADDRESS.ignorable();
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER.ignorable();
        /// Whether services alternate or follow.
        repeat: opt BcRepeat = tag::BC_REPEAT.ignorable();
        /// Voice or video.
        media: opt MediaType = tag::MEDIA_TYPE.ignorable();
    }
    /// Short message control: may this be sent (TS 31.111, 7.3.2.2).
    SmsControl {
        /// The service centre.
        service_centre: one Address = tag::ADDRESS;
        /// The recipient.
        destination: one Address = tag::ADDRESS;
        /// Where the terminal is.
        location: opt LocationInformation = tag::LOCATION_INFORMATION.ignorable();
    }
}

const LOCATION: tag::Tag = tag::LOCATION_INFORMATION.ignorable();

impl CallControl {
    pub(super) fn take(objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let kind = CatErrorKind::Missing { object: tag::ADDRESS };
        let missing = CatError::new(objects.end(), kind);
        Ok(Self {
            action: ControlledAction::take(objects)?.ok_or(missing)?,
            details: CallDetails::take(objects)?,
            location: objects.opt(LOCATION)?,
        })
    }

    pub(super) fn put(&self, out: &mut Writer) {
        self.action.put(out);
        self.details.put(out);
        out.opt(LOCATION, &self.location);
    }
}

octet_enum! {
    /// What the card decided (TS 31.111, 7.3.1.6).
    ControlDecision {
        /// As it is.
        Allowed = 0x00,
        /// Not at all.
        NotAllowed = 0x01,
        /// As the reply says.
        AllowedModified = 0x02,
    }
}

/// The card's reply to call control, in the response to ENVELOPE. An empty response allows as it
/// is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ControlReply {
    /// What the card decided.
    pub decision: ControlDecision,
    /// What is done in the place of what was asked.
    pub action: Option<ControlledAction>,
    /// What belongs to it, and what the user is told.
    pub details: CallDetails,
    /// Objects that a terminal passes over.
    pub others: Vec<RawObject>,
}

/// The card's reply to short message control, in the response to ENVELOPE.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SmsControlReply {
    /// What the card decided.
    pub decision: ControlDecision,
    /// Another service centre.
    pub service_centre: Option<Address>,
    /// Another recipient, behind another service centre.
    pub destination: Option<Address>,
    /// What the user is told.
    pub alpha: Option<AlphaIdentifier>,
    /// Objects that a terminal passes over.
    pub others: Vec<RawObject>,
}

impl ControlReply {
    /// Reads the response data of an ENVELOPE with call control.
    ///
    /// # Errors
    /// [`CatError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Self, CatError> {
        let (decision, mut objects) = read_reply(octets)?;
        Ok(Self {
            decision,
            action: ControlledAction::take(&mut objects)?,
            details: CallDetails::take(&mut objects)?,
            others: objects.finish()?,
        })
    }

    /// Returns the response data.
    ///
    /// # Errors
    /// [`TooLong`] when one response cannot carry it.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Writer::default();
        if let Some(action) = &self.action {
            action.put(&mut out);
        }
        self.details.put(&mut out);
        out.rest(&self.others);
        out.wrapped(u32::from(self.decision.octet()))
    }
}

impl SmsControlReply {
    /// Reads the response data of an ENVELOPE with short message control.
    ///
    /// # Errors
    /// [`CatError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Self, CatError> {
        let (decision, mut objects) = read_reply(octets)?;
        Ok(Self {
            decision,
            service_centre: objects.opt(tag::ADDRESS)?,
            destination: objects.opt(tag::ADDRESS)?,
            alpha: objects.opt(tag::ALPHA_IDENTIFIER.ignorable())?,
            others: objects.finish()?,
        })
    }

    /// Returns the response data.
    ///
    /// # Errors
    /// [`TooLong`] when one response cannot carry it.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Writer::default();
        out.opt(tag::ADDRESS, &self.service_centre);
        out.opt(tag::ADDRESS, &self.destination);
        out.opt(tag::ALPHA_IDENTIFIER.ignorable(), &self.alpha);
        out.rest(&self.others);
        out.wrapped(u32::from(self.decision.octet()))
    }
}

/// A decision, the length of the objects in the form of BER-TLV, the objects: so the decision
/// stands where a tag would. Nothing at all allows (TS 31.111, 7.3.1.6).
fn read_reply(octets: &[u8]) -> Result<(ControlDecision, Objects<'_>), CatError> {
    within_limit(octets)?;
    let Some((decision, _)) = octets.split_first() else {
        return Ok((ControlDecision::Allowed, Objects::read(octets, 0)?));
    };
    let found = u32::from(*decision);
    let decision = ControlDecision::from_octet(*decision)
        .ok_or_else(|| CatError::new(0, CatErrorKind::OuterTag { found }))?;
    let (outer, behind) = Ber::read(octets).map_err(|error| CatError::of_tlv(error, 0))?;
    Ok((decision, Objects::whole(octets, outer.value, behind)?))
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{CallControl, ControlReply, ControlledAction, SmsControlReply};
    use crate::sample::{Draw, Sample};
    use alloc::vec::Vec;

    crate::object::sample_fields! { CallControl { action, details, location } }

    impl Sample for ControlledAction {
        fn sample(draw: &mut Draw) -> Self {
            match draw.below(6) {
                0 => Self::Call(Sample::sample(draw)),
                1 => Self::Ss(Sample::sample(draw)),
                2 => Self::Ussd(Sample::sample(draw)),
                3 => Self::Pdp(Sample::sample(draw)),
                4 => Self::Pdn(Sample::sample(draw)),
                _ => Self::Ims(Sample::sample(draw)),
            }
        }
    }

    impl Sample for ControlReply {
        fn sample(draw: &mut Draw) -> Self {
            Self {
                decision: Sample::sample(draw),
                action: Sample::sample(draw),
                details: Sample::sample(draw),
                others: Vec::new(),
            }
        }
    }

    impl Sample for SmsControlReply {
        fn sample(draw: &mut Draw) -> Self {
            let service_centre = Option::sample(draw);
            Self {
                decision: Sample::sample(draw),
                destination: service_centre.as_ref().and_then(|_| Option::sample(draw)),
                service_centre,
                alpha: Sample::sample(draw),
                others: Vec::new(),
            }
        }
    }
}
