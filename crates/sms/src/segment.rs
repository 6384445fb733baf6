//! Splitting a text into the user data of one or several messages.

use alloc::{vec, vec::Vec};

use unicode_segmentation::UnicodeSegmentation;

use crate::{
    alphabet::{NationalLanguage, Shifts},
    coding::{Alphabet, DataCoding, MessageClass},
    gsm7,
    header::{Concatenation, Element, HeaderBuf, HeaderTooLong, Reference},
    ucs2,
    user_data::{USER_DATA_OCTETS_MAX, USER_DATA_SEPTETS_MAX, UserData, UserDataError, septets_of},
};

/// The most parts a long message has (TS 23.040, 9.2.3.24.1).
pub const PARTS_MAX: u8 = 255;

/// How a text is to be split and coded.
#[derive(Clone, Debug)]
pub struct SegmentOptions<'a> {
    reference: Reference,
    languages: &'a [NationalLanguage],
    class: Option<MessageClass>,
    encoding: Encoding,
    header: HeaderBuf,
    parts_max: u8,
}

/// Which alphabets may be used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Encoding {
    /// The one that makes the fewest parts; of equals the default alphabet, then a national one.
    #[default]
    Cheapest,
    /// The 7-bit alphabets only.
    Gsm7,
    /// UCS-2 only.
    Ucs2,
}

/// Why a text or data cannot be split.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// Too many parts.
    #[error("more than {limit} parts")]
    TooManyParts {
        /// The limit.
        limit: u8,
    },
    /// A 7-bit alphabet is asked for, and none that is allowed has all characters.
    #[error("the text does not fit a 7-bit alphabet")]
    NotEncodable,
    /// The header leaves no room for the text.
    #[error("the user data header leaves no room")]
    NoRoom,
    /// The header itself does not fit.
    #[error(transparent)]
    Header(#[from] HeaderTooLong),
    /// The coding does not suit the data.
    #[error(transparent)]
    UserData(#[from] UserDataError),
}

impl Default for SegmentOptions<'_> {
    fn default() -> Self {
        Self {
            reference: Reference::Eight(0),
            languages: &[],
            class: None,
            encoding: Encoding::Cheapest,
            header: HeaderBuf::new(),
            parts_max: PARTS_MAX,
        }
    }
}

impl<'a> SegmentOptions<'a> {
    /// Sets the reference number that the parts share; equal ones within a while mix up texts.
    #[must_use]
    pub const fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// Allows the tables of these national languages; many receivers do not know them.
    #[must_use]
    pub const fn with_languages(mut self, languages: &'a [NationalLanguage]) -> Self {
        self.languages = languages;
        self
    }

