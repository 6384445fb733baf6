//! Calls, supplementary services, USSD and DTMF.

use alloc::vec::Vec;

use super::{
    header::{CommandBody, Head, HeadField, command, qualifier_numbers},
    screen::Look,
};
use crate::{
    device::Device,
    error::{CatError, CatErrorKind},
    object::{
        display::{Duration, FrameIdentifier, IconIdentifier, TextAttribute},
        number::{
            Address, CapabilityConfiguration, DtmfString, ImsUri, MediaType, SsString, Subaddress,
        },
        octet_enum,
        text::{AlphaIdentifier, UssdString},
    },
    objects::{Objects, Writer},
    tag,
};

octet_enum! {
    /// What becomes of other calls, and whether it is dialled again (TS 102.223, 8.6).
    CallMode {
        /// Only if there is no other call.
        IfIdle = 0x00,
        /// Only if there is no other call, and dialled again.
        IfIdleRedial = 0x01,
        /// Others are put on hold.
        HoldOthers = 0x02,
        /// Others are put on hold, and it is dialled again.
        HoldOthersRedial = 0x03,
        /// Others are ended.
        EndOthers = 0x04,
        /// Others are ended, and it is dialled again.
        EndOthersRedial = 0x05,
    }
}

qualifier_numbers!(CallMode);

/// Whom a call is for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum CallTarget {
    /// A number.
    Address(Address),
    /// A URI of IMS (TS 31.111, 6.6.12).
    Uri(ImsUri),
}

/// SET UP CALL (TS 102.223, 6.4.13 and 6.6.12; TS 31.111, 6.6.12).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SetUpCall {
    /// What becomes of other calls.
    pub mode: CallMode,
    /// What the user is told when asked to confirm: it stands before the number.
    pub confirmation: Option<AlphaIdentifier>,
    /// Whom the call is for.
    pub target: CallTarget,
    /// What is asked of the bearer.
    pub capabilities: Option<CapabilityConfiguration>,
    /// A subaddress of the number.
    pub subaddress: Option<Subaddress>,
    /// How long it is dialled again.
    pub redial: Option<Duration>,
    /// What the user is told while the call is set up: it stands behind the number.
    pub setting_up: Option<AlphaIdentifier>,
    /// Icons, for confirmation and for setting up.
    pub icons: Vec<IconIdentifier>,
    /// Formats of the texts, for confirmation and for setting up.
    pub attributes: Vec<TextAttribute>,
    /// The frame it is shown in.
    pub frame: Option<FrameIdentifier>,
    /// Voice or video (TS 31.111, 6.6.12).
    pub media: Option<MediaType>,
}

impl SetUpCall {
    /// Returns a call to a number, without anything else.
    #[must_use]
    pub const fn new(mode: CallMode, target: CallTarget) -> Self {
        Self {
            mode,
            confirmation: None,
            target,
            capabilities: None,
            subaddress: None,
            redial: None,
            setting_up: None,
            icons: Vec::new(),
            attributes: Vec::new(),
            frame: None,
            media: None,
        }
    }
}

const ICON: tag::Tag = tag::ICON_IDENTIFIER.ignorable();
const ATTRIBUTE: tag::Tag = tag::TEXT_ATTRIBUTE.ignorable();
const FRAME: tag::Tag = tag::FRAME_IDENTIFIER.ignorable();

impl CommandBody for SetUpCall {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let (target, at) = match (objects.position(tag::ADDRESS), objects.position(tag::IMS_URI)) {
            (Some(at), _) => (CallTarget::Address(objects.one(tag::ADDRESS)?), at),
            (None, Some(at)) => (CallTarget::Uri(objects.one(tag::IMS_URI)?), at),
            (None, None) => {
                let kind = CatErrorKind::Missing { object: tag::ADDRESS };
                return Err(CatError::new(objects.end(), kind));
            }
        };
        Ok(Self {
            mode: CallMode::of_head(head)?,
            confirmation: objects.opt_before(tag::ALPHA_IDENTIFIER, at)?,
            target,
            capabilities: objects.opt(tag::CAPABILITY_CONFIGURATION)?,
            subaddress: objects.opt(tag::SUBADDRESS)?,
            redial: objects.opt(tag::DURATION)?,
            setting_up: objects.opt(tag::ALPHA_IDENTIFIER)?,
            icons: objects.many(ICON)?,
            attributes: objects.many(ATTRIBUTE)?,
            frame: objects.opt(FRAME)?,
            media: objects.opt(tag::MEDIA_TYPE)?,
        })
    }

    fn put(&self, out: &mut Writer) {
        out.opt(tag::ALPHA_IDENTIFIER, &self.confirmation);
        match &self.target {
            CallTarget::Address(address) => out.one(tag::ADDRESS, address),
            CallTarget::Uri(uri) => out.one(tag::IMS_URI, uri),
        }
        out.opt(tag::CAPABILITY_CONFIGURATION, &self.capabilities);
        out.opt(tag::SUBADDRESS, &self.subaddress);
        out.opt(tag::DURATION, &self.redial);
        out.opt(tag::ALPHA_IDENTIFIER, &self.setting_up);
        out.many(ICON, &self.icons);
        out.many(ATTRIBUTE, &self.attributes);
        out.opt(FRAME, &self.frame);
        out.opt(tag::MEDIA_TYPE, &self.media);
    }

    fn head(&self) -> Head {
        let mut head = Head::to(Device::Network);
        self.mode.set_head(&mut head);
        head
    }
}

command! {
    /// SEND SS (TS 31.111, 6.4.11 and 6.6.10).
    SendSs to Network [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// What a user would type.
        string: one SsString = tag::SS_STRING;
        /// How it looks.
        look: group Look;
    }
    /// SEND USSD (TS 31.111, 6.4.12 and 6.6.11).
    SendUssd to Network [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The string, coded.
        string: one UssdString = tag::USSD_STRING;
        /// How it looks.
        look: group Look;
    }
    /// SEND DTMF (TS 102.223, 6.4.24 and 6.6.24).
    SendDtmf to Network [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The digits.
        digits: one DtmfString = tag::DTMF_STRING;
        /// How it looks.
        look: group Look;
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{CallTarget, SetUpCall};
    use crate::sample::{Draw, Sample};

    crate::object::sample_fields! {
        SetUpCall {
            mode, confirmation, target, capabilities, subaddress, redial, setting_up, icons,
            attributes, frame, media,
        }
    }

    impl Sample for CallTarget {
        fn sample(draw: &mut Draw) -> Self {
            if draw.below(2) == 0 {
                Self::Address(Sample::sample(draw))
            } else {
                Self::Uri(Sample::sample(draw))
            }
        }
    }
}
