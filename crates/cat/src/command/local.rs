//! What is beside the terminal: card readers, AT commands, contactless use, eCAT clients.

use super::{
    header::{CommandBody, Head, HeadField, command, qualifier_numbers},
    screen::Look,
};
use crate::{
    device::{ClientId, Device, ReaderId},
    error::CatError,
    object::{
        browser::AtCommand,
        card::CApdu,
        display::{ActivateDescriptor, ContactlessState},
        identity::Language,
        octet_enum,
        text::AlphaIdentifier,
    },
    objects::{Objects, RawObject, Writer},
    tag,
};

/// What is asked of card readers (TS 102.223, 8.6).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ReaderRequest {
    /// The status of every reader.
    Status,
    /// The identifier of one.
    Identifier(ReaderId),
}

impl HeadField for ReaderRequest {
    fn of_head(head: &Head) -> Result<Self, CatError> {
        match head.qualifier & 0x01 {
            0 => Ok(Self::Status),
            _ => ReaderId::of_head(head).map(Self::Identifier),
        }
    }

    fn set_head(&self, head: &mut Head) {
        match self {
            Self::Status => {}
            Self::Identifier(reader) => {
                head.qualifier = 1;
                reader.set_head(head);
            }
        }
    }
}

octet_enum! {
    /// What is done to an encapsulated session (TS 102.223, 8.6).
    EncapsulatedSession {
        /// It ends.
        End = 0x00,
        /// A master security association is asked for.
        RequestMaster = 0x01,
        /// A connection security association is asked for.
        RequestConnection = 0x02,
        /// The secure channel starts.
        StartSecureChannel = 0x03,
        /// Both associations are closed.
        CloseAssociations = 0x04,
    }
}

qualifier_numbers!(EncapsulatedSession);

command! {
    /// PERFORM CARD APDU (TS 102.223, 6.4.17 and 6.6.17).
    PerformCardApdu to Terminal [
        /// To the card in which reader.
        reader: ReaderId;
    ] {
        /// The command.
        apdu: one CApdu = tag::C_APDU;
    }
    /// POWER ON CARD (TS 102.223, 6.4.19 and 6.6.19).
    PowerOnCard to Terminal [
        /// The card in which reader.
        reader: ReaderId;
    ] {}
    /// POWER OFF CARD (TS 102.223, 6.4.18 and 6.6.18).
    PowerOffCard to Terminal [
        /// The card in which reader.
        reader: ReaderId;
    ] {}
    /// GET READER STATUS (TS 102.223, 6.4.20 and 6.6.20).
    GetReaderStatus to Terminal [
        /// What is asked.
        request: ReaderRequest;
    ] {}
    /// RUN AT COMMAND (TS 102.223, 6.4.23 and 6.6.23).
    RunAtCommand to Terminal [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The command.
        command: one AtCommand = tag::AT_COMMAND;
        /// How it looks.
        look: group Look;
    }
    /// ACTIVATE (TS 102.223, 6.4.40 and 6.6.40).
    Activate to Terminal [] {
        /// Which interface.
        target: one ActivateDescriptor = tag::ACTIVATE_DESCRIPTOR;
    }
    /// CONTACTLESS STATE CHANGED (TS 102.223, 6.4.41 and 6.6.41).
    ContactlessStateChanged to Terminal [] {
        /// The state now.
        state: one ContactlessState = tag::CONTACTLESS_STATE;
    }
    /// COMMAND CONTAINER (TS 102.223, 6.4.42 and 6.6.42). What it holds is for the client.
    CommandContainer to Terminal [
        /// For which client.
        client: ClientId;
    ] {
        /// What it holds, in its order.
        contents: rest RawObject;
    }
    /// ENCAPSULATED SESSION CONTROL (TS 102.223, 6.4.43 and 6.6.43).
    EncapsulatedSessionControl to Terminal [
        /// Of which client.
        client: ClientId;
        /// What is done.
        action: EncapsulatedSession;
    ] {
        /// What it holds, in its order.
        contents: rest RawObject;
    }
}

/// LANGUAGE NOTIFICATION (TS 102.223, 6.4.25 and 6.6.25).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LanguageNotification {
    /// The language that the card uses from now on; none takes a notification back.
    pub language: Option<Language>,
}

/// The qualifier of a notification of one language.
const SPECIFIC: u8 = 0x01;

impl CommandBody for LanguageNotification {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let language = match head.qualifier & SPECIFIC {
            0 => None,
            _ => Some(objects.one(tag::LANGUAGE)?),
        };
        Ok(Self { language })
    }

    fn put(&self, out: &mut Writer) {
        out.opt(tag::LANGUAGE, &self.language);
    }

    fn head(&self) -> Head {
        let qualifier = if self.language.is_some() { SPECIFIC } else { 0 };
        Head { qualifier, ..Head::to(Device::Terminal) }
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{LanguageNotification, ReaderRequest};
    use crate::sample::{Draw, Sample};

    crate::object::sample_fields! { LanguageNotification { language } }

    impl Sample for ReaderRequest {
        fn sample(draw: &mut Draw) -> Self {
            Option::sample(draw).map_or(Self::Status, Self::Identifier)
        }
    }
}