    /// Sets the message class.
    #[must_use]
    pub const fn with_class(mut self, class: MessageClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Restricts the alphabets.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Sets header elements that every part carries, such as ports.
    #[must_use]
    pub fn with_header(mut self, header: HeaderBuf) -> Self {
        self.header = header;
        self
    }

    /// Sets the most parts, up to [`PARTS_MAX`].
    #[must_use]
    pub const fn with_parts_max(mut self, parts_max: u8) -> Self {
        self.parts_max = parts_max;
        self
    }

    /// The header of part `sequence` of `total`; one part alone has no part number.
    fn header(&self, shifts: Shifts, part: Option<(u8, u8)>) -> Result<HeaderBuf, HeaderTooLong> {
        let mut header = HeaderBuf::new();
        if let Some((total, sequence)) = part
            && let Some(concatenation) = Concatenation::new(self.reference, total, sequence)
        {
            header.push(Element::Concatenation(concatenation))?;
        }
        if let Some(language) = shifts.single {
            header.push(Element::SingleShift(language))?;
        }
        if let Some(language) = shifts.locking {
            header.push(Element::LockingShift(language))?;
        }
        header.append(&self.header)?;
        Ok(header)
    }

    /// Every pair of tables that may be used, the cheapest header first.
    fn shifts(&self) -> Vec<Shifts> {
        let single = self.languages.iter().copied().map(Some);
        let locking = self.languages.iter().copied();
        let locking = locking.filter(|language| language.has_locking_shift());
        let mut all = vec![Shifts::DEFAULT];
        all.extend(single.clone().map(|single| Shifts { locking: None, single }));
        for language in locking {
            let locking = Some(language);
            all.extend(
                core::iter::once(None)
                    .chain(single.clone())
                    .map(|single| Shifts { locking, single }),
            );
        }
        all
    }
}

/// Splits a text into the user data of as few messages as can be.
///
/// A part ends between grapheme clusters, so that no receiver shows half a character should the
/// other part be late; only a cluster longer than a part is split, between its characters. An
/// escape sequence or surrogate pair never is.
///
/// # Errors
/// [`SegmentError`] when the text is too long, or does not suit the options.
pub fn segment(text: &str, options: &SegmentOptions<'_>) -> Result<Vec<UserData>, SegmentError> {
    let mut best: Option<Split<'_>> = None;
    let mut failure = SegmentError::NotEncodable;
    for plan in plans(options) {
        match plan.split(text, options) {
            Ok(Some(split)) if best.as_ref().is_none_or(|b| split.parts.len() < b.parts.len()) => {
                let single = split.parts.len() <= 1;
                best = Some(split);
                if single {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => failure = error,
        }
    }
    best.ok_or(failure)?.user_data(options)
}

/// Splits octets into the user data of one or several messages, in a coding that counts octets.
///
/// # Errors
/// [`SegmentError`] when there are too many, or the coding counts septets.
pub fn segment_octets(
    octets: &[u8],
    coding: DataCoding,
    options: &SegmentOptions<'_>,
) -> Result<Vec<UserData>, SegmentError> {
    let alone = options.header(Shifts::DEFAULT, None)?;
    if alone.octets().saturating_add(octets.len()) <= USER_DATA_OCTETS_MAX {
        return Ok(vec![UserData::from_octets(coding, &alone, octets)?]);
    }
    let header = options.header(Shifts::DEFAULT, Some((1, 1)))?;
    let room = USER_DATA_OCTETS_MAX.saturating_sub(header.octets());
    if room == 0 {
        return Err(SegmentError::NoRoom);
    }
    let total = part_count(octets.len().div_ceil(room), options)?;
    (1..=total)
        .zip(octets.chunks(room))
        .map(|(sequence, chunk)| {
            let header = options.header(Shifts::DEFAULT, Some((total, sequence)))?;
            Ok(UserData::from_octets(coding, &header, chunk)?)
        })
        .collect()
}

fn part_count(parts: usize, options: &SegmentOptions<'_>) -> Result<u8, SegmentError> {
    let limit = options.parts_max;
    match u8::try_from(parts) {
        Ok(parts) if parts <= limit => Ok(parts),
        _ => Err(SegmentError::TooManyParts { limit }),
    }
}

/// One way to code a text.
#[derive(Clone, Copy, Debug)]
enum Plan {
    Gsm7(Shifts),
    Ucs2,
}

fn plans(options: &SegmentOptions<'_>) -> Vec<Plan> {
    let mut plans = match options.encoding {
        Encoding::Cheapest | Encoding::Gsm7 => {
            options.shifts().into_iter().map(Plan::Gsm7).collect()
        }
        Encoding::Ucs2 => Vec::new(),
    };
    if options.encoding != Encoding::Gsm7 {
        plans.push(Plan::Ucs2);
    }
    plans
}

impl Plan {
    const fn shifts(self) -> Shifts {
        match self {
            Self::Gsm7(shifts) => shifts,
            Self::Ucs2 => Shifts::DEFAULT,
        }
    }

    /// What a character takes of the room; nothing if it cannot be coded.
    fn cost(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7(shifts) => shifts.code(c).map(crate::alphabet::Coded::septets),
            Self::Ucs2 => Some(c.len_utf16() * 2),
        }
    }

    /// Septets or octets beside a header.
    fn room(self, header: &HeaderBuf) -> usize {
        match self {
            Self::Gsm7(_) => USER_DATA_SEPTETS_MAX.saturating_sub(septets_of(header.octets())),
            Self::Ucs2 => USER_DATA_OCTETS_MAX.saturating_sub(header.octets()),
        }
    }

    /// Splits a text; nothing if this plan cannot code it.
    fn split<'t>(
        self,
        text: &'t str,
        options: &SegmentOptions<'_>,
    ) -> Result<Option<Split<'t>>, SegmentError> {
        let mut total = 0_usize;
        for c in text.chars() {
            match self.cost(c) {
                Some(cost) => total = total.saturating_add(cost),
                None => return Ok(None),
            }
        }
        let alone = options.header(self.shifts(), None)?;
        if total <= self.room(&alone) {
            let parts = vec![text];
            return Ok(Some(Split { plan: self, parts }));
        }
        let room = self.room(&options.header(self.shifts(), Some((1, 1)))?);
        let mut filler = Filler::new(self, text, room, options);
        if text.is_ascii() && !text.contains('\r') {
            // Every character is a cluster, and finding clusters takes time.
            filler.add_characters(text)?;
        } else {
            for cluster in text.graphemes(true) {
                filler.add_cluster(cluster)?;
            }
        }
        let parts = filler.finish();
        part_count(parts.len(), options)?;
        Ok(Some(Split { plan: self, parts }))
    }
}

