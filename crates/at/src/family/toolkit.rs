//! The card application toolkit in the hands of a host (TS 27.007, 12.2).

use crate::{
    HexBytes,
    wire::{lines, params},
};

params! {
    /// `+CUSATR[=<profile_storage>]` (TS 27.007, 12.2): reads a profile.
    pub struct CusatrSet {
        /// Which one; every one if it is left out.
        pub storage: Option<u8>,
    }

    /// `+CUSATR: <profile_storage>,<profile>` (TS 27.007, 12.2).
    pub struct CusatrInfo {
        /// Which one.
        pub storage: u8,
        /// The octets of TERMINAL PROFILE.
        pub profile: HexBytes,
    }

    /// `+CUSATW=[<profile_storage>[,<profile>]]` (TS 27.007, 12.2): writes a profile, or empties
    /// it.
    pub struct CusatwSet {
        /// Which one.
        pub storage: Option<u8>,
        /// The octets of TERMINAL PROFILE.
        pub profile: Option<HexBytes>,
    }

    /// `+CUSATD=[<download>[,<reporting>]]` and `+CUSATD: <download>,<reporting>` (TS 27.007,
    /// 12.2).
    pub struct Cusatd {
        /// 0: the device's own profile goes to the card at its next start, 1: the device's and the
        /// host's, 2: the card waits for a host before that.
        pub download: Option<u8>,
        /// 1: the host is told of the state of the card by `+CUSATS`.
        pub reporting: Option<u8>,
    }

    /// `+CUSATT=<terminal_response>` (TS 27.007, 12.2).
    pub struct CusattSet {
        /// The data of TERMINAL RESPONSE.
        pub response: HexBytes,
    }

    /// `+CUSATE=<envelope_command>` (TS 27.007, 12.2).
    pub struct CusateSet {
        /// The data of ENVELOPE.
        pub envelope: HexBytes,
    }

    /// `+CUSATE: <envelope_response>[,<busy>]` (TS 27.007, 12.2).
    pub struct CusateInfo {
        /// What the card answered; may be nothing.
        pub response: HexBytes,
        /// 0: done, 1: the toolkit of the card was busy.
        pub busy: Option<u8>,
    }

    /// `+CUSATP: <proactive_command>` (TS 27.007, 12.2).
    pub struct CusatpUrc {
        /// The command, as FETCH brought it.
        pub command: HexBytes,
    }
}

lines! {
    CusatrInfo = "+CUSATR";
    Cusatd = "+CUSATD";
    CusateInfo = "+CUSATE";
    CusatpUrc = "+CUSATP";
}
