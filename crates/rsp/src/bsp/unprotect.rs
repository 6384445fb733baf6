//! The eUICC's side: segments in, commands out.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::Eid;
use zeroize::Zeroizing;

use super::builder::signed_octets;
use super::{Channel, INSTALL, KEY_LENGTH, KEY_TYPE_AES, SegmentError, SessionKeys, tag};
use crate::crypto::{PrivateKey, PublicKey, Signature, Verifier};
use crate::data::{
    BppCommandId, ConfigureIsdpRequest, ErrorReason, OBJECT_MAX, ReplaceSessionKeysRequest,
    StoreMetadataRequest, decode,
};
use crate::pki::{DerError, Reader};

/// Most octets of a command that comes in several segments: metadata with an icon.
const COMMAND_LEN_MAX: usize = 8_192;

/// What an eUICC knows of the session that a package belongs to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Binding {
    /// Names the session.
    pub transaction_id: Vec<u8>,
    /// otSK.EUICC.ECKA.
    pub one_time_key: PrivateKey,
    /// The eUICC.
    pub eid: Eid,
    /// PK.DPpb.ECDSA.
    pub signer: PublicKey,
}

/// What a package asks an eUICC to do, in order.
#[derive(Clone, Eq, PartialEq)]
pub enum Command {
    /// Signature and session hold; the keys are agreed.
    ChannelInitialised,
    /// Make a place for the profile.
    ConfigureIsdp(ConfigureIsdpRequest),
    /// Store what is known of the profile.
    StoreMetadata(Box<StoreMetadataRequest>),
    /// The profile has keys of its own; they are in use now.
    KeysReplaced,
    /// The next octets of the profile elements. An element may begin in one and end in another.
    Elements(Zeroizing<Vec<u8>>),
    /// That was all.
    End,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChannelInitialised => f.write_str("ChannelInitialised"),
            Self::ConfigureIsdp(request) => f.debug_tuple("ConfigureIsdp").field(request).finish(),
            Self::StoreMetadata(request) => f.debug_tuple("StoreMetadata").field(request).finish(),
            Self::KeysReplaced => f.write_str("KeysReplaced"),
            // Profile elements hold the secrets of a subscription.
            Self::Elements(octets) => write!(f, "Elements({} octets)", octets.len()),
            Self::End => f.write_str("End"),
        }
    }
}

/// Why a package was refused: both halves of the error in the installation result.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason} while {command}")]
pub struct Refusal {
    /// Where.
    pub command: BppCommandId,
    /// Why.
    pub reason: ErrorReason,
}

/// What is expected next. Lengths count the octets that are left of a sequence.
#[derive(Debug)]
enum Stage {
    Initialise(Box<Binding>),
    Configure,
    MetadataHeader,
    Metadata { left: usize, plain: Vec<u8> },
    ReplaceOrElements,
    ElementsHeader,
    Elements { left: usize },
    End,
    Refused(Refusal),
}

/// Takes a package segment by segment.
#[derive(Debug)]
pub struct Unprotect {
    stage: Stage,
    channel: Option<Box<Channel>>,
    /// How many octets of the package are still to come, once its header was read.
    left: usize,
}

impl Unprotect {
    /// Waits for the first segment of the package of a session.
    #[must_use]
    pub fn new(binding: Binding) -> Self {
        Self { stage: Stage::Initialise(Box::new(binding)), channel: None, left: 0 }
    }

