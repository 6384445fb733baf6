//! User data headers (TS 23.040, 9.2.3.24): read in place, written into a small buffer.

use alloc::vec::Vec;

use crate::alphabet::{NationalLanguage, Shifts};

/// The most octets a header has, its length octet included: a whole TP-User-Data.
pub(crate) const HEADER_OCTETS_MAX: usize = crate::user_data::USER_DATA_OCTETS_MAX;

const CONCATENATION_8: u8 = 0x00;
const SPECIAL_MESSAGE: u8 = 0x01;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CENTRE_CONTROL: u8 = 0x06;
const SOURCE: u8 = 0x07;
const CONCATENATION_16: u8 = 0x08;
const SINGLE_SHIFT: u8 = 0x24;
const LOCKING_SHIFT: u8 = 0x25;

/// A header within user data: a view.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header<'a> {
    /// The elements, without the length octet.
    elements: &'a [u8],
}

/// An information element as it stands in a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RawElement<'a> {
    /// Information element identifier.
    pub id: u8,
    /// Its data.
    pub data: &'a [u8],
}

/// An information element that is understood here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Element {
    /// One part of a long message, 8- or 16-bit reference (`00`, `08`).
    Concatenation(Concatenation),
    /// Something waits (`01`).
    SpecialMessage {
        /// Whether to store the text; what waits, and the profile: the octet as it is.
        indication: u8,
        /// How many.
        count: u8,
    },
    /// Application ports, 8 or 16 bits (`04`, `05`).
    Ports(Ports),
    /// Which status reports are wanted (`06`).
    CentreControl(u8),
    /// Who made the header (`07`).
    Source(u8),
    /// National language of the extension table (`24`).
    SingleShift(NationalLanguage),
    /// National language of the main table (`25`).
    LockingShift(NationalLanguage),
}

/// Reference number of a long message: equal in all its parts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reference {
    /// Eight bits.
    Eight(u8),
    /// Sixteen bits.
    Sixteen(u16),
}

/// Which part of which long message (TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Concatenation {
    reference: Reference,
    total: u8,
    sequence: u8,
}

/// Application port addressing (TS 23.040, 9.2.3.24.3 and 9.2.3.24.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ports {
    /// Eight bits: 240 to 255 are for applications.
    Eight {
        /// Destination.
        destination: u8,
        /// Originator.
        originator: u8,
    },
    /// Sixteen bits: 16,000 to 17,999 are for applications.
    Sixteen {
        /// Destination.
        destination: u16,
        /// Originator.
        originator: u16,
    },
}

/// A header does not fit.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a user data header of {octets} octets, the limit is {limit}")]
pub struct HeaderTooLong {
    /// Octets it would have, its length octet included.
    pub octets: usize,
    /// The limit.
    pub limit: usize,
}

impl Concatenation {
    /// Returns part `sequence` of `total`, or nothing if there is no such part.
    #[must_use]
    pub const fn new(reference: Reference, total: u8, sequence: u8) -> Option<Self> {
        if sequence == 0 || sequence > total {
            return None;
        }
        Some(Self { reference, total, sequence })
    }

    /// Returns the reference number.
    #[must_use]
    pub const fn reference(&self) -> Reference {
        self.reference
    }

    /// Returns how many parts there are: at least 1.
    #[must_use]
    pub const fn total(&self) -> u8 {
        self.total
    }

    /// Returns which part this is: 1 to the total.
    #[must_use]
    pub const fn sequence(&self) -> u8 {
        self.sequence
    }
}

impl<'a> Header<'a> {
    pub(crate) const fn new(elements: &'a [u8]) -> Self {
        Self { elements }
    }

    /// Returns whether the elements fill the header exactly. If they do not, the whole header is
    /// ignored (TS 23.040, 9.2.3.24) and has no elements; its octets still are no text.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let mut rest = self.elements;
        while let [_, length, tail @ ..] = rest {
            match tail.get(usize::from(*length)..) {
                Some(tail) => rest = tail,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Returns the elements in their order.
    pub fn raw_elements(&self) -> impl Iterator<Item = RawElement<'a>> + use<'a> {
        let mut rest = if self.is_well_formed() { self.elements } else { &[] };
        core::iter::from_fn(move || {
            let [id, length, tail @ ..] = rest else {
                return None;
            };
            let (data, tail) = tail.split_at_checked(usize::from(*length))?;
            rest = tail;
            Some(RawElement { id: *id, data })
        })
    }

    /// Returns the elements understood here. Those with another length than theirs, a reserved
    /// language or an impossible part number are ignored (TS 23.040, 9.2.3.24).
    pub fn elements(&self) -> impl Iterator<Item = Element> + use<'a> {
        self.raw_elements().filter_map(|raw| raw.decode())
    }

    /// Returns the part number; of several the last counts.
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        let mut found = None;
        for element in self.elements() {
            if let Element::Concatenation(concatenation) = element {
                found = Some(concatenation);
            }
        }
        found
    }

    /// Returns the ports; of several the last count.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        let mut found = None;
        for element in self.elements() {
            if let Element::Ports(ports) = element {
                found = Some(ports);
            }
        }
        found
    }

    /// Returns the national languages; of several the last count.
    #[must_use]
    pub fn shifts(&self) -> Shifts {
        let mut shifts = Shifts::DEFAULT;
        for element in self.elements() {
            match element {
                Element::LockingShift(language) => shifts.locking = Some(language),
                Element::SingleShift(language) => shifts.single = Some(language),
                Element::Concatenation(_)
                | Element::SpecialMessage { .. }
                | Element::Ports(_)
                | Element::CentreControl(_)
                | Element::Source(_) => {}
            }
        }
        shifts
    }
}

