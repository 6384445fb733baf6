//! Command details and destination: what every command has before its objects.

use alloc::vec::Vec;

use crate::{
    device::{ChannelId, ClientId, Device, ReaderId},
    error::{CatError, CatErrorKind, Flaw},
    object::{Object, words},
    objects::{Objects, Writer},
    tag,
};
use polysim_base::tlv::{Ber, ComprehensionReader};

/// Command details (TS 102.223, 8.6). A response repeats them as they were received.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CommandDetails {
    /// The number of the command, 1 to 254.
    pub number: u8,
    /// The type of the command; [`crate::CommandType`] names those there are.
    pub command_type: u8,
    /// The qualifier, whose meaning depends on the type.
    pub qualifier: u8,
}

impl CommandDetails {
    /// Finds the details in a proactive command, even in one that is not understood further.
    /// Without details there is nothing to repeat, and zeros do (TS 102.223, 6.8.1).
    #[must_use]
    pub fn find(octets: &[u8]) -> Option<Self> {
        let (outer, _) = Ber::read(octets).ok()?;
        let value = ComprehensionReader::new(outer.value).find(tag::COMMAND_DETAILS.number());
        Self::parse(value.ok()??).ok()
    }
}

impl Object for CommandDetails {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [number, command_type, qualifier, ..] = value else { return Err(Flaw::Length) };
        Ok(Self { number: *number, command_type: *command_type, qualifier: *qualifier })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend([self.number, self.command_type, self.qualifier]);
    }
}

/// What a command says before its objects: its qualifier and whom it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) qualifier: u8,
    pub(crate) destination: Device,
    /// Where the objects with that begin, for errors.
    pub(crate) details_at: usize,
    pub(crate) devices_at: usize,
}

impl Head {
    pub(crate) const fn to(destination: Device) -> Self {
        Self { qualifier: 0, destination, details_at: 0, devices_at: 0 }
    }

    pub(crate) const fn reserved(&self) -> CatError {
        let found = self.qualifier;
        CatError::new(self.details_at, CatErrorKind::Qualifier { found })
    }

    const fn wrong_device(&self) -> CatError {
        let found = self.destination;
        CatError::new(self.devices_at, CatErrorKind::Destination { found })
    }
}

/// One command.
pub(crate) trait CommandBody: Sized {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError>;
    fn put(&self, out: &mut Writer);
    fn head(&self) -> Head;
}

/// A field of a command that stands in its head.
pub(crate) trait HeadField: Sized {
    fn of_head(head: &Head) -> Result<Self, CatError>;
    fn set_head(&self, head: &mut Head);
}

/// A qualifier of single bits: the comment of each is also what people are told.
pub(crate) trait QualifierBits {
    const BITS: &'static [(u8, &'static str)];

    fn words(qualifier: u8) -> Vec<&'static str> {
        let set = Self::BITS.iter().filter(|(mask, _)| qualifier & mask != 0);
        set.map(|(_, comment)| words(comment)).collect()
    }
}

macro_rules! destinations {
    ($($type:ty => $device:ident;)+) => {$(
        impl HeadField for $type {
            fn of_head(head: &Head) -> Result<Self, CatError> {
                let Device::$device(number) = head.destination else {
                    return Err(head.wrong_device());
                };
                Ok(number)
            }

            fn set_head(&self, head: &mut Head) {
                head.destination = Device::$device(*self);
            }
        }
    )+};
}

destinations! {
    ChannelId => Channel;
    ReaderId => Reader;
    ClientId => Client;
}

/// A command of fields in the head, in brackets, and objects; see [`crate::body`].
macro_rules! command {
    ($(
        $(#[$meta:meta])*
        $name:ident to $device:ident
            [$($(#[$head_meta:meta])* $head:ident: $head_type:ty;)*]
            {$($(#[$field_meta:meta])* $field:ident: $kind:ident $type:ty $(= $tag:expr)?;)*}
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name {
            $($(#[$head_meta])* pub $head: $head_type,)*
            $($(#[$field_meta])* pub $field: $crate::body::field!($kind $type),)*
        }

        impl $crate::command::header::CommandBody for $name {
            fn take(
                _head: &$crate::command::header::Head,
                _objects: &mut $crate::objects::Objects<'_>,
            ) -> Result<Self, $crate::error::CatError> {
                Ok(Self {
                    $($head: $crate::command::header::HeadField::of_head(_head)?,)*
                    $($field: $crate::body::take!(_objects $kind $type $(= $tag)?),)*
                })
            }

            fn put(&self, _out: &mut $crate::objects::Writer) {
                $($crate::body::put!(_out $kind self.$field $(= $tag)?);)*
            }

            fn head(&self) -> $crate::command::header::Head {
                let head = $crate::command::header::Head::to($crate::device::Device::$device);
                $(let head = {
                    let mut head = head;
                    $crate::command::header::HeadField::set_head(&self.$head, &mut head);
                    head
                };)*
                head
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        $crate::object::sample_fields! { $name { $($head,)* $($field),* } }
    )+};
}

/// A qualifier of single bits; the others are passed over.
macro_rules! qualifier_bits {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($(#[doc = $words:expr])+ $bit:ident = $mask:literal;)+ }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name { $($(#[doc = $words])+ pub $bit: bool,)+ }

        impl $crate::command::header::QualifierBits for $name {
            const BITS: &'static [(u8, &'static str)] = &[$(($mask, concat!($($words),+)),)+];
        }

        impl $crate::command::header::HeadField for $name {
            fn of_head(
                head: &$crate::command::header::Head,
            ) -> Result<Self, $crate::error::CatError> {
                Ok(Self { $($bit: head.qualifier & $mask != 0,)+ })
            }

            fn set_head(&self, head: &mut $crate::command::header::Head) {
                $(if self.$bit { head.qualifier |= $mask; })+
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        $crate::object::sample_fields! { $name { $($bit),+ } }
    )+};
}

/// A qualifier of numbers, of which some are reserved.
macro_rules! qualifier_numbers {
    ($($name:ident),+) => {$(
        impl $crate::command::header::HeadField for $name {
            fn of_head(
                head: &$crate::command::header::Head,
            ) -> Result<Self, $crate::error::CatError> {
                Self::from_octet(head.qualifier).ok_or(head.reserved())
            }

            fn set_head(&self, head: &mut $crate::command::header::Head) {
                head.qualifier = self.octet();
            }
        }
    )+};
}

pub(crate) use {command, qualifier_bits, qualifier_numbers};