/// Cuts a text into parts, piece by piece.
struct Filler<'t, 'o> {
    plan: Plan,
    options: &'o SegmentOptions<'o>,
    rest: &'t str,
    room: usize,
    used: usize,
    octets: usize,
    parts: Vec<&'t str>,
}

impl<'t, 'o> Filler<'t, 'o> {
    const fn new(plan: Plan, text: &'t str, room: usize, options: &'o SegmentOptions<'o>) -> Self {
        Self { plan, options, rest: text, room, used: 0, octets: 0, parts: Vec::new() }
    }

    /// Takes a cluster whole, unless it is longer than a part.
    fn add_cluster(&mut self, cluster: &str) -> Result<(), SegmentError> {
        let cost = cluster.chars().filter_map(|c| self.plan.cost(c)).sum();
        if cost > self.room {
            return self.add_characters(cluster);
        }
        self.add(cluster.len(), cost)
    }

    fn add_characters(&mut self, text: &str) -> Result<(), SegmentError> {
        text.chars().try_for_each(|c| self.add(c.len_utf8(), self.plan.cost(c).unwrap_or(0)))
    }

    /// Takes the next piece, `octets` long as text, into this part or else the next.
    fn add(&mut self, octets: usize, cost: usize) -> Result<(), SegmentError> {
        if cost > self.room {
            return Err(SegmentError::NoRoom);
        }
        if self.used.saturating_add(cost) > self.room {
            self.cut();
            part_count(self.parts.len(), self.options)?;
        }
        self.used = self.used.saturating_add(cost);
        self.octets = self.octets.saturating_add(octets);
        Ok(())
    }

    fn cut(&mut self) {
        if let Some((part, rest)) = self.rest.split_at_checked(self.octets) {
            self.parts.push(part);
            self.rest = rest;
        }
        (self.used, self.octets) = (0, 0);
    }

    fn finish(mut self) -> Vec<&'t str> {
        self.parts.push(self.rest);
        self.parts
    }
}

/// A text cut by a plan.
struct Split<'t> {
    plan: Plan,
    parts: Vec<&'t str>,
}

impl Split<'_> {
    fn user_data(&self, options: &SegmentOptions<'_>) -> Result<Vec<UserData>, SegmentError> {
        let total = part_count(self.parts.len(), options)?;
        (1..=total)
            .zip(&self.parts)
            .map(|(sequence, part)| {
                let number = (total > 1).then_some((total, sequence));
                let header = options.header(self.plan.shifts(), number)?;
                Ok(match self.plan {
                    Plan::Gsm7(shifts) => {
                        let coding = DataCoding::general(Alphabet::Gsm7, options.class);
                        let septets = gsm7::encode_with(part, shifts)
                            .map_err(|_| SegmentError::NotEncodable)?;
                        UserData::from_septets(coding, &header, &septets)?
                    }
                    Plan::Ucs2 => {
                        let coding = DataCoding::general(Alphabet::Ucs2, options.class);
                        UserData::from_octets(coding, &header, &ucs2::encode(part))?
                    }
                })
            })
            .collect()
    }
}