    /// Returns whether the package is complete.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::End)
    }

    /// Returns where an installation stops that is broken off now.
    #[must_use]
    pub const fn position(&self) -> BppCommandId {
        match &self.stage {
            Stage::Initialise(_) => BppCommandId::InitialiseSecureChannel,
            Stage::Configure => BppCommandId::ConfigureIsdp,
            Stage::MetadataHeader => BppCommandId::StoreMetadata,
            Stage::Metadata { plain, .. } if plain.is_empty() => BppCommandId::StoreMetadata,
            Stage::Metadata { .. } => BppCommandId::StoreMetadata2,
            Stage::ReplaceOrElements
            | Stage::ElementsHeader
            | Stage::Elements { .. }
            | Stage::End => BppCommandId::LoadProfileElements,
            Stage::Refused(refusal) => refusal.command,
        }
    }

    /// Takes one segment: one or more whole objects of the package, or headers of its sequences.
    ///
    /// # Errors
    /// [`Refusal`]; from then on every segment is refused for the same reason.
    pub fn segment(
        &mut self,
        verifier: &dyn Verifier,
        segment: &[u8],
    ) -> Result<Vec<Command>, Refusal> {
        let mut commands = Vec::new();
        let mut reader = Reader::new(segment);
        loop {
            let before = reader.left();
            let step = self.step(verifier, &mut reader, &mut commands);
            if let Err(refusal) = step.and_then(|()| self.count(before - reader.left())) {
                self.stage = Stage::Refused(refusal);
                self.channel = None;
                return Err(refusal);
            }
            if reader.is_empty() {
                return Ok(commands);
            }
        }
    }

    /// Takes the first object or header that is left of a segment.
    fn step(
        &mut self,
        verifier: &dyn Verifier,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), Refusal> {
        let mut command = self.position();
        let stage = core::mem::replace(&mut self.stage, Stage::End);
        let result = match stage {
            Stage::Initialise(binding) => self.initialise(verifier, &binding, reader, commands),
            Stage::Configure => self.configure(reader, commands),
            Stage::MetadataHeader => read_header(reader, tag::METADATA)
                .map(|left| self.stage = Stage::Metadata { left, plain: Vec::new() }),
            Stage::Metadata { left, plain } => self.metadata(left, plain, reader, commands),
            Stage::ReplaceOrElements if reader.is_next(tag::REPLACE) => {
                command = BppCommandId::ReplaceSessionKeys;
                self.replace_keys(reader, commands)
            }
            Stage::ReplaceOrElements | Stage::ElementsHeader => {
                read_header(reader, tag::ELEMENTS).map(|left| self.stage = Stage::Elements { left })
            }
            Stage::Elements { left } => self.elements(left, reader, commands),
            Stage::End => Err(ErrorReason::Scp03tStructureError),
            Stage::Refused(refusal) => {
                command = refusal.command;
                Err(refusal.reason)
            }
        };
        result.map_err(|reason| Refusal { command, reason })
    }

    /// Counts what was taken against the length that the package states.
    fn count(&mut self, taken: usize) -> Result<(), Refusal> {
        let command = self.position();
        let left = self.left.checked_sub(taken);
        let left = left.filter(|left| (*left == 0) == self.is_complete());
        self.left = left.ok_or(Refusal { command, reason: ErrorReason::Scp03tStructureError })?;
        Ok(())
    }

    fn initialise(
        &mut self,
        verifier: &dyn Verifier,
        binding: &Binding,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), ErrorReason> {
        let before = reader.left();
        let len = reader.header(tag::PACKAGE).map_err(|_| ErrorReason::IncorrectInputValues)?;
        if len > OBJECT_MAX {
            return Err(ErrorReason::InstallFailedDueToInsufficientMemoryForProfile);
        }
        self.left = before - reader.left() + len;
        let request = reader.value(tag::INITIALISE);
        let request = request.and_then(InitialiseSecureChannel::read);
        let request = request.map_err(|_| ErrorReason::IncorrectInputValues)?;
        let key = request.check(verifier, binding)?;
        let secret = binding.one_time_key.agree(&key);
        let keys = SessionKeys::derive(&secret, request.host_id, &binding.eid);
        self.channel = Some(Box::new(Channel::new(&keys)));
        self.stage = Stage::Configure;
        commands.push(Command::ChannelInitialised);
        Ok(())
    }

    fn configure(
        &mut self,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), ErrorReason> {
        let request = self.command(tag::CONFIGURE, reader)?;
        commands.push(Command::ConfigureIsdp(read(&request)?));
        self.stage = Stage::MetadataHeader;
        Ok(())
    }

    fn metadata(
        &mut self,
        left: usize,
        mut plain: Vec<u8>,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), ErrorReason> {
        let (segment, left) = take_segment(reader, left)?;
        plain.extend(self.channel()?.verify(tag::SEGMENT_88, segment).map_err(reason)?);
        if plain.len() > COMMAND_LEN_MAX {
            return Err(ErrorReason::IncorrectInputValues);
        }
        if left == 0 {
            commands.push(Command::StoreMetadata(Box::new(read(&plain)?)));
            self.stage = Stage::ReplaceOrElements;
        } else {
            self.stage = Stage::Metadata { left, plain };
        }
        Ok(())
    }

    fn replace_keys(
        &mut self,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), ErrorReason> {
        let request = self.command(tag::REPLACE, reader)?;
        let request: ReplaceSessionKeysRequest = read(&request)?;
        let keys = SessionKeys::from_request(&request).ok_or(ErrorReason::IncorrectInputValues)?;
        self.channel = Some(Box::new(Channel::new(&keys)));
        self.stage = Stage::ElementsHeader;
        commands.push(Command::KeysReplaced);
        Ok(())
    }

    fn elements(
        &mut self,
        left: usize,
        reader: &mut Reader<'_>,
        commands: &mut Vec<Command>,
    ) -> Result<(), ErrorReason> {
        let (segment, left) = take_segment(reader, left)?;
        let plain = self.channel()?.decrypt(tag::SEGMENT_86, segment).map_err(reason)?;
        commands.push(Command::Elements(Zeroizing::new(plain)));
        if left == 0 {
            self.channel = None;
            commands.push(Command::End);
        } else {
            self.stage = Stage::Elements { left };
        }
        Ok(())
    }

    /// Takes a whole sequence of ciphered segments that make one command.
    fn command(
        &mut self,
        tag: u32,
        reader: &mut Reader<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, ErrorReason> {
        let content = reader.value(tag).map_err(structure)?;
        let mut segments = Reader::new(content);
        let mut plain = Zeroizing::new(Vec::new());
        while !segments.is_empty() && plain.len() <= COMMAND_LEN_MAX {
            let (_, _, segment) = segments.any().map_err(structure)?;
            plain.extend(self.channel()?.decrypt(tag::SEGMENT_87, segment).map_err(reason)?);
        }
        if plain.len() > COMMAND_LEN_MAX {
            return Err(ErrorReason::IncorrectInputValues);
        }
        Ok(plain)
    }

    fn channel(&mut self) -> Result<&mut Channel, ErrorReason> {
        self.channel.as_deref_mut().ok_or(ErrorReason::Scp03tSecurityError)
    }
}

