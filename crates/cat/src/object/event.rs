//! Events that a card can ask to be told.

use crate::object::{octet_enum, octet_list};

octet_enum! {
    /// An event (TS 102.223, 8.25; TS 31.111, 8.25).
    Event {
        /// MT call.
        MtCall = 0x00,
        /// Call connected.
        CallConnected = 0x01,
        /// Call disconnected.
        CallDisconnected = 0x02,
        /// Location status.
        LocationStatus = 0x03,
        /// User activity.
        UserActivity = 0x04,
        /// Idle screen available.
        IdleScreen = 0x05,
        /// Card reader status.
        CardReaderStatus = 0x06,
        /// Language selection.
        LanguageSelection = 0x07,
        /// Browser termination.
        BrowserTermination = 0x08,
        /// Data available.
        DataAvailable = 0x09,
        /// Channel status.
        ChannelStatus = 0x0A,
        /// Access technology change, of one.
        AccessTechnologyChange = 0x0B,
        /// Display parameters changed.
        DisplayParameters = 0x0C,
        /// Local connection.
        LocalConnection = 0x0D,
        /// Network search mode change.
        SearchModeChange = 0x0E,
        /// Browsing status.
        BrowsingStatus = 0x0F,
        /// Frames information change.
        FramesInformation = 0x10,
        /// WLAN access status.
        WlanAccessStatus = 0x11,
        /// Network rejection.
        NetworkRejection = 0x12,
        /// HCI connectivity.
        HciConnectivity = 0x13,
        /// Access technology change, of several.
        AccessTechnologiesChange = 0x14,
        /// CSG cell selection.
        CsgSelection = 0x15,
        /// Contactless state request.
        ContactlessRequest = 0x16,
        /// IMS registration.
        ImsRegistration = 0x17,
        /// Incoming IMS data.
        ImsData = 0x18,
        /// Profile container.
        ProfileContainer = 0x19,
        /// Secured profile container.
        SecuredProfileContainer = 0x1B,
        /// Poll interval negotiation.
        PollInterval = 0x1C,
        /// Data connection status change.
        DataConnection = 0x1D,
        /// CAG cell selection.
        CagSelection = 0x1E,
        /// Slices status change.
        Slices = 0x1F,
    }
}

octet_list! {
    /// The events that a card wants to be told, in the place of all before; empty for none
    /// (TS 102.223, 8.25).
    EventList of Event;
    /// The transactions of calls (TS 102.223, 8.28).
    Transactions of Transaction;
}

crate::object::octet! {
    /// Identifier of a transaction: bits 5 to 7 its value, bit 8 its flag (TS 102.223, 8.28).
    Transaction;
}
