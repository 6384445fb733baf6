//! The session between card and terminal: REFRESH, MORE TIME and polling.

use super::{
    header::{command, qualifier_numbers},
    screen::Look,
};
use crate::{
    object::{
        display::Duration,
        file::{Aid, ApplicationRefreshData, FileList, RefreshPolicy},
        location::{PlmnList, PlmnWithAccessList},
        octet_enum,
        text::AlphaIdentifier,
    },
    tag,
};

octet_enum! {
    /// What is to be read anew (TS 102.223, 8.6).
    RefreshMode {
        /// Initialisation of the application, and all files may have changed.
        InitialisationAndFullFileChange = 0x00,
        /// The listed files have changed.
        FileChange = 0x01,
        /// Initialisation of the application, and the listed files have changed.
        InitialisationAndFileChange = 0x02,
        /// Initialisation of the application.
        Initialisation = 0x03,
        /// Reset of the card: no response is sent before it.
        UiccReset = 0x04,
        /// Reset of the application.
        ApplicationReset = 0x05,
        /// Reset of the session of the application.
        SessionReset = 0x06,
        /// Steering of roaming (TS 31.111).
        Steering = 0x07,
        /// Steering of roaming for I-WLAN (TS 31.111).
        WlanSteering = 0x08,
        /// The state of a profile of the eUICC changes.
        ProfileStateChange = 0x09,
        /// An application was updated.
        ApplicationUpdate = 0x0A,
    }
}

qualifier_numbers!(RefreshMode);

command! {
    /// REFRESH (TS 102.223, 6.4.7 and 6.6.13; TS 31.111, 6.6.13).
    Refresh to Terminal [
        /// What is to be read anew.
        mode: RefreshMode;
    ] {
        /// The files that have changed.
        files: opt FileList = tag::FILE_LIST;
        /// The application that is meant; without, the one of the network.
        aid: opt Aid = tag::AID;
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// When the terminal may not put it off.
        policy: opt RefreshPolicy = tag::REFRESH_POLICY;
        /// Data for the application.
        data: opt ApplicationRefreshData = tag::APPLICATION_REFRESH_DATA;
        /// Preferred networks with access technologies, for steering.
        steering: opt PlmnWithAccessList = tag::PLMN_WACT_LIST;
        /// Preferred networks, for steering of I-WLAN.
        networks: opt PlmnList = tag::PLMN_LIST;
        /// How it looks.
        look: group Look;
    }
    /// MORE TIME (TS 102.223, 6.4.4 and 6.6.4).
    MoreTime to Terminal [] {}
    /// POLL INTERVAL (TS 102.223, 6.4.6 and 6.6.6).
    PollInterval to Terminal [] {
        /// The longest time between two STATUS commands that the card wants.
        interval: one Duration = tag::DURATION;
    }
    /// POLLING OFF (TS 102.223, 6.4.14 and 6.6.14).
    PollingOff to Terminal [] {}
}

impl Refresh {
    /// Returns one without anything that may be left out.
    #[must_use]
    pub fn new(mode: RefreshMode) -> Self {
        Self {
            mode,
            files: None,
            aid: None,
            alpha: None,
            policy: None,
            data: None,
            steering: None,
            networks: None,
            look: Look::default(),
        }
    }
}
