//! A bound profile package comes, and a profile is installed of it (SGP.22, 2.5 and 5.7.6).
//!
//! Nothing of a profile is durable before all of it is there: one step adds ISD-P, profile and
//! notification. That an installation has begun is durable, so that the server hears of one that was
//! interrupted.

mod result;

use std::fmt;

use polysim_apdu::Status;
use polysim_rsp::bsp::{Binding, Command, Refusal, Unprotect};
use polysim_rsp::data::{
    BppCommandId, DpProprietaryData, ErrorReason, Iccid, ProfileClass, StoreMetadataRequest,
};
use polysim_rsp::saip::{
    EuiccCapabilities, EuiccResponse, Image, InstallError, InstallReason, ProfilePackage, install,
};
use zeroize::Zeroizing;

use super::function::Answered;
use super::manufacture::ISDP_OCTETS;
use super::session::{Authenticated, Prepared, Session};
use super::{Euicc, PROFILES_MAX};
use crate::card::Card;
pub(super) use result::Begun;
use result::Outcome;

/// A package that is coming. `Debug` shows nothing of it: it holds the secrets of a subscription.
pub(super) struct Loading {
    server: Authenticated,
    prepared: Prepared,
    channel: Unprotect,
    proprietary: Option<DpProprietaryData>,
    metadata: Option<Box<StoreMetadataRequest>>,
    /// The profile package as far as it came.
    package: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Loading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loading").field("server", &self.server.address).finish_non_exhaustive()
    }
}

/// Why an installation failed, with what the eUICC says of the profile elements.
#[derive(Clone, Debug)]
struct Failure {
    refusal: Refusal,
    response: Option<EuiccResponse>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, response: None }
    }
}

/// A profile that is there and not installed yet.
struct Ready {
    metadata: StoreMetadataRequest,
    image: Image,
    response: EuiccResponse,
}

impl Euicc {
    /// Takes the next octets of a package. Answers nothing until all of it is there or something
    /// fails, then the result of the installation.
    pub(super) fn load(&mut self, card: &mut Card, octets: &[u8]) -> Answered {
        let mut loading = match std::mem::take(&mut self.session) {
            Session::Loading(loading) => loading,
            Session::Prepared(server, prepared) => {
                Box::new(self.expect_package(*server, *prepared))
            }
            other @ (Session::None | Session::Challenged(_) | Session::Authenticated(_)) => {
                self.session = other;
                return Err(Status::ConditionsNotSatisfied);
            }
        };
        let outcome = match loading.channel.segment(self.model.verifier.as_ref(), octets) {
            Ok(commands) => self.take_commands(card, &mut loading, commands)?,
            Err(refusal) => Err(refusal.into()),
        };
        let outcome = match outcome {
            Ok(None) => {
                self.session = Session::Loading(loading);
                return Ok(Vec::new());
            }
            Ok(Some(ready)) => Outcome::Installed(ready),
            Err(failure) => Outcome::Failed(failure),
        };
        self.conclude(card, &loading, outcome)
    }

    fn expect_package(&self, server: Authenticated, prepared: Prepared) -> Loading {
        let channel = Unprotect::new(Binding {
            transaction_id: server.transaction.to_vec(),
            one_time_key: prepared.one_time_key.clone(),
            eid: self.eid,
            signer: *prepared.binding.public_key(),
        });
        let (proprietary, metadata, package) = (None, None, Zeroizing::default());
        Loading { server, prepared, channel, proprietary, metadata, package }
    }

    /// Carries out what a piece of the package asks for. The outer error is a loss of power.
    fn take_commands(
        &mut self,
        card: &mut Card,
        loading: &mut Loading,
        commands: Vec<Command>,
    ) -> Result<Result<Option<Box<Ready>>, Failure>, Status> {
        for command in commands {
            let done = match command {
                Command::ChannelInitialised => {
                    card.step()?;
                    self.begun = Some(Begun::of(loading));
                    Ok(())
                }
                Command::ConfigureIsdp(request) => {
                    loading.proprietary = request.dp_proprietary_data;
                    Ok(())
                }
                Command::StoreMetadata(metadata) => {
                    let checked = self.check_metadata(&metadata);
                    // What is wrong with it is told under the ICCID that it names.
                    loading.metadata = Some(metadata);
                    checked
                }
                Command::KeysReplaced => Ok(()),
                Command::Elements(octets) => self.take_elements(loading, &octets),
                Command::End => {
                    return Ok(self.unpack(loading).map(|ready| Some(Box::new(ready))));
                }
            };
            if let Err(refusal) = done {
                return Ok(Err(refusal.into()));
            }
            if let Some(begun) = &mut self.begun {
                begun.reached(loading);
            }
        }
        Ok(Ok(None))
    }

    fn check_metadata(&self, metadata: &StoreMetadataRequest) -> Result<(), Refusal> {
        let refuse = |reason| Err(Refusal { command: BppCommandId::StoreMetadata, reason });
        let class = metadata.profile_class.unwrap_or(ProfileClass::Operational);
        if !matches!(class, ProfileClass::Operational | ProfileClass::Provisioning) {
            return refuse(ErrorReason::UnsupportedProfileClass);
        }
        if self.isdps.iter().any(|isdp| isdp.iccid == metadata.iccid) {
            return refuse(ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc);
        }
        if self.isdps.len() >= PROFILES_MAX {
            return refuse(ErrorReason::InstallFailedDueToInsufficientMemoryForProfile);
        }
        let rules = metadata.profile_policy_rules.unwrap_or_default();
        if !self.allows_rules(rules, metadata.profile_owner.as_ref()) {
            return refuse(ErrorReason::PprNotAllowed);
        }
        Ok(())
    }

    fn take_elements(&self, loading: &mut Loading, octets: &[u8]) -> Result<(), Refusal> {
        loading.package.extend_from_slice(octets);
        let needed = u32::try_from(loading.package.len()).unwrap_or(u32::MAX);
        if needed <= self.memory_for_profile() {
            return Ok(());
        }
        let reason = ErrorReason::InstallFailedDueToInsufficientMemoryForProfile;
        Err(Refusal { command: BppCommandId::LoadProfileElements, reason })
    }

    /// Reads the package that is complete, and tries whether it can be installed.
    fn unpack(&self, loading: &Loading) -> Result<Ready, Failure> {
        let command = BppCommandId::LoadProfileElements;
        let failed = |reason, response| Failure { refusal: Refusal { command, reason }, response };
        let Some(metadata) = &loading.metadata else {
            return Err(failed(ErrorReason::Scp03tStructureError, None));
        };
        let memory_free = self.memory_for_profile();
        let capabilities = EuiccCapabilities { memory_free, ..EuiccCapabilities::default() };
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
            Ok(image) => Ok(Ready { metadata: metadata.as_ref().clone(), image, response }),
            Err(error) => {
                let reason = if matches!(error.reason, InstallReason::Memory { .. }) {
                    ErrorReason::InstallFailedDueToInsufficientMemoryForProfile
                } else {
                    ErrorReason::InstallFailedDueToPeProcessingError
                };
                Err(failed(reason, Some(response)))
            }
        }
    }

    fn memory_for_profile(&self) -> u32 {
        self.free_memory().saturating_sub(ISDP_OCTETS)
    }
}

impl Loading {
    pub(super) const fn server(&self) -> &Authenticated {
        &self.server
    }
}