fn structure(_: DerError) -> ErrorReason {
    ErrorReason::Scp03tStructureError
}

const fn reason(error: SegmentError) -> ErrorReason {
    match error {
        SegmentError::Structure => ErrorReason::Scp03tStructureError,
        SegmentError::Security => ErrorReason::Scp03tSecurityError,
    }
}

fn read<T: rasn::Decode>(plain: &[u8]) -> Result<T, ErrorReason> {
    decode("command of a profile package", plain).map_err(|_| ErrorReason::IncorrectInputValues)
}

/// Reads the header of a sequence that is not empty, and returns its length.
fn read_header(reader: &mut Reader<'_>, tag: u32) -> Result<usize, ErrorReason> {
    match reader.header(tag) {
        Ok(0) | Err(_) => Err(ErrorReason::Scp03tStructureError),
        Ok(len) => Ok(len),
    }
}

/// Takes one segment out of a sequence of which `left` octets are left.
fn take_segment<'a>(
    reader: &mut Reader<'a>,
    left: usize,
) -> Result<(&'a [u8], usize), ErrorReason> {
    let (_, _, segment) = reader.any().map_err(structure)?;
    let left = left.checked_sub(segment.len()).ok_or(ErrorReason::Scp03tStructureError)?;
    Ok((segment, left))
}

/// The request that opens the channel, as it stands in its octets.
struct InitialiseSecureChannel<'a> {
    signed: &'a [u8],
    operation: &'a [u8],
    transaction_id: &'a [u8],
    key_type: &'a [u8],
    key_length: &'a [u8],
    host_id: &'a [u8],
    one_time_key: &'a [u8],
    signature: &'a [u8],
}

impl<'a> InitialiseSecureChannel<'a> {
    fn read(octets: &'a [u8]) -> Result<Self, DerError> {
        let mut reader = Reader::new(octets);
        let operation = reader.value(tag::REMOTE_OPERATION)?;
        let transaction_id = reader.value(tag::TRANSACTION_ID)?;
        let mut template = reader.enter(tag::CONTROL_REFERENCE)?;
        let key_type = template.value(tag::KEY_TYPE)?;
        let key_length = template.value(tag::KEY_LENGTH)?;
        let host_id = template.value(tag::HOST_ID)?;
        template.end()?;
        let one_time_key = reader.value(tag::ONE_TIME_KEY)?;
        let signed = octets.get(..octets.len() - reader.left()).unwrap_or_default();
        let signature = reader.value(tag::SIGNATURE)?;
        reader.end()?;
        Ok(Self {
            signed,
            operation,
            transaction_id,
            key_type,
            key_length,
            host_id,
            one_time_key,
            signature,
        })
    }

    /// Returns the server's one-time key where everything holds.
    ///
    /// The session comes first: a package for another session has another one-time key of the
    /// eUICC under its signature, which then cannot hold either.
    fn check(&self, verifier: &dyn Verifier, binding: &Binding) -> Result<PublicKey, ErrorReason> {
        if self.transaction_id != binding.transaction_id {
            return Err(ErrorReason::InvalidTransactionId);
        }
        let signature: Option<Signature> = self.signature.try_into().ok();
        let signed = signed_octets(self.signed, &binding.one_time_key.public());
        if !signature.is_some_and(|signature| verifier.verify(&binding.signer, &signed, &signature))
        {
            return Err(ErrorReason::InvalidSignature);
        }
        if *self.operation != [INSTALL] {
            return Err(ErrorReason::UnsupportedRemoteOperationType);
        }
        let names = 1..=16;
        if *self.key_type != [KEY_TYPE_AES]
            || *self.key_length != [KEY_LENGTH]
            || !names.contains(&self.host_id.len())
        {
            return Err(ErrorReason::UnsupportedCrtValues);
        }
        PublicKey::from_bytes(self.one_time_key).map_err(|_| ErrorReason::IncorrectInputValues)
    }
}
