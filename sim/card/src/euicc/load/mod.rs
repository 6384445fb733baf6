//! A bound profile package comes, and a profile is installed of it (SGP.22, 2.5 and 5.7.6).
//!
//! Nothing of a profile is durable before all of it is there: one step adds ISD-P, profile and
//! notification. That an installation has begun is durable, so that the server hears of one that was
//! interrupted.

mod framing;
mod result;

use polysim_apdu::Status;
use polysim_rsp::bsp::Unprotect;
use polysim_rsp::data::{
    BppCommandId, ConfigureIsdpRequest, DpProprietaryData, ErrorReason, Iccid,
    InitialiseSecureChannelRequest, ProfileClass, StoreMetadataRequest, decode,
};
use polysim_rsp::saip::{EuiccCapabilities, EuiccResponse, Image, InstallError, InstallReason, ProfilePackage, install};
use zeroize::Zeroizing;

use super::function::Answered;
use super::manufacture::ISDP_OCTETS;
use super::session::{Authenticated, Prepared, Session};
use super::{Euicc, PROFILES_MAX};
use crate::card::Card;
use framing::{Framing, Piece, Sequence};
use result::Outcome;
pub(super) use result::Begun;

/// Longest StoreMetadata: icon and names, and who is notified.
const METADATA_MAX: usize = 8 * 1_024;

/// A package that is coming.
#[derive(Debug)]
pub(super) struct Loading {
    server: Authenticated,
    prepared: Prepared,
    framing: Framing,
    channel: Option<Unprotect>,
    proprietary: Option<DpProprietaryData>,
    /// StoreMetadata as far as it came, and when all of it did.
    metadata_octets: Vec<u8>,
    metadata: Option<StoreMetadataRequest>,
    /// The profile package as far as it came.
    package: Zeroizing<Vec<u8>>,
}

/// Why an installation failed, with what the eUICC says of the profile elements.
#[derive(Clone, Debug)]
struct Failure {
    command: BppCommandId,
    reason: ErrorReason,
    response: Option<EuiccResponse>,
}

/// A profile that is there and not installed yet.
struct Ready {
    metadata: StoreMetadataRequest,
    image: Image,
    response: EuiccResponse,
}

impl Loading {
    fn new(server: Authenticated, prepared: Prepared) -> Self {
        Self {
            server,
            prepared,
            framing: Framing::default(),
            channel: None,
            proprietary: None,
            metadata_octets: Vec::new(),
            metadata: None,
            package: Zeroizing::default(),
        }
    }

    pub(super) const fn server(&self) -> &Authenticated {
        &self.server
    }
}

impl Euicc {
    /// Takes the next octets of a package. Answers nothing until all of it is there or something
    /// fails, then the result of the installation.
    pub(super) fn load(&mut self, card: &mut Card, request: &[u8]) -> Answered {
        let mut loading = match std::mem::take(&mut self.session) {
            Session::Loading(loading) => loading,
            Session::Prepared(server, prepared) => Box::new(Loading::new(*server, *prepared)),
            other @ (Session::None | Session::Challenged(_) | Session::Authenticated(_)) => {
                self.session = other;
                return Err(Status::ConditionsNotSatisfied);
            }
        };
        let outcome = match self.take_pieces(card, &mut loading, request)? {
            Ok(None) => {
                self.session = Session::Loading(loading);
                return Ok(Vec::new());
            }
            Ok(Some(ready)) => Outcome::Installed(ready),
            Err(failure) => Outcome::Failed(failure),
        };
        self.conclude(card, *loading, outcome)
    }

    /// Works through what has come. The outer error is a loss of power.
    fn take_pieces(
        &mut self,
        card: &mut Card,
        loading: &mut Loading,
        mut octets: &[u8],
    ) -> Result<Result<Option<Ready>, Failure>, Status> {
        loop {
            let command = loading.framing.command();
            let piece = match loading.framing.next(&mut octets) {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok(Ok(None)),
                Err(framing::Misfit) => {
                    let reason = ErrorReason::Scp03tStructureError;
                    return Ok(Err(Failure { command, reason, response: None }));
                }
            };
            let done = match piece {
                Piece::Channel(der) => {
                    let opened = self.open_channel(loading, der);
                    if opened.is_ok() {
                        card.step()?;
                        self.begun = Some(Begun::of(loading));
                    }
                    opened
                }
                Piece::Protected(sequence, der, last) => {
                    self.take_protected(loading, sequence, der, last)
                }
            };
            let failed = |reason| Failure { command, reason, response: None };
            if let Err(reason) = done {
                return Ok(Err(failed(reason)));
            }
            if let Some(begun) = &mut self.begun {
                begun.reached(loading);
            }
            if loading.framing.is_complete() {
                let ready = self.unpack(loading);
                return Ok(ready.map(Some).map_err(|failure| Failure { command, ..failure }));
            }
        }
    }
}

