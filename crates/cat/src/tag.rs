//! Tags of the objects (TS 101.220, 7.2) and of the messages that hold them.

/// Tag of a proactive command (TS 101.220, table 7.17).
pub const PROACTIVE_COMMAND: u32 = 0xD0;

/// The tag of a COMPREHENSION-TLV object, and whether we ask for comprehension when we send it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tag {
    number: u16,
    required: bool,
}

impl Tag {
    /// Returns a tag of a number without the comprehension flag.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self { number, required: true }
    }

    /// Returns the same tag, to be sent so that the receiver may ignore the object.
    #[must_use]
    pub const fn ignorable(self) -> Self {
        Self { number: self.number, required: false }
    }

    /// Returns its number without the comprehension flag.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }

    pub(crate) const fn is_required(self) -> bool {
        self.required
    }
}

macro_rules! tags {
    ($($name:ident = $number:literal, $words:literal;)+) => {
        $(#[doc = concat!("`", stringify!($number), "`: ", $words, ".")]
        pub const $name: Tag = Tag::new($number);)+

        impl Tag {
            /// Returns what it is called. Where a number has several meanings, that of
            /// TS 102.223, or the older one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                named(self.number)
            }
        }

        #[expect(unreachable_patterns, reason = "numbers with several meanings: the first counts")]
        const fn named(number: u16) -> Option<&'static str> {
            match number {
                $($number => Some($words),)+
                _ => None,
            }
        }
    };
}

