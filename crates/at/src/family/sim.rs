//! Access to the card (TS 27.007, 8.17, 8.18, 8.43 to 8.46).

use crate::{
    ArgError, ArgProblem, ArgWriter, Args, HexBytes, Params, SessionId,
    wire::{coded, lines, params},
};

coded! {
    /// `<command>` of `+CRSM`: the instruction byte (TS 27.007, 8.18).
    pub enum RestrictedCommand {
        /// READ BINARY.
        ReadBinary = 176,
        /// READ RECORD.
        ReadRecord = 178,
        /// GET RESPONSE: what a SELECT would answer.
        GetResponse = 192,
        /// UPDATE BINARY.
        UpdateBinary = 214,
        /// UPDATE RECORD.
        UpdateRecord = 220,
        /// STATUS.
        Status = 242,
        /// RETRIEVE DATA.
        RetrieveData = 203,
        /// SET DATA.
        SetData = 219,
    }
}

params! {
    /// `+CRSM=<command>[,<fileid>[,<P1>,<P2>,<P3>[,<data>[,<pathid>]]]]` (TS 27.007, 8.18).
    pub struct CrsmSet {
        /// What to do.
        pub command: RestrictedCommand,
        /// The file.
        pub file: Option<u16>,
        /// P1.
        pub p1: Option<u8>,
        /// P2.
        pub p2: Option<u8>,
        /// P3.
        pub p3: Option<u8>,
        /// What to write.
        pub data: Option<HexBytes>,
        /// The directory the file is in, from the MF on, e.g. 7F FF.
        pub path: Option<HexBytes>,
    }

    /// `+CRSM: <sw1>,<sw2>[,<response>]` (TS 27.007, 8.18).
    pub struct CrsmInfo {
        /// SW1.
        pub sw1: u8,
        /// SW2.
        pub sw2: u8,
        /// The response without status.
        pub response: Option<HexBytes>,
    }

    /// `+CCHO=<dfname>` (TS 27.007, 8.45): opens a logical channel and selects an application.
    pub struct CchoSet {
        /// The AID.
        pub aid: HexBytes,
    }

    /// `+CCHO: <sessionid>` (TS 27.007, 8.45). Some devices answer the bare handle, see
    /// [`CchoInfo::parse_any`].
    pub struct CchoInfo {
        /// The handle of the channel.
        pub session: SessionId,
    }

    /// `+CCHC=<sessionid>` (TS 27.007, 8.46): closes a logical channel.
    pub struct CchcSet {
        /// The handle of the channel.
        pub session: SessionId,
    }

    /// `+CUAD: <response>` (TS 27.007, 8.48): the records of EF.DIR.
    pub struct CuadInfo {
        /// The records, one after the other.
        pub records: HexBytes,
    }
}

impl CchoInfo {
    /// Reads the answer with or without its name.
    ///
    /// # Errors
    /// A handle that is empty, too long, or holds other than letters and digits.
    pub fn parse_any(line: &[u8]) -> Result<Self, crate::LineError> {
        let list = crate::wire::strip_name(line, "+CCHO").unwrap_or(line);
        Ok(Self::parse_params(&mut Args::new(list))?)
    }
}

/// `+CSIM=<length>,<command>` and `+CSIM: <length>,<response>` (TS 27.007, 8.17).
///
/// The length counts hex digits; it is written from the bytes and checked against them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Csim {
    /// The command or the response with its status.
    pub apdu: HexBytes,
}

impl Params for Csim {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        put_counted(&self.apdu, to);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        Ok(Self { apdu: take_counted(from)? })
    }
}

/// `+CGLA=<sessionid>,<length>,<command>` (TS 27.007, 8.43).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CglaSet {
    /// The channel.
    pub session: SessionId,
    /// The command.
    pub apdu: HexBytes,
}

impl Params for CglaSet {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        to.param(&self.session);
        put_counted(&self.apdu, to);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        Ok(Self { session: from.param()?, apdu: take_counted(from)? })
    }
}

/// `+CGLA: <length>,<response>` (TS 27.007, 8.43).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CglaInfo {
    /// The response with its status.
    pub apdu: HexBytes,
}

impl Params for CglaInfo {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        put_counted(&self.apdu, to);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        Ok(Self { apdu: take_counted(from)? })
    }
}

fn put_counted(bytes: &HexBytes, to: &mut ArgWriter<'_>) {
    let digits = bytes.len().saturating_mul(2);
    to.param(&u32::try_from(digits).unwrap_or(u32::MAX));
    to.param(bytes);
}

fn take_counted(from: &mut Args<'_>) -> Result<HexBytes, ArgError> {
    let digits: u32 = from.param()?;
    let bytes: HexBytes = from.param()?;
    if usize::try_from(digits) != Ok(bytes.len() * 2) {
        return Err(from.refuse(ArgProblem::LengthMismatch));
    }
    Ok(bytes)
}

lines! {
    CrsmInfo = "+CRSM";
    CchoInfo = "+CCHO";
    CuadInfo = "+CUAD";
    Csim = "+CSIM";
    CglaInfo = "+CGLA";
}

/// Finds the ICCID in an answer to `+CCID`, `+ICCID`, `+QCCID` or `^ICCID`: with or without a
/// name, with or without quotes. Returns its digits (and a final `F`), which are not checked.
#[must_use]
pub fn parse_iccid_line(line: &[u8]) -> Option<&[u8]> {
    let names = ["+CCID", "+ICCID", "+QCCID", "^ICCID", "ICCID"];
    let digits = names.iter().find_map(|name| crate::wire::strip_name(line, name)).unwrap_or(line);
    let digits = digits.trim_ascii();
    let digits = digits.strip_prefix(b"\"").and_then(|d| d.strip_suffix(b"\"")).unwrap_or(digits);
    let plausible = (18..=20).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    plausible.then_some(digits)
}

#[cfg(any(test, feature = "testkit"))]
mod sample {
    use super::{CglaInfo, CglaSet, Csim};
    use crate::testkit::{Sample, Source};

    impl Sample for Csim {
        fn sample(source: &mut Source<'_>) -> Self {
            Self { apdu: source.value() }
        }
    }

    impl Sample for CglaSet {
        fn sample(source: &mut Source<'_>) -> Self {
            Self { session: source.value(), apdu: source.value() }
        }
    }

    impl Sample for CglaInfo {
        fn sample(source: &mut Source<'_>) -> Self {
            Self { apdu: source.value() }
        }
    }
}
