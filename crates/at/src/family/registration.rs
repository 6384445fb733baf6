//! Registration in its four domains (TS 27.007, 7.2, 10.1.20, 10.1.22, 10.1.47).

use alloc::vec::Vec;

use crate::{
    AccessTechnology, Arg, ArgError, ArgProblem, ArgWriter, Args, Framing, LineError, Param,
    wire::{coded, parse_hex_number, put_hex_number, strip_name},
};

/// The domain that a registration line is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegistrationDomain {
    /// `+CREG`: circuit switched.
    Circuit,
    /// `+CGREG`: GPRS.
    Packet,
    /// `+CEREG`: EPS.
    Eps,
    /// `+C5GREG`: 5GS.
    FiveG,
}

impl RegistrationDomain {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Circuit, Self::Packet, Self::Eps, Self::FiveG];

    /// Returns the name before the colon.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Circuit => "+CREG",
            Self::Packet => "+CGREG",
            Self::Eps => "+CEREG",
            Self::FiveG => "+C5GREG",
        }
    }

    /// Parameters that only this domain has between `<AcT>` and `<cause_type>`.
    const fn extras(self) -> usize {
        match self {
            Self::Circuit | Self::Eps => 0,
            Self::Packet => 1,
            Self::FiveG => 2,
        }
    }
}

coded! {
    /// `<stat>` (TS 27.007, 7.2).
    pub enum RegistrationStatus {
        /// Not registered, not searching.
        NotRegistered = 0,
        /// Registered with the home network.
        Home = 1,
        /// Not registered, searching.
        Searching = 2,
        /// Refused.
        Denied = 3,
        /// Not known.
        Unknown = 4,
        /// Registered, roaming.
        Roaming = 5,
        /// Registered for texts only, home.
        HomeSmsOnly = 6,
        /// Registered for texts only, roaming.
        RoamingSmsOnly = 7,
        /// Attached for emergency bearers only.
        EmergencyOnly = 8,
        /// Registered, CSFB not preferred, home.
        HomeNoCsfb = 9,
        /// Registered, CSFB not preferred, roaming.
        RoamingNoCsfb = 10,
    }
}

impl RegistrationStatus {
    /// Whether calls or data, not only texts, can be had.
    #[must_use]
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming | Self::HomeNoCsfb | Self::RoamingNoCsfb)
    }
}

/// Why registration was refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RejectCause {
    /// 0: the cause is one of the mobility management; 1: the manufacturer's own.
    pub kind: u8,
    /// The cause, as the value of TS 24.008, annex G.
    pub cause: u8,
}

/// What a registration line says.
///
/// The network slices of `+C5GREG` are read over and never written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Registration {
    /// `<stat>`.
    pub status: RegistrationStatus,
    /// `<lac>` or `<tac>`.
    pub area: Option<u32>,
    /// `<ci>`.
    pub cell: Option<u64>,
    /// `<AcT>`.
    pub technology: Option<AccessTechnology>,
    /// `<rac>`, in `+CGREG` only.
    pub routing_area: Option<u8>,
    /// `<cause_type>` and `<reject_cause>`.
    pub reject: Option<RejectCause>,
}

/// Whether area and cell stand in quotes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AreaQuotes {
    /// As in the standard: `"4CA7"`.
    #[default]
    Quoted,
    /// As some Huawei devices write: `4CA7`.
    Unquoted,
}

impl Registration {
    /// Makes a line with nothing but the status.
    #[must_use]
    pub const fn new(status: RegistrationStatus) -> Self {
        Self { status, area: None, cell: None, technology: None, routing_area: None, reject: None }
    }

    /// Appends the line without framing: the read answer if `setting` (the `<n>` in force) is
    /// given, else the unsolicited form.
    pub fn encode(
        &self,
        domain: RegistrationDomain,
        setting: Option<u8>,
        quotes: AreaQuotes,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(domain.name().as_bytes());
        out.extend_from_slice(b": ");
        let mut to = ArgWriter::new(out);
        if let Some(setting) = setting {
            to.param(&setting);
        }
        to.param(&self.status);
        let area_width = if matches!(domain, RegistrationDomain::FiveG) { 6 } else { 4 };
        put_area(self.area.map(u64::from), area_width, quotes, &mut to);
        let cell_width = match self.cell {
            Some(0..=0xFFFF) => 4,
            Some(0x1_0000..=0xFFFF_FFFF) => 8,
            Some(_) | None => 9,
        };
        put_area(self.cell, cell_width, quotes, &mut to);
        to.param(&self.technology);
        match domain {
            RegistrationDomain::Packet => {
                put_area(self.routing_area.map(u64::from), 2, quotes, &mut to);
            }
            RegistrationDomain::FiveG => {
                to.skip();
                to.skip();
            }
            RegistrationDomain::Circuit | RegistrationDomain::Eps => {}
        }
        if let Some(reject) = self.reject {
            to.param(&reject.kind);
            to.param(&reject.cause);
        }
    }

