//! The objects of one message: taken by those who know them, the rest judged by their flag.
//!
//! TS 102.223, 6.10: an object that is unknown, not expected, doubled, too short or that holds a
//! reserved value is passed over when its comprehension flag is clear, and spoils the message
//! when it is set. Octets behind what an object is known to hold are passed over (6.10.8).

use alloc::vec::Vec;

use crate::{
    error::{CatError, CatErrorKind, Flaw, TooLong},
    object::Object,
    tag::Tag,
};
use polysim_base::tlv::{Comprehension, ComprehensionReader, put_ber, put_comprehension};

/// The most octets of a message: what one APDU carries either way (TS 102.221, 7.4.2 and 11.2).
pub const MESSAGE_LEN_MAX: usize = 255;

/// An object that was passed over, since it does not require comprehension; or one of a message
/// whose contents are not taken apart.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RawObject {
    /// Which, and whether it requires comprehension.
    pub tag: Tag,
    /// What it holds.
    pub value: Vec<u8>,
}

/// The objects that are still there to be taken. There are at most half as many as octets.
#[derive(Clone, Debug)]
pub(crate) struct Objects<'a> {
    slots: Vec<Slot<'a>>,
    end: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot<'a> {
    tag: Tag,
    value: &'a [u8],
    /// Where the object begins, and where its value does.
    at: usize,
    value_at: usize,
    taken: bool,
}

impl Slot<'_> {
    fn parse<T: Object>(&self) -> Result<T, CatError> {
        T::parse(self.value).map_err(|flaw| match flaw {
            Flaw::Length => CatError::new(
                self.at,
                CatErrorKind::Length { object: self.tag, octets: self.value.len() },
            ),
            Flaw::Contents(offset) => {
                let at = self.value_at.saturating_add(offset);
                CatError::new(at, CatErrorKind::Contents { object: self.tag })
            }
        })
    }
}

impl<'a> Objects<'a> {
    /// Splits octets into objects; `base` is where they begin in the message.
    pub(crate) fn read(octets: &'a [u8], base: usize) -> Result<Self, CatError> {
        let mut slots = Vec::new();
        let mut at = base;
        for object in ComprehensionReader::new(octets) {
            let object = object.map_err(|error| CatError::of_tlv(error, base))?;
            let value_at = offset_in(octets, object.value).saturating_add(base);
            let mut tag = Tag::new(object.tag);
            if !object.required {
                tag = tag.ignorable();
            }
            slots.push(Slot { tag, value: object.value, at, value_at, taken: false });
            at = value_at.saturating_add(object.value.len());
        }
        Ok(Self { slots, end: base.saturating_add(octets.len()) })
    }

    /// Splits the value of an outer object that has to be all there is.
    pub(crate) fn whole(
        message: &'a [u8],
        value: &'a [u8],
        behind: &[u8],
    ) -> Result<Self, CatError> {
        let end = message.len().saturating_sub(behind.len());
        if !behind.is_empty() {
            return Err(CatError::new(end, CatErrorKind::Trailing { count: behind.len() }));
        }
        Self::read(value, end.saturating_sub(value.len()))
    }

    /// Takes the first object of a tag, which has to be there.
    pub(crate) fn one<T: Object>(&mut self, tag: Tag) -> Result<T, CatError> {
        let missing = CatError::new(self.end, CatErrorKind::Missing { object: tag });
        let slot = self.find(tag, usize::MAX).ok_or(missing)?;
        let object = slot.parse()?;
        slot.taken = true;
        Ok(object)
    }

    /// Takes the first object of a tag, if it is there and understood.
    pub(crate) fn opt<T: Object>(&mut self, tag: Tag) -> Result<Option<T>, CatError> {
        self.opt_before(tag, usize::MAX)
    }

