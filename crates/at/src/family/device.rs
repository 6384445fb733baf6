//! The device itself: power, battery, indicators, character set (TS 27.007, 5 and 8).

use alloc::vec::Vec;

use crate::{
    ArgError, ArgWriter, Args, Params,
    wire::{coded, lines, named, params},
};

named! {
    /// A character set for strings (TS 27.007, 5.5, `+CSCS`).
    quoted pub enum CharacterSet {
        /// The GSM 7-bit default alphabet.
        Gsm = "GSM",
        /// UCS-2 as hex digits.
        Ucs2 = "UCS2",
        /// ASCII.
        Ira = "IRA",
        /// Hex digits of octets.
        Hex = "HEX",
        /// Latin 1.
        Latin1 = "8859-1",
        /// PC code page 437.
        Pccp437 = "PCCP437",
        /// UTF-8.
        Utf8 = "UTF-8",
    }
}

coded! {
    /// How much of the device works (TS 27.007, 8.2, `+CFUN`).
    pub enum Functionality {
        /// Everything off but the AT port.
        Minimum = 0,
        /// Everything on.
        Full = 1,
        /// Only the transmitter off.
        TransmitOff = 2,
        /// Only the receiver off.
        ReceiveOff = 3,
        /// Flight mode: both radio circuits off.
        FlightMode = 4,
    }

    /// What the device does now (TS 27.007, 8.1, `+CPAS`).
    pub enum ActivityStatus {
        /// Takes commands.
        Ready = 0,
        /// Does not take commands.
        Unavailable = 1,
        /// May not answer.
        Unknown = 2,
        /// Rings for an incoming call.
        Ringing = 3,
        /// A call is up.
        CallInProgress = 4,
        /// Cannot take commands now.
        Asleep = 5,
    }
}

params! {
    /// `+CFUN=<fun>[,<rst>]` (TS 27.007, 8.2).
    pub struct CfunSet {
        /// What is to work.
        pub fun: Functionality,
        /// 1 resets the device first.
        pub reset: Option<u8>,
    }

    /// `+CMER=[<mode>[,<keyp>[,<disp>[,<ind>[,<bfr>]]]]]` (TS 27.007, 8.10).
    pub struct CmerSet {
        /// Where events go; 3 forwards them.
        pub mode: Option<u8>,
        /// Keypad events.
        pub keypad: Option<u8>,
        /// Display events.
        pub display: Option<u8>,
        /// Indicator events: 1 or 2 sends `+CIEV`.
        pub indicator: Option<u8>,
        /// What happens to buffered events.
        pub buffer: Option<u8>,
    }

    /// `+IFC=[<by DCE>[,<by DTE>]]` (V.250, 6.2.12).
    pub struct IfcSet {
        /// Flow control of the data from the device: 0 none, 1 software, 2 hardware.
        pub by_dce: Option<u8>,
        /// Flow control of the data to the device.
        pub by_dte: Option<u8>,
    }

    /// `+CMUX=<transparency>[,<subset>[,<speed>[,<N1>[,<T1>[,<N2>[,<T2>[,<T3>[,<k>]]]]]]]]`
    /// (TS 27.007, 5.7).
    pub struct CmuxSet {
        /// 0 basic, 1 advanced framing.
        pub mode: u8,
        /// 0: only UIH frames.
        pub subset: Option<u8>,
        /// Code of the port speed.
        pub port_speed: Option<u8>,
        /// N1, the longest frame.
        pub frame_len_max: Option<u16>,
        /// T1, in units of 10 ms.
        pub acknowledgement_timer: Option<u8>,
        /// N2.
        pub retransmissions: Option<u8>,
        /// T2, in units of 10 ms.
        pub response_timer: Option<u8>,
        /// T3, in seconds.
        pub wake_up_timer: Option<u8>,
        /// k.
        pub window: Option<u8>,
    }

    /// `+CFUN: <fun>` (TS 27.007, 8.2).
    pub struct CfunInfo {
        /// What works.
        pub fun: Functionality,
    }

    /// `+CPAS: <pas>` (TS 27.007, 8.1).
    pub struct CpasInfo {
        /// What the device does now.
        pub status: ActivityStatus,
    }

    /// `+CBC: <bcs>,<bcl>[,<voltage>]` (TS 27.007, 8.4); the voltage is a common extension.
    pub struct CbcInfo {
        /// 0 on battery, 1 charging, 2 no battery, 3 power fault.
        pub status: u8,
        /// Charge in percent.
        pub percent: u8,
        /// Voltage in mV.
        pub millivolts: Option<u16>,
    }

    /// `+CSCS: "<set>"` (TS 27.007, 5.5).
    pub struct CscsInfo {
        /// The set in use.
        pub set: CharacterSet,
    }

    /// `+CIND: n,n,…` (TS 27.007, 8.9): one value per indicator, in the order of the test answer.
    pub struct CindInfo {
        /// The values.
        pub values: Vec<u8>,
    }

    /// `+CIEV: <ind>,<value>` (TS 27.007, 8.10).
    pub struct CievUrc {
        /// Number of the indicator in the order of `+CIND=?`, counted from 1.
        pub indicator: u8,
        /// Its new value.
        pub value: u8,
    }
}

/// `+CIND=[<ind>[,<ind>…]]` (TS 27.007, 8.9): new values of indicators, `None` leaves one as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IndicatorValues(Vec<Option<u8>>);

impl IndicatorValues {
    /// Takes the values; those left out at the end are dropped.
    #[must_use]
    pub fn new(mut values: Vec<Option<u8>>) -> Self {
        while values.last() == Some(&None) {
            values.pop();
        }
        Self(values)
    }

    /// Returns the values in the order of the test answer.
    #[must_use]
    pub const fn as_slice(&self) -> &[Option<u8>] {
        self.0.as_slice()
    }
}

impl Params for IndicatorValues {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        self.0.encode_params(to);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        Vec::parse_params(from).map(Self::new)
    }
}

lines! {
    CfunInfo = "+CFUN";
    CpasInfo = "+CPAS";
    CbcInfo = "+CBC";
    CscsInfo = "+CSCS";
    CindInfo = "+CIND";
    CievUrc = "+CIEV";
}

#[cfg(any(test, feature = "testkit"))]
impl crate::testkit::Sample for IndicatorValues {
    fn sample(source: &mut crate::testkit::Source<'_>) -> Self {
        Self::new(source.value())
    }
}