impl Euicc {
    /// Opens the secure channel with the keys that both sides agree on.
    fn open_channel(&self, loading: &mut Loading, der: &[u8]) -> Result<(), ErrorReason> {
        let request: InitialiseSecureChannelRequest = decode("InitialiseSecureChannelRequest", der)
            .map_err(|_| ErrorReason::IncorrectInputValues)?;
        if request.transaction_id != loading.server.transaction {
            return Err(ErrorReason::InvalidTransactionId);
        }
        let Prepared { binding, one_time_key } = &loading.prepared;
        let channel = Unprotect::open(
            self.model.verifier.as_ref(),
            binding.public_key(),
            one_time_key,
            &self.eid,
            &request,
        );
        loading.channel = Some(channel.map_err(|error| error.reason())?);
        Ok(())
    }

    fn take_protected(
        &self,
        loading: &mut Loading,
        sequence: Sequence,
        der: &[u8],
        last: bool,
    ) -> Result<(), ErrorReason> {
        let channel = loading.channel.as_mut().ok_or(ErrorReason::Scp03tStructureError)?;
        let plain = channel.segment(der).map_err(|error| error.reason())?;
        match sequence {
            Sequence::Configure => {
                let request: ConfigureIsdpRequest = decode("ConfigureISDPRequest", &plain)
                    .map_err(|_| ErrorReason::IncorrectInputValues)?;
                loading.proprietary = request.dp_proprietary_data;
                Ok(())
            }
            Sequence::Metadata => {
                if loading.metadata_octets.len() + plain.len() > METADATA_MAX {
                    return Err(ErrorReason::IncorrectInputValues);
                }
                loading.metadata_octets.extend_from_slice(&plain);
                if last { self.take_metadata(loading) } else { Ok(()) }
            }
            // The channel has taken them.
            Sequence::Keys => Ok(()),
            Sequence::Elements => {
                loading.package.extend_from_slice(&plain);
                if fits(loading.package.len(), self.memory_for_profile()) {
                    Ok(())
                } else {
                    Err(ErrorReason::InstallFailedDueToInsufficientMemoryForProfile)
                }
            }
        }
    }

    fn take_metadata(&self, loading: &mut Loading) -> Result<(), ErrorReason> {
        let metadata: StoreMetadataRequest =
            decode("StoreMetadataRequest", &loading.metadata_octets)
                .map_err(|_| ErrorReason::IncorrectInputValues)?;
        let checked = self.check_metadata(&metadata);
        // What is wrong with it is told under the ICCID that it names.
        loading.metadata = Some(metadata);
        checked
    }

    fn check_metadata(&self, metadata: &StoreMetadataRequest) -> Result<(), ErrorReason> {
        let class = metadata.profile_class.unwrap_or(ProfileClass::Operational);
        if !matches!(class, ProfileClass::Operational | ProfileClass::Provisioning) {
            return Err(ErrorReason::UnsupportedProfileClass);
        }
        if self.isdps.iter().any(|isdp| isdp.iccid == metadata.iccid) {
            return Err(ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc);
        }
        if self.isdps.len() >= PROFILES_MAX {
            return Err(ErrorReason::InstallFailedDueToInsufficientMemoryForProfile);
        }
        let rules = metadata.profile_policy_rules.unwrap_or_default();
        if self.allows_rules(rules, metadata.profile_owner.as_ref()) {
            Ok(())
        } else {
            Err(ErrorReason::PprNotAllowed)
        }
    }

    /// Reads the package that is complete, and tries whether it can be installed.
    fn unpack(&self, loading: &mut Loading) -> Result<Ready, Failure> {
        let failed = |reason, response| Failure {
            command: BppCommandId::LoadProfileElements,
            reason,
            response,
        };
        let metadata = loading.metadata.clone();
        let metadata =
            metadata.ok_or_else(|| failed(ErrorReason::Scp03tStructureError, None))?;
        let capabilities = EuiccCapabilities {
            memory_free: self.memory_for_profile(),
            ..EuiccCapabilities::default()
        };
        let installation = match ProfilePackage::decode(&loading.package) {
            Ok(package) => install(&package, &capabilities),
            Err(error) => {
                let response = InstallError::from(error).response(Vec::new());
                let reason = ErrorReason::InstallFailedDueToPeProcessingError;
                return Err(failed(reason, Some(response)));
            }
        };
        let response = installation.response;
        match installation.image {
            Ok(image) if image.iccid.as_ref().map(Iccid::from) != Some(metadata.iccid) => {
                Err(failed(ErrorReason::InstallFailedDueToIccidMismatch, Some(response)))
            }
            Ok(image) => Ok(Ready { metadata, image, response }),
            Err(error) => {
                let reason = match error.reason {
                    InstallReason::Memory { .. } => {
                        ErrorReason::InstallFailedDueToInsufficientMemoryForProfile
                    }
                    _ => ErrorReason::InstallFailedDueToPeProcessingError,
                };
                Err(failed(reason, Some(response)))
            }
        }
    }

    fn memory_for_profile(&self) -> u32 {
        self.free_memory().saturating_sub(ISDP_OCTETS)
    }
}

fn fits(octets: usize, memory: u32) -> bool {
    u32::try_from(octets).is_ok_and(|octets| octets <= memory)
}
