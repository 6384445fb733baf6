//! A bound profile package taken apart, as it comes: whole, one piece after the other, or the header
//! of a sequence alone (SGP.22, 2.5.5 and 5.7.6).

use polysim_rsp::data::BppCommandId;

/// Most octets of a package that are taken.
pub(super) const PACKAGE_MAX: usize = 512 * 1_024;

/// The package, and the request that opens the secure channel.
const PACKAGE: u32 = 0xBF36;
const CHANNEL: u32 = 0xBF23;

/// A sequence of protected pieces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sequence {
    /// ConfigureISDP, encrypted.
    Configure,
    /// StoreMetadata, with a MAC alone.
    Metadata,
    /// ReplaceSessionKeys, encrypted; may be left out.
    Keys,
    /// The profile, encrypted.
    Elements,
}

impl Sequence {
    /// The tag of the sequence, and of a piece in it.
    const fn tags(self) -> (u32, u32) {
        match self {
            Self::Configure => (0xA0, 0x87),
            Self::Metadata => (0xA1, 0x88),
            Self::Keys => (0xA2, 0x87),
            Self::Elements => (0xA3, 0x86),
        }
    }

    /// Returns what fails if this does.
    pub(super) const fn command(self) -> BppCommandId {
        match self {
            Self::Configure => BppCommandId::ConfigureIsdp,
            Self::Metadata => BppCommandId::StoreMetadata,
            Self::Keys => BppCommandId::ReplaceSessionKeys,
            Self::Elements => BppCommandId::LoadProfileElements,
        }
    }
}

/// A piece, tag and length included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Piece<'a> {
    /// The request that opens the secure channel.
    Channel(&'a [u8]),
    /// A protected piece of a sequence, and whether it is the last one of it.
    Protected(Sequence, &'a [u8], bool),
}

/// The octets are no piece that can come here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Misfit;

/// What has come of a package, and what may come.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// Whether the header of the whole came.
    begun: bool,
    /// Octets that have come, headers included.
    taken: usize,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    /// The secure channel is to be opened.
    #[default]
    Channel,
    /// A sequence begins, one behind this.
    After(Option<Sequence>),
    /// In a sequence, of which so many octets are to come.
    In(Sequence, usize),
    /// Everything came.
    Complete,
}

impl Framing {
    /// Returns what fails if the next octets do.
    pub(super) const fn command(&self) -> BppCommandId {
        match self.stage {
            Stage::Channel => BppCommandId::InitialiseSecureChannel,
            Stage::After(None) => BppCommandId::ConfigureIsdp,
            Stage::After(Some(Sequence::Configure)) => BppCommandId::StoreMetadata,
            Stage::After(Some(_)) | Stage::Complete => BppCommandId::LoadProfileElements,
            Stage::In(sequence, _) => sequence.command(),
        }
    }

    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete)
    }

    /// Takes the next piece off; `None` if the octets end where one may.
    ///
    /// # Errors
    /// [`Misfit`]
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, Misfit> {
        while !input.is_empty() {
            let header = Header::read(input).ok_or(Misfit)?;
            match self.stage {
                Stage::Channel if header.tag == PACKAGE && !self.begun => {
                    self.begun = true;
                    self.take(input, header.octets)?;
                }
                Stage::Channel if header.tag == CHANNEL => {
                    let piece = self.take(input, header.octets + header.length)?;
                    self.stage = Stage::After(None);
                    return Ok(Some(Piece::Channel(piece)));
                }
                Stage::After(last) => {
                    let sequence = follower(last, header.tag).ok_or(Misfit)?;
                    self.take(input, header.octets)?;
                    self.stage = inside(sequence, header.length)?;
                }
                Stage::In(sequence, left) => {
                    let octets = header.octets + header.length;
                    let left = left.checked_sub(octets).ok_or(Misfit)?;
                    if header.tag != sequence.tags().1 {
                        return Err(Misfit);
                    }
                    let piece = self.take(input, octets)?;
                    self.stage = match (sequence, left) {
                        (Sequence::Elements, 0) => Stage::Complete,
                        (sequence, 0) => Stage::After(Some(sequence)),
                        (sequence, left) => Stage::In(sequence, left),
                    };
                    return Ok(Some(Piece::Protected(sequence, piece, left == 0)));
                }
                Stage::Channel | Stage::Complete => return Err(Misfit),
            }
        }
        Ok(None)
    }

    fn take<'a>(&mut self, input: &mut &'a [u8], octets: usize) -> Result<&'a [u8], Misfit> {
        let (taken, rest) = input.split_at_checked(octets).ok_or(Misfit)?;
        self.taken += octets;
        *input = rest;
        if self.taken > PACKAGE_MAX { Err(Misfit) } else { Ok(taken) }
    }
}

/// Returns the sequence that may come behind another one under this tag.
const fn follower(last: Option<Sequence>, tag: u32) -> Option<Sequence> {
    let next = match (last, tag) {
        (None, _) => Sequence::Configure,
        (Some(Sequence::Configure), _) => Sequence::Metadata,
        (Some(Sequence::Metadata), 0xA2) => Sequence::Keys,
        (Some(Sequence::Metadata | Sequence::Keys), _) => Sequence::Elements,
        (Some(Sequence::Elements), _) => return None,
    };
    if tag == next.tags().0 { Some(next) } else { None }
}

/// A sequence with nothing in it is none.
const fn inside(sequence: Sequence, length: usize) -> Result<Stage, Misfit> {
    if length == 0 { Err(Misfit) } else { Ok(Stage::In(sequence, length)) }
}

/// Tag and length of an object.
#[derive(Clone, Copy)]
struct Header {
    tag: u32,
    /// Octets of its value.
    length: usize,
    /// Octets of tag and length.
    octets: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&first, mut rest) = bytes.split_first()?;
        let mut tag = u32::from(first);
        if first & 0x1F == 0x1F {
            let (&second, behind) = rest.split_first()?;
            (tag, rest) = (tag << 8 | u32::from(second), behind);
        }
        let (&short, mut rest) = rest.split_first()?;
        let length = match short {
            0..0x80 => short.into(),
            0x81..=0x83 => {
                let (long, behind) = rest.split_at_checked((short & 0x0F).into())?;
                rest = behind;
                long.iter().fold(0, |length, &octet| length << 8 | usize::from(octet))
            }
            _ => return None,
        };
        Some(Self { tag, length, octets: bytes.len() - rest.len() })
    }
}