    /// As [`Self::opt`], of the objects that begin before a position.
    pub(crate) fn opt_before<T: Object>(
        &mut self,
        tag: Tag,
        position: usize,
    ) -> Result<Option<T>, CatError> {
        let Some(slot) = self.find(tag, position) else { return Ok(None) };
        match slot.parse() {
            Ok(object) => {
                slot.taken = true;
                Ok(Some(object))
            }
            Err(error) if slot.tag.is_required() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Takes the objects of a tag in their order, up to the first that is not understood.
    pub(crate) fn many<T: Object>(&mut self, tag: Tag) -> Result<Vec<T>, CatError> {
        let mut objects = Vec::new();
        while let Some(object) = self.opt(tag)? {
            objects.push(object);
        }
        Ok(objects)
    }

    /// Takes the first object of a tag that says all by being there.
    pub(crate) fn flag(&mut self, tag: Tag) -> Result<bool, CatError> {
        let Some(slot) = self.find(tag, usize::MAX) else { return Ok(false) };
        slot.taken = true;
        Ok(true)
    }

    /// Takes the first object of a tag if it is empty.
    pub(crate) fn take_empty(&mut self, tag: Tag) -> bool {
        let slot = self.find(tag, usize::MAX).filter(|slot| slot.value.is_empty());
        slot.map(|slot| slot.taken = true).is_some()
    }

    /// Returns where the first object of a tag begins, taken or not.
    pub(crate) fn position(&self, tag: Tag) -> Option<usize> {
        self.slots.iter().find(|slot| slot.tag.number() == tag.number()).map(|slot| slot.at)
    }

    /// Returns where the message ends.
    pub(crate) const fn end(&self) -> usize {
        self.end
    }

    /// Takes everything that is left, in its order, whatever it requires.
    pub(crate) fn rest(&mut self) -> Vec<RawObject> {
        let left = self.slots.iter_mut().filter(|slot| !slot.taken);
        left.map(|slot| {
            slot.taken = true;
            RawObject { tag: slot.tag, value: slot.value.to_vec() }
        })
        .collect()
    }

    /// Judges what nobody took: it is kept if it may be passed over.
    pub(crate) fn finish(mut self) -> Result<Vec<RawObject>, CatError> {
        let spoils = |slot: &&Slot<'_>| !slot.taken && slot.tag.is_required();
        match self.slots.iter().find(spoils) {
            Some(slot) => {
                Err(CatError::new(slot.at, CatErrorKind::NotUnderstood { object: slot.tag }))
            }
            None => Ok(self.rest()),
        }
    }

    fn find(&mut self, tag: Tag, before: usize) -> Option<&mut Slot<'a>> {
        self.slots
            .iter_mut()
            .find(|slot| !slot.taken && slot.tag.number() == tag.number() && slot.at < before)
    }
}

/// Returns where a part of octets begins in them.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr()).min(whole.len())
}

/// Reads the one BER-TLV object that a message is; returns its tag and its objects.
///
/// Tags of messages have one octet, `DF` too, which would begin a longer one in BER: so they are
/// read as those of objects are, which differ in nothing else.
pub(crate) fn read_outer(octets: &[u8]) -> Result<(u32, Objects<'_>), CatError> {
    within_limit(octets)?;
    let outer = Comprehension::read(octets).map_err(|error| CatError::of_tlv(error, 0))?;
    let (outer, behind) = outer;
    let tag = u32::from(outer.tag) | if outer.required { 0x80 } else { 0 };
    Ok((tag, Objects::whole(octets, outer.value, behind)?))
}

pub(crate) fn within_limit(octets: &[u8]) -> Result<(), CatError> {
    checked(octets.len()).map_err(|error| CatError::new(MESSAGE_LEN_MAX, error.into()))
}

const fn checked(octets: usize) -> Result<(), TooLong> {
    if octets > MESSAGE_LEN_MAX {
        return Err(TooLong { octets, limit: MESSAGE_LEN_MAX });
    }
    Ok(())
}

/// Writes objects one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn one<T: Object>(&mut self, tag: Tag, object: &T) {
        let mut value = Vec::new();
        object.put(&mut value);
        self.raw(tag, &value);
    }

    pub(crate) fn opt<T: Object>(&mut self, tag: Tag, object: &Option<T>) {
        if let Some(object) = object {
            self.one(tag, object);
        }
    }

    pub(crate) fn many<T: Object>(&mut self, tag: Tag, objects: &[T]) {
        for object in objects {
            self.one(tag, object);
        }
    }

    pub(crate) fn flag(&mut self, tag: Tag, set: &bool) {
        if *set {
            self.raw(tag, &[]);
        }
    }

    pub(crate) fn rest(&mut self, objects: &[RawObject]) {
        for object in objects {
            self.raw(object.tag, &object.value);
        }
    }

    pub(crate) fn raw(&mut self, tag: Tag, value: &[u8]) {
        put_comprehension(&mut self.out, tag.number(), tag.is_required(), value);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Returns the objects as they are.
    pub(crate) fn bare(self) -> Result<Vec<u8>, TooLong> {
        checked(self.out.len())?;
        Ok(self.out)
    }

    /// Returns the objects in one BER-TLV object.
    pub(crate) fn wrapped(self, tag: u32) -> Result<Vec<u8>, TooLong> {
        let mut message = Vec::with_capacity(self.out.len() + 3);
        put_ber(&mut message, tag, &self.out);
        checked(message.len())?;
        Ok(message)
    }
}

#[cfg(any(test, feature = "testkit"))]
impl crate::sample::Sample for RawObject {
    fn sample(draw: &mut crate::sample::Draw) -> Self {
        let tag = Tag::new(1 + u16::from(draw.below(0x7E)));
        let tag = if draw.below(2) == 0 { tag } else { tag.ignorable() };
        Self { tag, value: draw.octets(0, 4) }
    }
}