impl RawElement<'_> {
    /// Returns what the element says, if it is one that is understood here.
    #[must_use]
    pub fn decode(&self) -> Option<Element> {
        Some(match (self.id, self.data) {
            (CONCATENATION_8, &[reference, total, sequence]) => {
                let reference = Reference::Eight(reference);
                Element::Concatenation(Concatenation::new(reference, total, sequence)?)
            }
            (CONCATENATION_16, &[high, low, total, sequence]) => {
                let reference = Reference::Sixteen(u16::from_be_bytes([high, low]));
                Element::Concatenation(Concatenation::new(reference, total, sequence)?)
            }
            (SPECIAL_MESSAGE, &[indication, count]) => {
                Element::SpecialMessage { indication, count }
            }
            (PORTS_8, &[destination, originator]) => {
                Element::Ports(Ports::Eight { destination, originator })
            }
            (PORTS_16, &[d1, d2, o1, o2]) => Element::Ports(Ports::Sixteen {
                destination: u16::from_be_bytes([d1, d2]),
                originator: u16::from_be_bytes([o1, o2]),
            }),
            (CENTRE_CONTROL, &[selection]) => Element::CentreControl(selection),
            (SOURCE, &[source]) => Element::Source(source),
            (SINGLE_SHIFT, &[id]) => Element::SingleShift(NationalLanguage::from_id(id)?),
            (LOCKING_SHIFT, &[id]) => Element::LockingShift(NationalLanguage::from_id(id)?),
            _ => return None,
        })
    }
}

/// A header to be sent: elements in their order, at most 140 octets in all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HeaderBuf {
    elements: Vec<u8>,
}

impl HeaderBuf {
    /// Returns a header without elements, which is no header.
    #[must_use]
    pub const fn new() -> Self {
        Self { elements: Vec::new() }
    }

    /// Returns whether there is no element.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Returns the octets it takes in user data, its length octet included; none if empty.
    #[must_use]
    pub const fn octets(&self) -> usize {
        match self.elements.len() {
            0 => 0,
            octets => octets.saturating_add(1),
        }
    }

    /// Appends an element.
    ///
    /// # Errors
    /// [`HeaderTooLong`] when it does not fit; the header stays as it was.
    pub fn push(&mut self, element: Element) -> Result<(), HeaderTooLong> {
        match element {
            Element::Concatenation(Concatenation { reference, total, sequence }) => match reference
            {
                Reference::Eight(reference) => {
                    self.push_raw(CONCATENATION_8, &[reference, total, sequence])
                }
                Reference::Sixteen(reference) => {
                    let [high, low] = reference.to_be_bytes();
                    self.push_raw(CONCATENATION_16, &[high, low, total, sequence])
                }
            },
            Element::SpecialMessage { indication, count } => {
                self.push_raw(SPECIAL_MESSAGE, &[indication, count])
            }
            Element::Ports(Ports::Eight { destination, originator }) => {
                self.push_raw(PORTS_8, &[destination, originator])
            }
            Element::Ports(Ports::Sixteen { destination, originator }) => {
                let ([d1, d2], [o1, o2]) = (destination.to_be_bytes(), originator.to_be_bytes());
                self.push_raw(PORTS_16, &[d1, d2, o1, o2])
            }
            Element::CentreControl(selection) => self.push_raw(CENTRE_CONTROL, &[selection]),
            Element::Source(source) => self.push_raw(SOURCE, &[source]),
            Element::SingleShift(language) => self.push_raw(SINGLE_SHIFT, &[language.id()]),
            Element::LockingShift(language) => self.push_raw(LOCKING_SHIFT, &[language.id()]),
        }
    }

    /// Appends an element of any identifier.
    ///
    /// # Errors
    /// [`HeaderTooLong`] when it does not fit; the header stays as it was.
    pub fn push_raw(&mut self, id: u8, data: &[u8]) -> Result<(), HeaderTooLong> {
        let octets = (self.elements.len()).saturating_add(data.len()).saturating_add(3);
        let length = match u8::try_from(data.len()) {
            Ok(length) if octets <= HEADER_OCTETS_MAX => length,
            _ => {
                let limit = HEADER_OCTETS_MAX;
                return Err(HeaderTooLong { octets, limit });
            }
        };
        self.elements.extend_from_slice(&[id, length]);
        self.elements.extend_from_slice(data);
        Ok(())
    }

    /// Appends all elements of another header.
    ///
    /// # Errors
    /// [`HeaderTooLong`] when they do not fit; the header stays as it was.
    pub fn append(&mut self, other: &Self) -> Result<(), HeaderTooLong> {
        let elements = self.elements.len().saturating_add(other.elements.len());
        if elements >= HEADER_OCTETS_MAX {
            return Err(HeaderTooLong {
                octets: elements.saturating_add(1),
                limit: HEADER_OCTETS_MAX,
            });
        }
        self.elements.extend_from_slice(&other.elements);
        Ok(())
    }

    /// Writes the length octet and the elements; nothing if there is none.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            return;
        }
        out.push(u8::try_from(self.elements.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.elements);
    }
}
