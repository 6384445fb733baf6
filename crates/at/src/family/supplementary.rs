//! Supplementary services and USSD (TS 27.007, 7.6 to 7.17).

use crate::{
    Text,
    wire::{coded, lines, params},
};

coded! {
    /// `<n>` of `+CUSD` in the command (TS 27.007, 7.15).
    pub enum UssdMode {
        /// Do not show results.
        Disable = 0,
        /// Show results.
        Enable = 1,
        /// End the session.
        Cancel = 2,
    }

    /// `<m>` of `+CUSD` in the result (TS 27.007, 7.15).
    pub enum UssdStatus {
        /// Nothing more is needed.
        Done = 0,
        /// The network waits for an answer.
        ActionRequired = 1,
        /// Ended by the network.
        Terminated = 2,
        /// Another local client answered.
        OtherClient = 3,
        /// Not supported.
        NotSupported = 4,
        /// No answer in time.
        TimedOut = 5,
    }

    /// `<reason>` of `+CCFC` (TS 27.007, 7.11).
    pub enum ForwardReason {
        /// Always.
        Unconditional = 0,
        /// While busy.
        Busy = 1,
        /// When nobody answers.
        NoReply = 2,
        /// When out of reach.
        NotReachable = 3,
        /// All of them.
        All = 4,
        /// All but the first.
        AllConditional = 5,
    }

    /// `<mode>` of `+CCFC` (TS 27.007, 7.11).
    pub enum ForwardMode {
        /// Switch off.
        Disable = 0,
        /// Switch on.
        Enable = 1,
        /// Ask.
        Query = 2,
        /// Store a number.
        Register = 3,
        /// Delete the number.
        Erase = 4,
    }
}

params! {
    /// `+CUSD=[<n>[,<str>[,<dcs>]]]` (TS 27.007, 7.15).
    pub struct CusdSet {
        /// Whether to show results, or the end of the session.
        pub mode: UssdMode,
        /// What to send, in the character set chosen by `+CSCS`.
        pub text: Option<Text>,
        /// Coding scheme (TS 23.038, 5); 15 when left out.
        pub coding: Option<u8>,
    }

    /// `+CUSD: <m>[,<str>[,<dcs>]]` (TS 27.007, 7.15).
    pub struct CusdUrc {
        /// What the network expects.
        pub status: UssdStatus,
        /// What it says, in the character set chosen by `+CSCS`.
        pub text: Option<Text>,
        /// Coding scheme (TS 23.038, 5).
        pub coding: Option<u8>,
    }

    /// `+CCFC=<reason>,<mode>[,<number>[,<type>[,<class>[,<subaddr>[,<satype>[,<time>]]]]]]`
    /// (TS 27.007, 7.11).
    pub struct CcfcSet {
        /// When to forward.
        pub reason: ForwardReason,
        /// What to do.
        pub mode: ForwardMode,
        /// Where to.
        pub number: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
        /// Sum of service classes; 7 when left out.
        pub class: Option<u8>,
        /// Subaddress.
        pub subaddress: Option<Text>,
        /// Its type.
        pub subaddress_type: Option<u8>,
        /// Seconds to wait, 1 to 30.
        pub seconds: Option<u8>,
    }

    /// `+CCFC: <status>,<class>[,<number>,<type>[,<subaddr>,<satype>[,<time>]]]`
    /// (TS 27.007, 7.11).
    pub struct CcfcInfo {
        /// 0 not active, 1 active.
        pub status: u8,
        /// Sum of service classes.
        pub class: u8,
        /// Where to.
        pub number: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
        /// Subaddress.
        pub subaddress: Option<Text>,
        /// Its type.
        pub subaddress_type: Option<u8>,
        /// Seconds to wait.
        pub seconds: Option<u8>,
    }

    /// `+CCWA=[<n>[,<mode>[,<class>]]]` (TS 27.007, 7.12).
    pub struct CcwaSet {
        /// 1 shows `+CCWA` when a call waits.
        pub show: Option<u8>,
        /// 0 off, 1 on, 2 query, in the network.
        pub mode: Option<u8>,
        /// Sum of service classes.
        pub class: Option<u8>,
    }

    /// `+CCWA: <status>,<class>` (TS 27.007, 7.12), the answer to a query.
    pub struct CcwaInfo {
        /// 0 not active, 1 active.
        pub status: u8,
        /// Sum of service classes.
        pub class: u8,
    }

    /// `+CCWA: <number>,<type>,<class>[,<alpha>[,<validity>]]` (TS 27.007, 7.12): a call waits.
    pub struct CcwaUrc {
        /// The caller; empty when withheld.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
        /// Service class.
        pub class: u8,
        /// Its name in the phonebook.
        pub name: Option<Text>,
        /// 0 valid; 1 withheld; 2 not available.
        pub validity: Option<u8>,
    }

    /// `+CLIP: <n>,<m>` (TS 27.007, 7.6), the read answer.
    pub struct ClipInfo {
        /// Whether `+CLIP` is shown.
        pub setting: u8,
        /// 0 not provided by the network, 1 provided, 2 not known.
        pub status: u8,
    }

    /// `+CLIR: <n>,<m>` (TS 27.007, 7.7), the read answer.
    pub struct ClirInfo {
        /// 0 as subscribed, 1 withhold, 2 show.
        pub setting: u8,
        /// 0 not provided, 1 permanent, 2 not known, 3 withheld by default, 4 shown by default.
        pub status: u8,
    }

    /// `+COLP: <n>,<m>` (TS 27.007, 7.8), the read answer.
    pub struct ColpInfo {
        /// Whether `+COLP` is shown.
        pub setting: u8,
        /// 0 not provided by the network, 1 provided, 2 not known.
        pub status: u8,
    }

    /// `+CSSN=[<n>[,<m>]]` (TS 27.007, 7.17).
    pub struct CssnSet {
        /// 1 shows `+CSSI`.
        pub originated: Option<u8>,
        /// 1 shows `+CSSU`.
        pub terminated: Option<u8>,
    }

    /// `+CSSI: <code1>[,<index>]` (TS 27.007, 7.17): about an outgoing call.
    pub struct CssiUrc {
        /// 0 forwarding active, 1 forwarded, 2 waiting, and so on.
        pub code: u8,
        /// Closed user group.
        pub index: Option<u16>,
    }

    /// `+CSSU: <code2>[,<index>[,<number>,<type>]]` (TS 27.007, 7.17): about an incoming call.
    pub struct CssuUrc {
        /// 0 was forwarded, 2 put on hold, 3 taken from hold, 5 released, and so on.
        pub code: u8,
        /// Closed user group.
        pub index: Option<u16>,
        /// The other side.
        pub number: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
    }
}

lines! {
    CusdUrc = "+CUSD";
    CcfcInfo = "+CCFC";
    CcwaInfo = "+CCWA";
    CcwaUrc = "+CCWA";
    ClipInfo = "+CLIP";
    ClirInfo = "+CLIR";
    ColpInfo = "+COLP";
    CssiUrc = "+CSSI";
    CssuUrc = "+CSSU";
}
