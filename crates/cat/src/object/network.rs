//! What travels to and from the network in one piece: short messages, broadcasts, multimedia, IMS.

use crate::object::{octet, octet_enum, octets};

octets! {
    /// A TPDU of TS 23.040: SUBMIT or COMMAND from the card, DELIVER to it (TS 31.111, 8.13).
    SmsTpdu, "SMS TPDU", 1..=164;
    /// A page of a cell broadcast (TS 31.111, 8.5).
    CellBroadcastPage, "cell broadcast page", 88..=88;
    /// Reference of a multimedia message (TS 102.223, 8.82).
    MmReference, "multimedia message reference", 1..=255;
    /// Identifier of a multimedia message (TS 102.223, 8.83).
    MmIdentifier, "multimedia message identifier", 1..=255;
    /// Transfer status of a multimedia message (TS 102.223, 8.84).
    MmTransferStatus, "multimedia message transfer status", 1..=255;
    /// Content identifier of a multimedia message (TS 102.223, 8.85).
    MmContentIdentifier, "multimedia message content identifier", 1..=255;
    /// Notification of a multimedia message (TS 102.223, 8.86).
    MmNotification, "multimedia message notification", 1..=255;
    /// Registry application data: port, then address or name (TS 102.223, 8.88).
    RegistryData, "registry application data", 1..=255;
    /// IARI (TS 31.111, 8.110).
    Iari, "IARI", 1..=255;
    /// Public user identities that are registered (TS 31.111, 8.111).
    ImpuList, "IMPU list", 1..=255;
    /// Status code of an IMS registration, three digits (TS 31.111, 8.112).
    ImsStatus, "IMS status code", 3..=3;
    /// Identities of closed subscriber groups, by network (TS 31.111, 8.103).
    CsgIdList, "CSG ID list", 0..=255;
}

octet_enum! {
    /// What happened to a data connection (TS 31.111, 8.137).
    DataConnectionStatus {
        /// It was activated.
        Activated = 0x00,
        /// It was rejected.
        Rejected = 0x01,
        /// It was dropped or deactivated.
        Dropped = 0x02,
    }
}

octet_enum! {
    /// What a data connection is (TS 31.111, 8.138).
    DataConnectionType {
        /// A PDP context.
        Pdp = 0x00,
        /// A PDN connection.
        Pdn = 0x01,
        /// A PDU session.
        Pdu = 0x02,
    }
}

octet! {
    /// Cause of session management (TS 31.111, 8.139).
    SmCause;
}
