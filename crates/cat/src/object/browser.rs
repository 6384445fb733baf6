//! The browser of a terminal, and AT commands to it.

use crate::object::{octet_enum, octet_list, octets};

octet_enum! {
    /// Which browser (TS 102.223, 8.47).
    BrowserIdentity {
        /// The default one.
        Default = 0x00,
        /// WML.
        Wml = 0x01,
        /// HTML.
        Html = 0x02,
        /// XHTML.
        Xhtml = 0x03,
        /// cHTML.
        Chtml = 0x04,
    }
}

octet_enum! {
    /// A bearer for the browser (TS 102.223, 8.49).
    Bearer {
        /// Short messages.
        Sms = 0x00,
        /// Circuit switched data.
        Csd = 0x01,
        /// USSD.
        Ussd = 0x02,
        /// Packet service.
        Packet = 0x03,
    }
}

octet_list! {
    /// Bearers in order of priority (TS 102.223, 8.49).
    Bearers of Bearer;
}

octet_enum! {
    /// Why the browser ended (TS 102.223, 8.51).
    BrowserTermination {
        /// By the user.
        User = 0x00,
        /// By an error.
        Error = 0x01,
    }
}

octets! {
    /// URL; empty for the default one (TS 102.223, 8.48).
    Url, "URL", 0..=255;
    /// Provisioning reference file: its path (TS 102.223, 8.50).
    ProvisioningFile, "provisioning reference file", 2..=255;
    /// Browsing status: the status line of an answer (TS 102.223, 8.77).
    BrowsingStatus, "browsing status", 1..=255;
    /// AT command, without its ending (TS 102.223, 8.40).
    AtCommand, "AT command", 1..=255;
    /// AT response (TS 102.223, 8.41).
    AtResponse, "AT response", 0..=255;
}
