//! Keys and settings of authentication.

use alloc::{boxed::Box, vec::Vec};

use polysim_base::tlv::put_ber;

use super::file::some;
use super::{AID_LEN, PeHeader};
use crate::saip::der::{
    DecodeError, Field, OCTETS, Problem, Reader, constructed, primitive, put_inside, put_some,
    put_uint,
};
use crate::saip::{Secret, Service};

/// Longest key, and longest operator variant, of any algorithm.
const KEY_LEN_MAX: usize = 64;
/// How many sequence numbers a card starts with, one for each index.
const SQN_COUNT: usize = 32;

/// Keys of the application that was created last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AkaParameter {
    /// Its header.
    pub header: PeHeader,
    /// The algorithm and its keys.
    pub source: AlgorithmSource,
    /// How sequence numbers are checked; [`Self::SQN_OPTIONS`] if missing.
    pub sqn_options: Option<u8>,
    /// How far a sequence number may be ahead; [`Self::SQN_DELTA`] if missing.
    pub sqn_delta: Option<[u8; 6]>,
    /// How far it may be behind; [`Self::SQN_DELTA`] if missing.
    pub sqn_age_limit: Option<[u8; 6]>,
    /// The sequence number accepted last for each index, without the index; 0 if missing.
    pub sqn_init: Option<Box<[[u8; 6]; SQN_COUNT]>>,
}

/// Where the keys of an application come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AlgorithmSource {
    /// They are those of another application.
    Mapping(MappingParameter),
    /// They are these.
    Own(AlgorithmParameter),
}

/// Keys that are those of another application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MappingParameter {
    /// What is shared.
    pub options: u8,
    /// The AID of the other application.
    pub source: Vec<u8>,
}

/// The algorithms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AlgorithmId {
    /// MILENAGE (TS 35.206).
    Milenage,
    /// TUAK (TS 35.231).
    Tuak,
    /// The test algorithm (TS 34.108, 8.1.2).
    Test,
    /// Another one.
    Other(u8),
}

impl AlgorithmId {
    const fn number(self) -> u8 {
        match self {
            Self::Milenage => 1,
            Self::Tuak => 2,
            Self::Test => 3,
            Self::Other(number) => number,
        }
    }

    const fn of(number: u8) -> Self {
        match number {
            1 => Self::Milenage,
            2 => Self::Tuak,
            3 => Self::Test,
            number => Self::Other(number),
        }
    }
}

/// An algorithm and its keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlgorithmParameter {
    /// Which.
    pub algorithm: AlgorithmId,
    /// Options, by algorithm.
    pub options: u8,
    /// K.
    pub key: Secret,
    /// `OPc` of MILENAGE, `TOPc` of TUAK.
    pub opc: Secret,
    /// The rotations r1 to r5 of MILENAGE; [`Self::ROTATION`] if missing.
    pub rotation: Option<[u8; 5]>,
    /// The constants c1 to c5 of MILENAGE; [`Self::XORING`] if missing.
    pub xoring: Option<Box<[u8; 80]>>,
    /// How many authentications may fail.
    pub counter_max: Option<[u8; 3]>,
    /// Iterations of the Keccak permutation of TUAK; 1 if missing.
    pub keccak_iterations: Option<u8>,
}

impl AlgorithmParameter {
    /// The rotations of TS 35.206, in bits.
    pub const ROTATION: [u8; 5] = [0x40, 0x00, 0x20, 0x40, 0x60];
    /// The constants of TS 35.206.
    pub const XORING: [u8; 80] = {
        let mut constants = [0; 80];
        (constants[31], constants[47], constants[63], constants[79]) = (1, 2, 4, 8);
        constants
    };

    /// Returns the service that an eUICC needs for it, if it is a known one.
    #[must_use]
    pub fn service(&self) -> Option<Service> {
        match self.algorithm {
            AlgorithmId::Milenage => Some(Service::Milenage),
            AlgorithmId::Tuak if self.key.as_bytes().len() == 32 => Some(Service::Tuak256),
            AlgorithmId::Tuak => Some(Service::Tuak128),
            AlgorithmId::Test => Some(Service::UsimTestAlgorithm),
            AlgorithmId::Other(_) => None,
        }
    }

    /// Tells whether the constants are those of TS 35.206.
    #[must_use]
    pub fn standard_constants(&self) -> bool {
        self.rotation.is_none_or(|rotation| rotation == Self::ROTATION)
            && self.xoring.as_ref().is_none_or(|xoring| **xoring == Self::XORING)
    }

    fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let algorithm = AlgorithmId::of(fields.required(primitive(0))?.uint8()?);
        let options = fields.required(primitive(1))?.octet()?;
        let key = Secret::new(fields.required(primitive(2))?.octets(0, KEY_LEN_MAX)?);
        let opc = Secret::new(fields.required(primitive(3))?.octets(0, KEY_LEN_MAX)?);
        let rotation = fields.optional(primitive(4))?.map(|field| field.array()).transpose()?;
        let xoring = fields.optional(primitive(5))?.map(|field| field.array()).transpose()?;
        let counter_max = fields.optional(primitive(6))?.map(|field| field.array()).transpose()?;
        let iterations = fields.optional(primitive(7))?.map(|field| field.uint8()).transpose()?;
        fields.finish(7)?;
        Ok(Self {
            algorithm,
            options,
            key,
            opc,
            rotation,
            xoring: xoring.map(Box::new),
            counter_max,
            keccak_iterations: iterations,
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_uint(out, primitive(0), self.algorithm.number().into());
        put_ber(out, primitive(1), &[self.options]);
        put_ber(out, primitive(2), self.key.as_bytes());
        put_ber(out, primitive(3), self.opc.as_bytes());
        put_some(out, primitive(4), self.rotation.as_ref().map(|rotation| &rotation[..]));
        put_some(out, primitive(5), self.xoring.as_ref().map(|xoring| &xoring[..]));
        put_some(out, primitive(6), self.counter_max.as_ref().map(|counter| &counter[..]));
        if let Some(iterations) = self.keccak_iterations {
            put_uint(out, primitive(7), iterations.into());
        }
    }
}

impl AkaParameter {
    /// The options of sequence numbers if nothing else is said.
    pub const SQN_OPTIONS: u8 = 0x02;
    /// The limits of sequence numbers if nothing else is said: 2^28.
    pub const SQN_DELTA: [u8; 6] = [0x00, 0x00, 0x10, 0x00, 0x00, 0x00];

    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let mut choice = fields.required(constructed(1))?.inside();
        let at = choice.at();
        let source = match choice.next()? {
            Some(field) if field.tag == constructed(0) => {
                AlgorithmSource::Mapping(MappingParameter::read(field.inside())?)
            }
            Some(field) if field.tag == constructed(1) => {
                AlgorithmSource::Own(AlgorithmParameter::read(field.inside())?)
            }
            Some(_) | None => {
                return Err(DecodeError::new(at, Problem::Missing { tag: constructed(1) }));
            }
        };
        choice.finish_closed()?;
        let sqn_options = some(&mut fields, primitive(2), (1, 1))?;
        let sqn_delta = fields.optional(primitive(3))?.map(|field| field.array()).transpose()?;
        let sqn_age_limit =
            fields.optional(primitive(4))?.map(|field| field.array()).transpose()?;
        let sqn_init = fields.optional(constructed(5))?.map(read_sqns).transpose()?;
        fields.finish(5)?;
        Ok(Self {
            header,
            source,
            sqn_options: sqn_options.and_then(|options| options.first().copied()),
            sqn_delta,
            sqn_age_limit,
            sqn_init,
        })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_inside(out, constructed(1), |out| match &self.source {
            AlgorithmSource::Mapping(mapping) => {
                put_inside(out, constructed(0), |out| mapping.put(out));
            }
            AlgorithmSource::Own(parameter) => {
                put_inside(out, constructed(1), |out| parameter.put(out));
            }
        });
        put_some(out, primitive(2), self.sqn_options.as_ref().map(core::slice::from_ref));
        put_some(out, primitive(3), self.sqn_delta.as_ref().map(|delta| &delta[..]));
        put_some(out, primitive(4), self.sqn_age_limit.as_ref().map(|limit| &limit[..]));
        if let Some(init) = &self.sqn_init {
            put_inside(out, constructed(5), |out| {
                init.iter().for_each(|sqn| put_ber(out, OCTETS, sqn));
            });
        }
    }
}

fn read_sqns(field: Field<'_>) -> Result<Box<[[u8; 6]; SQN_COUNT]>, DecodeError> {
    let read = |field: Field<'_>| field.tagged(OCTETS)?.array();
    let sqns = field.inside().list("sequence numbers", SQN_COUNT, read)?;
    let sqns: Result<[[u8; 6]; SQN_COUNT], _> = sqns.try_into();
    sqns.map(Box::new).map_err(|_| field.impossible())
}

impl MappingParameter {
    fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let options = fields.required(primitive(0))?.octet()?;
        let source = fields.required(primitive(1))?.octets(AID_LEN.0, AID_LEN.1)?.to_vec();
        fields.finish(1)?;
        Ok(Self { options, source })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_ber(out, primitive(0), &[self.options]);
        put_ber(out, primitive(1), &self.source);
    }
}
