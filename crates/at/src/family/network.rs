//! Operators, signal and networks (TS 27.007, 7 and 8.5, 8.69).

use crate::wire::{Text, coded, lines, params};

coded! {
    /// How a network is chosen (TS 27.007, 7.3, `+COPS`).
    pub enum CopsMode {
        /// The device chooses.
        Automatic = 0,
        /// The given operator, and no other.
        Manual = 1,
        /// Leave the network.
        Deregister = 2,
        /// Only set the format of the answers.
        SetFormat = 3,
        /// The given operator first, then the device chooses.
        ManualThenAutomatic = 4,
    }

    /// How an operator is written (TS 27.007, 7.3).
    pub enum OperatorFormat {
        /// Long name.
        Long = 0,
        /// Short name.
        Short = 1,
        /// MCC and MNC.
        Numeric = 2,
    }

    /// Whether an operator may be used (TS 27.007, 7.3).
    pub enum OperatorStatus {
        /// Not known.
        Unknown = 0,
        /// May be registered with.
        Available = 1,
        /// Registered with.
        Current = 2,
        /// Refused before.
        Forbidden = 3,
    }

    /// Radio access (TS 27.007, 7.3, `<AcT>`).
    pub enum AccessTechnology {
        /// GSM.
        Gsm = 0,
        /// GSM compact.
        GsmCompact = 1,
        /// UTRAN.
        Utran = 2,
        /// GSM with EGPRS.
        GsmEgprs = 3,
        /// UTRAN with HSDPA.
        UtranHsdpa = 4,
        /// UTRAN with HSUPA.
        UtranHsupa = 5,
        /// UTRAN with both.
        UtranHspa = 6,
        /// E-UTRAN.
        Eutran = 7,
        /// EC-GSM-IoT.
        EcGsmIot = 8,
        /// NB-IoT.
        EutranNb = 9,
        /// E-UTRA connected to a 5G core.
        EutraFiveGc = 10,
        /// NR connected to a 5G core.
        NrFiveGc = 11,
        /// NG-RAN.
        Ngran = 12,
        /// E-UTRA with NR as second.
        EutraNr = 13,
    }
}

params! {
    /// `+COPS=<mode>[,<format>[,<oper>[,<AcT>]]]` (TS 27.007, 7.3).
    pub struct CopsSet {
        /// How to choose.
        pub mode: CopsMode,
        /// How `operator` is written, and future answers.
        pub format: Option<OperatorFormat>,
        /// Which operator.
        pub operator: Option<Text>,
        /// Which radio access.
        pub technology: Option<AccessTechnology>,
    }

    /// `+COPS: <mode>[,<format>,<oper>[,<AcT>]]` (TS 27.007, 7.3), the read answer.
    pub struct CopsInfo {
        /// How it was chosen.
        pub mode: CopsMode,
        /// How `operator` is written.
        pub format: Option<OperatorFormat>,
        /// The operator, while registered.
        pub operator: Option<Text>,
        /// The radio access.
        pub technology: Option<AccessTechnology>,
    }

    /// `+CPOL=[<index>][,<format>[,<oper>[,<GSM>,<compact>,<UTRAN>[,<E-UTRAN>]]]]`
    /// (TS 27.007, 7.19).
    pub struct CpolSet {
        /// Place in the list.
        pub index: Option<u16>,
        /// How operators are written.
        pub format: Option<OperatorFormat>,
        /// Which operator; none deletes the entry.
        pub operator: Option<Text>,
        /// GSM is preferred there.
        pub gsm: Option<u8>,
        /// GSM compact is preferred there.
        pub gsm_compact: Option<u8>,
        /// UTRAN is preferred there.
        pub utran: Option<u8>,
        /// E-UTRAN is preferred there.
        pub eutran: Option<u8>,
    }

    /// `+CPOL: <index>,<format>,<oper>[,<GSM>,<compact>,<UTRAN>[,<E-UTRAN>]]` (TS 27.007, 7.19).
    pub struct CpolInfo {
        /// Place in the list.
        pub index: u16,
        /// How the operator is written.
        pub format: OperatorFormat,
        /// The operator.
        pub operator: Text,
        /// GSM is preferred there.
        pub gsm: Option<u8>,
        /// GSM compact is preferred there.
        pub gsm_compact: Option<u8>,
        /// UTRAN is preferred there.
        pub utran: Option<u8>,
        /// E-UTRAN is preferred there.
        pub eutran: Option<u8>,
    }

    /// `+COPN: <numeric>,<alpha>` (TS 27.007, 7.21), one line per operator.
    pub struct CopnInfo {
        /// MCC and MNC.
        pub numeric: Text,
        /// Long name.
        pub name: Text,
    }

    /// `+CSQ: <rssi>,<ber>` (TS 27.007, 8.5).
    pub struct CsqInfo {
        /// 0 is -113 dBm or less, 31 is -51 dBm or more, in steps of 2 dB; 99 not known.
        pub rssi: u8,
        /// RXQUAL 0 to 7; 99 not known.
        pub ber: u8,
    }

    /// `+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>` (TS 27.007, 8.69).
    pub struct CesqInfo {
        /// GSM level 0 to 63; 99 not known.
        pub rxlev: u8,
        /// RXQUAL 0 to 7; 99 not known.
        pub ber: u8,
        /// UTRA level 0 to 96; 255 not known.
        pub rscp: u8,
        /// UTRA quality 0 to 49; 255 not known.
        pub ecno: u8,
        /// E-UTRA quality 0 to 34; 255 not known.
        pub rsrq: u8,
        /// E-UTRA level 0 to 97 (-140 to -44 dBm); 255 not known.
        pub rsrp: u8,
    }
}

lines! {
    CopsInfo = "+COPS";
    CpolInfo = "+CPOL";
    CopnInfo = "+COPN";
    CsqInfo = "+CSQ";
    CesqInfo = "+CESQ";
}
