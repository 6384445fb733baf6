//! The tables of the GSM 7-bit alphabets (TS 23.038, 6.2.1 and annex A).

mod locking;
mod single_shift;

/// Code points of the 128 septets; zero where there is none.
pub(crate) type Table = [u16; 128];

/// The escape to the extension or single shift table.
pub(crate) const ESCAPE: u8 = 0x1B;
/// Marks a septet that follows the escape in [`DEFAULT_REVERSE`].
const ESCAPED: u8 = 0x80;
const ABSENT: u8 = 0xFF;

/// A national language of TS 23.038, 6.2.1.2.4, by its identifier.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum NationalLanguage {
    /// Turkish.
    Turkish = 1,
    /// Spanish: single shift only.
    Spanish = 2,
    /// Portuguese.
    Portuguese = 3,
    /// Bengali.
    Bengali = 4,
    /// Gujarati.
    Gujarati = 5,
    /// Hindi.
    Hindi = 6,
    /// Kannada.
    Kannada = 7,
    /// Malayalam.
    Malayalam = 8,
    /// Oriya.
    Oriya = 9,
    /// Punjabi.
    Punjabi = 10,
    /// Tamil.
    Tamil = 11,
    /// Telugu.
    Telugu = 12,
    /// Urdu.
    Urdu = 13,
}

impl NationalLanguage {
    /// Every language, by identifier.
    pub const ALL: [Self; 13] = [
        Self::Turkish,
        Self::Spanish,
        Self::Portuguese,
        Self::Bengali,
        Self::Gujarati,
        Self::Hindi,
        Self::Kannada,
        Self::Malayalam,
        Self::Oriya,
        Self::Punjabi,
        Self::Tamil,
        Self::Telugu,
        Self::Urdu,
    ];

    /// Returns the identifier used in user data headers.
    #[must_use]
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// Returns the language of an identifier; the others are reserved.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        let index = usize::from(id).checked_sub(1)?;
        Self::ALL.get(index).copied()
    }

    /// Returns whether it has a locking shift table of its own: all but Spanish.
    #[must_use]
    pub const fn has_locking_shift(self) -> bool {
        !matches!(self, Self::Spanish)
    }

    const fn locking(self) -> &'static Table {
        match self {
            Self::Turkish => &locking::TURKISH,
            Self::Spanish => &locking::DEFAULT,
            Self::Portuguese => &locking::PORTUGUESE,
            Self::Bengali => &locking::BENGALI,
            Self::Gujarati => &locking::GUJARATI,
            Self::Hindi => &locking::HINDI,
            Self::Kannada => &locking::KANNADA,
            Self::Malayalam => &locking::MALAYALAM,
            Self::Oriya => &locking::ORIYA,
            Self::Punjabi => &locking::PUNJABI,
            Self::Tamil => &locking::TAMIL,
            Self::Telugu => &locking::TELUGU,
            Self::Urdu => &locking::URDU,
        }
    }

    const fn single_shift(self) -> &'static Table {
        match self {
            Self::Turkish => &single_shift::TURKISH,
            Self::Spanish => &single_shift::SPANISH,
            Self::Portuguese => &single_shift::PORTUGUESE,
            Self::Bengali => &single_shift::BENGALI,
            Self::Gujarati => &single_shift::GUJARATI,
            Self::Hindi => &single_shift::HINDI,
            Self::Kannada => &single_shift::KANNADA,
            Self::Malayalam => &single_shift::MALAYALAM,
            Self::Oriya => &single_shift::ORIYA,
            Self::Punjabi => &single_shift::PUNJABI,
            Self::Tamil => &single_shift::TAMIL,
            Self::Telugu => &single_shift::TELUGU,
            Self::Urdu => &single_shift::URDU,
        }
    }
}

/// Which tables a text uses: the default ones unless a language is named.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Shifts {
    /// Replaces the default alphabet.
    pub locking: Option<NationalLanguage>,
    /// Replaces the default extension table.
    pub single: Option<NationalLanguage>,
}

/// How a character is written: one septet, or the escape and one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coded {
    Plain(u8),
    Escaped(u8),
}

impl Coded {
    /// Returns how many septets it takes.
    pub(crate) const fn septets(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped(_) => 2,
        }
    }
}

impl Shifts {
    /// The default alphabet and its extension.
    pub const DEFAULT: Self = Self { locking: None, single: None };

    pub(crate) const fn locking_table(self) -> &'static Table {
        match self.locking {
            None => &locking::DEFAULT,
            Some(language) => language.locking(),
        }
    }

    pub(crate) const fn single_shift_table(self) -> &'static Table {
        match self.single {
            None => &single_shift::DEFAULT,
            Some(language) => language.single_shift(),
        }
    }

    /// Returns how a character is written with these tables, if they have it.
    pub(crate) fn code(self, c: char) -> Option<Coded> {
        if self == Self::DEFAULT
            && let Some(code) = DEFAULT_REVERSE.get(c as usize)
        {
            return match *code {
                ABSENT => None,
                code if code & ESCAPED != 0 => Some(Coded::Escaped(code & !ESCAPED)),
                code => Some(Coded::Plain(code)),
            };
        }
        let find = |table: &Table| {
            let at = table.iter().position(|point| u32::from(*point) == c as u32)?;
            u8::try_from(at).ok()
        };
        if c == '\0' {
            return None;
        }
        find(self.locking_table())
            .map(Coded::Plain)
            .or_else(|| find(self.single_shift_table()).map(Coded::Escaped))
    }
}

/// Septets of the code points below 256 in the default alphabet and its extension.
static DEFAULT_REVERSE: [u8; 256] = default_reverse();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler only, which checks every index"
)]
const fn default_reverse() -> [u8; 256] {
    let mut reverse = [ABSENT; 256];
    let mut septet = 0;
    while septet < 128 {
        let plain = locking::DEFAULT[septet] as usize;
        if plain != 0 && plain < 256 {
            reverse[plain] = septet as u8;
        }
        let escaped = single_shift::DEFAULT[septet] as usize;
        if escaped != 0 && escaped < 256 {
            reverse[escaped] = septet as u8 | ESCAPED;
        }
        septet += 1;
    }
    reverse
}
