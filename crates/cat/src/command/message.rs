//! Short messages and the browser.

use super::{
    header::{command, qualifier_bits, qualifier_numbers},
    screen::Look,
};
use crate::{
    object::{
        browser::{Bearers, BrowserIdentity, ProvisioningFile, Url},
        channel::NetworkAccessName,
        network::SmsTpdu,
        number::{Address, ImsUri},
        octet_enum,
        text::{AlphaIdentifier, TextString},
    },
    tag,
};

qualifier_bits! {
    /// How a short message is sent.
    ShortMessageMode {
        /// The terminal packs the text, which the card gave in octets.
        packing = 0x01;
    }
}

octet_enum! {
    /// What becomes of a browser that runs already (TS 102.223, 8.6).
    LaunchMode {
        /// Only if none runs.
        IfNone = 0x00,
        /// The one that runs is used, if it is not in a secured session.
        UseExisting = 0x02,
        /// The one that runs is ended.
        CloseExisting = 0x03,
    }
}

qualifier_numbers!(LaunchMode);

command! {
    /// SEND SHORT MESSAGE (TS 102.223, 6.4.10; TS 31.111, 6.6.9).
    SendShortMessage to Network [
        /// How.
        mode: ShortMessageMode;
    ] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The service centre; without, the one of the card's parameters.
        service_centre: opt Address = tag::ADDRESS;
        /// SUBMIT or COMMAND.
        tpdu: one SmsTpdu = tag::SMS_TPDU;
        /// The recipient in IMS.
        uri: opt ImsUri = tag::IMS_URI;
        /// How it looks.
        look: group Look;
    }
    /// LAUNCH BROWSER (TS 102.223, 6.4.26 and 6.6.26).
    LaunchBrowser to Terminal [
        /// What becomes of one that runs already.
        mode: LaunchMode;
    ] {
        /// Which browser.
        browser: opt BrowserIdentity = tag::BROWSER_IDENTITY;
        /// Where to; empty for the default.
        url: one Url = tag::URL;
        /// Over which bearers.
        bearers: opt Bearers = tag::BEARER;
        /// Files with parameters.
        provisioning: many ProvisioningFile = tag::PROVISIONING_FILE;
        /// The gateway or proxy, then login and password of the user.
        texts: many TextString = tag::TEXT_STRING;
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The access point.
        access_name: opt NetworkAccessName = tag::NETWORK_ACCESS_NAME;
        /// How it looks.
        look: group Look;
    }
}
