//! A profile package: elements one after another.

use alloc::sync::Arc;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::der::{DecodeError, Problem, Reader};
use super::element::{ElementKind, ProfileElement, ProfileHeader};
use super::{ELEMENTS_MAX, PACKAGE_LEN_MAX};

/// An unprotected profile package.
///
/// An element that was received is kept with its octets, so a package is given on as it came,
/// whatever its encoder thought of defaults. Clones share their elements: a package that differs
/// from another in a few elements costs no more than these.
#[derive(Clone, Debug)]
pub struct ProfilePackage {
    elements: Vec<Arc<Encoded>>,
}

/// An element and its octets.
struct Encoded {
    element: ProfileElement,
    der: Zeroizing<Vec<u8>>,
}

impl core::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.element.fmt(f)
    }
}

impl Encoded {
    fn new(element: ProfileElement) -> Arc<Self> {
        let mut der = Vec::new();
        element.encode(&mut der);
        Arc::new(Self { element, der: Zeroizing::new(der) })
    }
}

impl PartialEq for ProfilePackage {
    fn eq(&self, other: &Self) -> bool {
        let encoded = |package: &Self| package.elements.len();
        encoded(self) == encoded(other)
            && self.elements.iter().zip(&other.elements).all(|(one, other)| one.der == other.der)
    }
}

impl Eq for ProfilePackage {}

impl ProfilePackage {
    /// Makes a package of elements.
    #[must_use]
    pub fn new(elements: Vec<ProfileElement>) -> Self {
        Self { elements: elements.into_iter().map(Encoded::new).collect() }
    }

    /// Reads a package.
    ///
    /// # Errors
    /// [`DecodeError`] with the element and the position in it.
    pub fn decode(der: &[u8]) -> Result<Self, DecodeError> {
        if der.len() > PACKAGE_LEN_MAX {
            let problem = Problem::TooMany { what: "octets", limit: PACKAGE_LEN_MAX };
            return Err(DecodeError::new(PACKAGE_LEN_MAX, problem));
        }
        let mut elements = Vec::new();
        let mut fields = Reader::new(der, 0);
        loop {
            let (start, element) = (fields.at(), elements.len());
            // Positions count from the start of the element.
            let here = |error: DecodeError| DecodeError {
                element,
                at: error.at.saturating_sub(start),
                ..error
            };
            let Some(field) = fields.next().map_err(here)? else { break };
            if element == ELEMENTS_MAX {
                let problem = Problem::TooMany { what: "elements", limit: ELEMENTS_MAX };
                return Err(DecodeError { element, at: 0, problem });
            }
            let der = der.get(start..fields.at()).unwrap_or_default().to_vec();
            let element = ProfileElement::read(field).map_err(here)?;
            elements.push(Arc::new(Encoded { element, der: Zeroizing::new(der) }));
        }
        Ok(Self { elements })
    }

    /// Returns the package in DER: what was received is as it was.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Vec::with_capacity(self.encoded_len());
        for element in &self.elements {
            out.extend_from_slice(&element.der);
        }
        Zeroizing::new(out)
    }

    /// Returns how many octets it has in DER.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.elements.iter().map(|element| element.der.len()).sum()
    }

    /// Returns the elements in order.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = &ProfileElement> {
        self.elements.iter().map(|encoded| &encoded.element)
    }

    /// Returns the element at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&ProfileElement> {
        self.elements.get(index).map(|encoded| &encoded.element)
    }

    /// Returns the profile header, if the first element is one.
    #[must_use]
    pub fn header(&self) -> Option<&ProfileHeader> {
        match self.get(0)? {
            ProfileElement::Header(header) => Some(header),
            ProfileElement::GenericFileManagement(_)
            | ProfileElement::PinCodes(_)
            | ProfileElement::PukCodes(_)
            | ProfileElement::AkaParameter(_)
            | ProfileElement::SecurityDomain(_)
            | ProfileElement::Rfm(_)
            | ProfileElement::Files(_)
            | ProfileElement::End(_)
            | ProfileElement::Other(_) => None,
        }
    }

    /// Returns the first element of a kind.
    #[must_use]
    pub fn find(&self, kind: ElementKind) -> Option<&ProfileElement> {
        self.elements().find(|element| element.kind() == kind)
    }

    /// Puts another element in the place of one; an index behind the last changes nothing.
    pub fn replace(&mut self, index: usize, element: ProfileElement) {
        if let Some(place) = self.elements.get_mut(index) {
            *place = Encoded::new(element);
        }
    }
}