    /// Appends the unsolicited form, framed and in quotes.
    pub fn put_urc(&self, domain: RegistrationDomain, framing: Framing, out: &mut Vec<u8>) {
        framing.framed(out, |out| self.encode(domain, None, AreaQuotes::Quoted, out));
    }

    /// Appends the read answer, framed and in quotes.
    pub fn put_answer(
        &self,
        domain: RegistrationDomain,
        setting: u8,
        framing: Framing,
        out: &mut Vec<u8>,
    ) {
        framing.framed(out, |out| self.encode(domain, Some(setting), AreaQuotes::Quoted, out));
    }

    /// Reads the unsolicited form: `<stat>[,<lac>,<ci>…]`.
    ///
    /// # Errors
    /// Another line, or a parameter that does not fit.
    pub fn parse_urc(line: &[u8]) -> Result<(RegistrationDomain, Self), LineError> {
        let (domain, list) = domain_of(line)?;
        Ok((domain, Self::parse_list(domain, &mut Args::new(list))?))
    }

    /// Reads the answer to a read command, `<n>,<stat>[,<lac>,<ci>…]`, and returns `<n>` too.
    ///
    /// # Errors
    /// Another line, or a parameter that does not fit; the unsolicited form lacks `<stat>` then,
    /// or has a quoted string in its place.
    pub fn parse_answer(line: &[u8]) -> Result<(RegistrationDomain, u8, Self), LineError> {
        let (domain, list) = domain_of(line)?;
        let mut from = Args::new(list);
        let setting = from.param()?;
        Ok((domain, setting, Self::parse_list(domain, &mut from)?))
    }

    fn parse_list(domain: RegistrationDomain, from: &mut Args<'_>) -> Result<Self, ArgError> {
        let status = from.param()?;
        let area: Option<HexNumber> = from.param()?;
        let area = area.map(|area| u32::try_from(area.0)).transpose();
        let area = area.map_err(|_| from.refuse(ArgProblem::OutOfRange))?;
        let cell: Option<HexNumber> = from.param()?;
        let technology = from.param()?;
        let mut routing_area = None;
        if matches!(domain, RegistrationDomain::Packet) {
            let code: Option<HexNumber> = from.param()?;
            let code = code.map(|code| u8::try_from(code.0)).transpose();
            routing_area = code.map_err(|_| from.refuse(ArgProblem::OutOfRange))?;
        } else {
            for _ in 0..domain.extras() {
                from.take()?;
            }
        }
        let kind: Option<u8> = from.param()?;
        let cause: Option<u8> = from.param()?;
        let reject = kind.zip(cause).map(|(kind, cause)| RejectCause { kind, cause });
        Ok(Self { status, area, cell: cell.map(|c| c.0), technology, routing_area, reject })
    }
}

fn domain_of(line: &[u8]) -> Result<(RegistrationDomain, &[u8]), LineError> {
    RegistrationDomain::ALL
        .into_iter()
        .find_map(|domain| Some((domain, strip_name(line, domain.name())?)))
        .ok_or(LineError::OtherLine { expected: "+CREG" })
}

fn put_area(value: Option<u64>, width: usize, quotes: AreaQuotes, to: &mut ArgWriter<'_>) {
    let Some(value) = value else { return to.skip() };
    to.raw(|out| match quotes {
        AreaQuotes::Quoted => {
            out.push(b'"');
            put_hex_number(value, width, out);
            out.push(b'"');
        }
        AreaQuotes::Unquoted => put_hex_number(value, width, out),
    });
}

/// Hex digits with or without quotes; empty quotes count as left out.
struct HexNumber(u64);

impl Param for HexNumber {
    fn encode(&self, out: &mut Vec<u8>) {
        put_hex_number(self.0, 1, out);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        match arg {
            Arg::Missing => Err(ArgProblem::Missing),
            Arg::Bare(digits) | Arg::Quoted(digits) => {
                parse_hex_number(digits).map(Self).ok_or(ArgProblem::NotHex)
            }
        }
    }
}

#[cfg(any(test, feature = "testkit"))]
mod sample {
    use super::{Registration, RegistrationDomain, RejectCause};
    use crate::testkit::{Sample, Source};

    impl Sample for RegistrationDomain {
        fn sample(source: &mut Source<'_>) -> Self {
            source.pick(&Self::ALL)
        }
    }

    /// Without the fields that exist in one domain only.
    impl Sample for Registration {
        fn sample(source: &mut Source<'_>) -> Self {
            let reject = source.value::<Option<(u8, u8)>>();
            Self {
                status: source.value(),
                area: source.value(),
                cell: source.value(),
                technology: source.value(),
                routing_area: None,
                reject: reject.map(|(kind, cause)| RejectCause { kind, cause }),
            }
        }
    }
}
