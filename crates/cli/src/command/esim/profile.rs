//! Which profile the user means.

use super::open::Session;
use anyhow::{Context as _, Result, bail};
use polysim_base::Hex;
use polysim_lpa::{LpaCommand, LpaDone};
use polysim_rsp::data::{Iccid, ProfileIdentifier, ProfileInfo};

/// A profile that is on the eUICC.
pub(super) struct Found(ProfileInfo);

impl Session<'_> {
    pub(super) async fn profiles(&mut self) -> Result<Vec<ProfileInfo>> {
        let LpaDone::Listed(profiles) = self.ask(LpaCommand::List).await? else {
            return super::odd();
        };
        Ok(profiles)
    }

    /// Finds a profile by its ICCID, its AID or its nickname.
    pub(super) async fn find(&mut self, wanted: &str) -> Result<Found> {
        let profiles = self.profiles().await?;
        let mut matching = profiles.iter().filter(|profile| is_it(profile, wanted));
        match (matching.next(), matching.next()) {
            (Some(profile), None) => Ok(Found(profile.clone())),
            (Some(_), Some(_)) => {
                bail!("more than one profile is called {wanted:?}: use the ICCID")
            }
            (None, _) => {
                let there: Vec<_> =
                    profiles.iter().map(|profile| Found(profile.clone()).words()).collect();
                match there.as_slice() {
                    [] => bail!("there is no profile {wanted:?}: there is none at all"),
                    there => {
                        bail!("there is no profile {wanted:?}; there are: {}", there.join(", "))
                    }
                }
            }
        }
    }
}

fn is_it(profile: &ProfileInfo, wanted: &str) -> bool {
    let aid = profile.isdp_aid.as_ref().map(|aid| Hex(aid).to_string());
    profile.iccid.is_some_and(|iccid| iccid.to_string() == wanted)
        || aid.is_some_and(|aid| aid.eq_ignore_ascii_case(wanted))
        || profile.profile_nickname.as_deref() == Some(wanted)
}

impl Found {
    pub(super) fn iccid(&self) -> Result<Iccid> {
        self.0.iccid.context("the eUICC does not tell the ICCID of this profile")
    }

    pub(super) fn iccid_text(&self) -> Option<String> {
        self.0.iccid.map(|iccid| iccid.to_string())
    }

    /// Names it for the eUICC: by the ICCID, or else by the AID.
    pub(super) fn identifier(&self) -> ProfileIdentifier {
        match (self.0.iccid, &self.0.isdp_aid) {
            (None, Some(aid)) => ProfileIdentifier::IsdpAid(aid.clone()),
            (iccid, _) => {
                ProfileIdentifier::Iccid(iccid.unwrap_or_else(|| Iccid::from_bytes([0xFF; 10])))
            }
        }
    }

    /// Names it for a person.
    pub(super) fn words(&self) -> String {
        let name = self.0.profile_nickname.as_deref().filter(|name| !name.is_empty());
        let name = name.or(self.0.profile_name.as_deref()).unwrap_or("a profile without a name");
        match self.0.iccid {
            Some(iccid) => format!("{name} ({iccid})"),
            None => name.to_owned(),
        }
    }
}
