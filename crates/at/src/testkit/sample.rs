//! Values made from bytes, so that property tests and fuzzers share one generator.

use alloc::{boxed::Box, vec::Vec};

use proptest::prelude::*;

use crate::{
    Arguments, Basic, Command, CommandName, Dial, DialString, DialTarget, ErrorReporting,
    FinalResult, Form, HexBytes, NoSet, OtherCommand, Password, SRegister, SessionId, Text,
};

/// Bytes that decide what a sample looks like; after their end everything is zero.
#[derive(Clone, Debug)]
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Makes the next value.
    pub fn value<T: Sample>(&mut self) -> T {
        T::sample(self)
    }

    /// Picks one of `choices`, which must not be empty.
    ///
    /// # Panics
    /// If `choices` is empty.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let at = usize::from(self.value::<u8>());
        let choice = choices.iter().cycle().nth(at);
        choice.unwrap_or_else(|| unreachable!("there is a choice")).clone()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            if let [first, rest @ ..] = self.0 {
                *byte = *first;
                self.0 = rest;
            }
        }
        bytes
    }

    fn bytes(&mut self, len_max: u8) -> Vec<u8> {
        let length = self.value::<u8>() % (len_max + 1);
        (0..length).map(|_| self.value()).collect()
    }

    fn text(&mut self, alphabet: &[u8], len_max: u8) -> Vec<u8> {
        let length = self.value::<u8>() % (len_max + 1);
        (0..length).map(|_| self.pick(alphabet)).collect()
    }
}

/// A type with samples.
pub trait Sample: Sized {
    /// Makes a value from the next bytes; the same bytes make the same value.
    fn sample(source: &mut Source<'_>) -> Self;
}

/// Returns the proptest strategy over the samples of a type.
pub fn sampled<T: Sample + core::fmt::Debug>() -> impl Strategy<Value = T> {
    prop::collection::vec(any::<u8>(), 0..64).prop_map(|bytes| Source::new(&bytes).value())
}

macro_rules! sample_uints {
    ($($int:ty),*) => { $(
        impl Sample for $int {
            fn sample(source: &mut Source<'_>) -> Self {
                Self::from_be_bytes(source.array())
            }
        }
    )* };
}
sample_uints!(u8, u16, u32, u64);

impl Sample for bool {
    fn sample(source: &mut Source<'_>) -> Self {
        source.value::<u8>() % 2 == 1
    }
}

impl<A: Sample, B: Sample> Sample for (A, B) {
    fn sample(source: &mut Source<'_>) -> Self {
        (source.value(), source.value())
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(source: &mut Source<'_>) -> Self {
        let present: bool = source.value();
        present.then(|| source.value())
    }
}

impl<T: Sample> Sample for Box<T> {
    fn sample(source: &mut Source<'_>) -> Self {
        Self::new(source.value())
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(source: &mut Source<'_>) -> Self {
        let length = source.value::<u8>() % 6;
        (0..length).map(|_| source.value()).collect()
    }
}

impl Sample for HexBytes {
    fn sample(source: &mut Source<'_>) -> Self {
        source.bytes(40).into()
    }
}

impl Sample for Text {
    fn sample(source: &mut Source<'_>) -> Self {
        let alphabet: Vec<u8> = (b' '..=255).filter(|b| *b != b'"' && *b != 0x7F).collect();
        Self::new(source.text(&alphabet, 24)).unwrap_or_default()
    }
}

impl Sample for Password {
    fn sample(source: &mut Source<'_>) -> Self {
        Self::new(source.text(b"0123456789", 8)).unwrap_or_else(|_| unreachable!("digits"))
    }
}

impl Sample for DialString {
    fn sample(source: &mut Source<'_>) -> Self {
        let mut digits = source.text(b"0123456789*#+ABCDPW", 20);
        digits.push(b'1');
        Self::new(digits).unwrap_or_else(|_| unreachable!("digits"))
    }
}

impl Sample for SessionId {
    fn sample(source: &mut Source<'_>) -> Self {
        source.value::<u32>().into()
    }
}

impl Sample for NoSet {
    fn sample(_source: &mut Source<'_>) -> Self {
        unreachable!("forms without parameters are never sampled as set")
    }
}

impl Sample for ErrorReporting {
    fn sample(source: &mut Source<'_>) -> Self {
        source.pick(&[Self::Off, Self::Numeric, Self::Verbose])
    }
}

impl Sample for FinalResult {
    fn sample(source: &mut Source<'_>) -> Self {
        match source.value::<u8>() % 9 {
            0 => Self::Ok,
            1 => Self::Error,
            2 => Self::NoCarrier,
            3 => Self::NoDialtone,
            4 => Self::Busy,
            5 => Self::NoAnswer,
            6 => Self::Connect { speed: source.value() },
            7 => Self::Cme(source.value()),
            _ => Self::Cms(source.value()),
        }
    }
}

impl<S: Sample + 'static> Sample for Form<S> {
    fn sample(source: &mut Source<'_>) -> Self {
        let no_set = core::any::TypeId::of::<S>() == core::any::TypeId::of::<NoSet>();
        match source.value::<u8>() % 8 {
            0 => Self::Test,
            1 => Self::Read,
            2 => Self::Execute,
            _ if no_set => Self::Execute,
            _ => Self::Set(source.value()),
        }
    }
}

impl Sample for Dial {
    fn sample(source: &mut Source<'_>) -> Self {
        let target = match source.value::<u8>() % 5 {
            0 => DialTarget::Entry { storage: source.value(), index: source.value() },
            1 => DialTarget::Name(source.value()),
            2 => DialTarget::Last,
            _ => DialTarget::Number(source.value()),
        };
        Self {
            target,
            voice: source.value(),
            withhold: source.value(),
            closed_group: source.value(),
        }
    }
}

impl Sample for Arguments {
    fn sample(source: &mut Source<'_>) -> Self {
        let texts: Vec<Option<Text>> = source.value();
        let mut list = Vec::new();
        let mut to = crate::ArgWriter::new(&mut list);
        for text in &texts {
            to.param(text);
        }
        Self::new(list).unwrap_or_default()
    }
}

impl Sample for Command {
    fn sample(source: &mut Source<'_>) -> Self {
        match source.value::<u8>() {
            0 => Self::Attention,
            1..=16 => Self::Basic(source.pick(Basic::ALL), source.value()),
            17..=24 => {
                let form = source.value();
                Self::Register(SRegister { register: source.value(), form })
            }
            25..=40 => Self::Dial(source.value()),
            41..=48 => {
                let names = ["^SYSINFO", "+QCFG", "*MRD_CDF", "$QCRMCALL", "%CPIN"];
                let name = CommandName::new(source.pick(&names));
                Self::Other(Box::new(OtherCommand {
                    name: name.unwrap_or_else(|_| unreachable!("valid names")),
                    form: source.value(),
                }))
            }
            _ => source.pick(Self::SAMPLES)(source),
        }
    }
}