tags! {
    COMMAND_DETAILS = 0x01, "command details";
    DEVICE_IDENTITIES = 0x02, "device identities";
    RESULT = 0x03, "result";
    DURATION = 0x04, "duration";
    ALPHA_IDENTIFIER = 0x05, "alpha identifier";
    ADDRESS = 0x06, "address";
    CAPABILITY_CONFIGURATION = 0x07, "capability configuration parameters";
    SUBADDRESS = 0x08, "subaddress";
    SS_STRING = 0x09, "SS string";
    USSD_STRING = 0x0A, "USSD string";
    SMS_TPDU = 0x0B, "SMS TPDU";
    CELL_BROADCAST_PAGE = 0x0C, "cell broadcast page";
    TEXT_STRING = 0x0D, "text string";
    TONE = 0x0E, "tone";
    ITEM = 0x0F, "item";
    ITEM_IDENTIFIER = 0x10, "item identifier";
    RESPONSE_LENGTH = 0x11, "response length";
    FILE_LIST = 0x12, "file list";
    LOCATION_INFORMATION = 0x13, "location information";
    IMEI = 0x14, "IMEI";
    HELP_REQUEST = 0x15, "help request";
    NETWORK_MEASUREMENT = 0x16, "network measurement results";
    DEFAULT_TEXT = 0x17, "default text";
    NEXT_ACTION = 0x18, "items next action indicator";
    EVENT_LIST = 0x19, "event list";
    CAUSE = 0x1A, "cause";
    LOCATION_STATUS = 0x1B, "location status";
    TRANSACTION_IDENTIFIER = 0x1C, "transaction identifier";
    BCCH_CHANNEL_LIST = 0x1D, "BCCH channel list";
    DATA_CONNECTION_STATUS = 0x1D, "data connection status";
    ICON_IDENTIFIER = 0x1E, "icon identifier";
    ITEM_ICONS = 0x1F, "item icon identifier list";
    CARD_READER_STATUS = 0x20, "card reader status";
    CARD_ATR = 0x21, "card ATR";
    C_APDU = 0x22, "C-APDU";
    R_APDU = 0x23, "R-APDU";
    TIMER_IDENTIFIER = 0x24, "timer identifier";
    TIMER_VALUE = 0x25, "timer value";
    DATE_TIME = 0x26, "date, time and time zone";
    CALL_CONTROL_ACTION = 0x27, "call control requested action";
    AT_COMMAND = 0x28, "AT command";
    AT_RESPONSE = 0x29, "AT response";
    BC_REPEAT = 0x2A, "BC repeat indicator";
    DATA_CONNECTION_TYPE = 0x2A, "data connection type";
    IMMEDIATE_RESPONSE = 0x2B, "immediate response";
    DTMF_STRING = 0x2C, "DTMF string";
    LANGUAGE = 0x2D, "language";
    TIMING_ADVANCE = 0x2E, "timing advance";
    SM_CAUSE = 0x2E, "(E)SM cause";
    AID = 0x2F, "AID";
    BROWSER_IDENTITY = 0x30, "browser identity";
    URL = 0x31, "URL";
    IMS_URI = 0x31, "IMS URI";
    BEARER = 0x32, "bearer";
    PROVISIONING_FILE = 0x33, "provisioning reference file";
    BROWSER_TERMINATION = 0x34, "browser termination cause";
    SUPPORTED_ACCESS_TECHNOLOGIES = 0x34, "supported radio access technologies";
    BEARER_DESCRIPTION = 0x35, "bearer description";
    CHANNEL_DATA = 0x36, "channel data";
    CHANNEL_DATA_LENGTH = 0x37, "channel data length";
    CHANNEL_STATUS = 0x38, "channel status";
    BUFFER_SIZE = 0x39, "buffer size";
    CARD_READER_IDENTIFIER = 0x3A, "card reader identifier";
    REFRESH_POLICY = 0x3A, "REFRESH enforcement policy";
    APPLICATION_REFRESH_DATA = 0x3B, "application specific refresh data";
    TRANSPORT_LEVEL = 0x3C, "UICC/terminal interface transport level";
    OTHER_ADDRESS = 0x3E, "other address";
    ACCESS_TECHNOLOGY = 0x3F, "access technology";
    DISPLAY_PARAMETERS = 0x40, "display parameters";
    DNS_SERVER = 0x40, "DNS server address";
    SERVICE_RECORD = 0x41, "service record";
    DEVICE_FILTER = 0x42, "device filter";
    SERVICE_SEARCH = 0x43, "service search";
    ATTRIBUTE_INFORMATION = 0x44, "attribute information";
    SERVICE_AVAILABILITY = 0x45, "service availability";
    ESN = 0x46, "ESN";
    NETWORK_ACCESS_NAME = 0x47, "network access name";
    CDMA_SMS_TPDU = 0x48, "CDMA SMS TPDU";
    REMOTE_ENTITY_ADDRESS = 0x49, "remote entity address";
    WLAN_IDENTIFIER = 0x4A, "WLAN identifier";
    WLAN_ACCESS_STATUS = 0x4B, "WLAN access status";
    TEXT_ATTRIBUTE = 0x50, "text attribute";
    ITEM_TEXT_ATTRIBUTES = 0x51, "item text attribute list";
    PDP_PARAMETERS = 0x52, "PDP context activation parameters";
    CONTACTLESS_REQUEST = 0x53, "contactless state request";
    CONTACTLESS_STATE = 0x54, "contactless functionality state";
    CSG_SELECTION = 0x55, "CSG cell selection status";
    CSG_ID = 0x56, "CSG ID";
    HNB_NAME = 0x57, "HNB name";
    EXTENDED_REJECTION_CAUSE = 0x57, "extended rejection cause code";
    IMEISV = 0x62, "IMEISV";
    BATTERY_STATE = 0x63, "battery state";
    BROWSING_STATUS = 0x64, "browsing status";
    SEARCH_MODE = 0x65, "network search mode";
    FRAME_LAYOUT = 0x66, "frame layout";
    FRAMES_INFORMATION = 0x67, "frames information";
    FRAME_IDENTIFIER = 0x68, "frame identifier";
    MEASUREMENT_QUALIFIER = 0x69, "UTRAN/E-UTRAN measurement qualifier";
    MM_REFERENCE = 0x6A, "multimedia message reference";
    MM_IDENTIFIER = 0x6B, "multimedia message identifier";
    MM_TRANSFER_STATUS = 0x6C, "multimedia message transfer status";
    MEID = 0x6D, "MEID";
    MM_CONTENT_IDENTIFIER = 0x6E, "multimedia message content identifier";
    MM_NOTIFICATION = 0x6F, "multimedia message notification";
    LAST_ENVELOPE = 0x70, "last envelope";
    REGISTRY_DATA = 0x71, "registry application data";
    PLMN_WACT_LIST = 0x72, "PLMNwAcT list";
    ROUTING_AREA = 0x73, "routing area identification";
    URI_TRUNCATED = 0x73, "URI truncated";
    UPDATE_TYPE = 0x74, "update/attach/registration type";
    REJECTION_CAUSE = 0x75, "rejection cause code";
    GEOGRAPHICAL_PARAMETERS = 0x76, "geographical location parameters";
    IARI = 0x76, "IARI";
    GAD_SHAPES = 0x77, "GAD shapes";
    IMPU_LIST = 0x77, "IMPU list";
    NMEA_SENTENCE = 0x78, "NMEA sentence";
    IMS_STATUS = 0x78, "IMS status code";
    PLMN_LIST = 0x79, "PLMN list";
    BROADCAST_NETWORK = 0x7A, "broadcast network information";
    ACTIVATE_DESCRIPTOR = 0x7B, "ACTIVATE descriptor";
    PDN_PARAMETERS = 0x7C, "EPS PDN connection activation parameters";
    TRACKING_AREA = 0x7D, "tracking area identification";
    CSG_ID_LIST = 0x7E, "CSG ID list";
    MEDIA_TYPE = 0x7E, "media type";
}
