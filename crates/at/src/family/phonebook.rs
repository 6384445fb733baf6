//! Phonebooks and own numbers (TS 27.007, 7.1, 8.11 to 8.14).

use crate::{
    ArgError, ArgProblem, ArgWriter, Args, Line, Params, Text,
    wire::{lines, named, params, parse_uint, put_uint},
};

named! {
    /// A phonebook (TS 27.007, 8.11).
    quoted pub enum Phonebook {
        /// The card.
        Sim = "SM",
        /// The device.
        Phone = "ME",
        /// Both.
        Combined = "MT",
        /// Fixed dialling.
        FixedDialling = "FD",
        /// Last dialled.
        LastDialled = "LD",
        /// Dialled, in the device.
        Dialled = "DC",
        /// Received calls.
        Received = "RC",
        /// Missed calls.
        Missed = "MC",
        /// Own numbers.
        OwnNumbers = "ON",
        /// Emergency numbers.
        Emergency = "EN",
        /// Barred dialling.
        BarredDialling = "BN",
        /// Service dialling.
        ServiceDialling = "SN",
        /// The application's.
        Application = "AP",
    }
}

params! {
    /// `+CPBS=<storage>[,<password>]` (TS 27.007, 8.11).
    pub struct CpbsSet {
        /// Which phonebook.
        pub storage: Phonebook,
        /// PIN2, if it is needed.
        pub password: Option<crate::Password>,
    }

    /// `+CPBS: <storage>[,<used>,<total>]` (TS 27.007, 8.11).
    pub struct CpbsInfo {
        /// Which phonebook.
        pub storage: Phonebook,
        /// Entries in it.
        pub used: Option<u16>,
        /// Entries that fit.
        pub total: Option<u16>,
    }

    /// `+CPBR=<index1>[,<index2>]` (TS 27.007, 8.12).
    pub struct CpbrSet {
        /// First place.
        pub first: u16,
        /// Last place.
        pub last: Option<u16>,
    }

    /// `+CPBF=<findtext>` (TS 27.007, 8.13).
    pub struct CpbfSet {
        /// Beginning of the names to find.
        pub text: Text,
    }

    /// `+CPBW=[<index>][,<number>[,<type>[,<text>]]]` (TS 27.007, 8.14).
    pub struct CpbwSet {
        /// Which place; none takes the first free one.
        pub index: Option<u16>,
        /// The number; none deletes the entry.
        pub number: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
        /// The name.
        pub name: Option<Text>,
    }

    /// `+CPBR: <index>,<number>,<type>,<text>` (TS 27.007, 8.12).
    pub struct CpbrInfo {
        /// Which place.
        pub index: u16,
        /// The number.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
        /// The name.
        pub name: Text,
    }

    /// `+CPBF: <index>,<number>,<type>,<text>` (TS 27.007, 8.13).
    pub struct CpbfInfo {
        /// Which place.
        pub index: u16,
        /// The number.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
        /// The name.
        pub name: Text,
    }

    /// `+CNUM: [<alpha>],<number>,<type>[,<speed>,<service>[,<itc>]]` (TS 27.007, 7.1).
    pub struct CnumInfo {
        /// What the number is called.
        pub name: Option<Text>,
        /// The number.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
        /// Code of the speed.
        pub speed: Option<u8>,
        /// 4 is voice.
        pub service: Option<u8>,
    }
}

lines! {
    CpbsInfo = "+CPBS";
    CpbrInfo = "+CPBR";
    CpbfInfo = "+CPBF";
    CnumInfo = "+CNUM";
}

/// `+CPBR: (<first>-<last>)[,<nlength>,<tlength>]`: the answer to `+CPBR=?` (TS 27.007, 8.12).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CpbrTest {
    /// First place.
    pub first: u16,
    /// Last place.
    pub last: u16,
    /// Longest number.
    pub number_len_max: Option<u16>,
    /// Longest name.
    pub name_len_max: Option<u16>,
}

impl Params for CpbrTest {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        to.raw(|out| {
            out.push(b'(');
            put_uint(self.first.into(), out);
            out.push(b'-');
            put_uint(self.last.into(), out);
            out.push(b')');
        });
        to.param(&self.number_len_max);
        to.param(&self.name_len_max);
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        let arg = from.take()?;
        let crate::Arg::Bare(range) = arg else { return Err(from.refuse(ArgProblem::Missing)) };
        let (first, last) =
            parse_range(range).ok_or_else(|| from.refuse(ArgProblem::NotANumber))?;
        Ok(Self { first, last, number_len_max: from.param()?, name_len_max: from.param()? })
    }
}

fn parse_range(range: &[u8]) -> Option<(u16, u16)> {
    let range = range.strip_prefix(b"(")?.strip_suffix(b")")?;
    let dash = range.iter().position(|b| *b == b'-')?;
    let (first, last) = range.split_at_checked(dash)?;
    let number = |digits| parse_uint(digits).ok()?.try_into().ok();
    Some((number(first)?, number(last.get(1..)?)?))
}

impl Line for CpbrTest {
    const NAME: &'static str = "+CPBR";
}

#[cfg(any(test, feature = "testkit"))]
impl crate::testkit::Sample for CpbrTest {
    fn sample(source: &mut crate::testkit::Source<'_>) -> Self {
        Self {
            first: source.value(),
            last: source.value(),
            number_len_max: source.value(),
            name_len_max: source.value(),
        }
    }
}
