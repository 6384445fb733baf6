//! What belongs to a profile rather than to the chip: files, PINs, keys, and what manages them. A
//! plain card has one of it for life; an eUICC has several, and puts the enabled one in place.

use std::sync::Arc;

use polysim_aka::Algorithm;
use polysim_base::{Iccid, Imsi};
use polysim_issuance::applet::Applet;

use crate::applet::{Host, Program};
use crate::config::{CardConfig, PinConfig};
use crate::fs::Store;
use crate::profile::Profile;
use crate::remote::Remote;
use crate::security::Pins;
use crate::subscription::Subscription;
use crate::template::{FileIndex, Identity};

/// The files of a profile, its PINs and its keys.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) profile: Arc<Profile>,
    pub(crate) store: Store,
    pub(crate) pins: Pins,
    /// The keys in use.
    pub(crate) subscription: Option<Subscription>,
    /// A record of an EF.ARR was written: rules are evaluated as they stand there.
    pub(crate) rules_changed: bool,
}

/// What most profiles do not have: remote management and an applet.
#[derive(Debug, Default)]
pub(crate) struct Managed {
    pub(crate) remote: Option<Box<Remote>>,
    pub(crate) host: Option<Box<Host>>,
}

impl Contents {
    /// Makes what a card is described with, and an applet of any kind for it.
    pub(crate) fn of(config: CardConfig, program: Option<Program>) -> (Self, Managed) {
        let CardConfig { profile, iccid, imsi, msisdn, algorithm, preloaded, .. } = config;
        let tar = program.as_ref().map(Program::tar);
        let host = program.map(|program| Host::new(program, preloaded, algorithm.is_some()));
        let remote = config.ota.map(|ota| Remote::new(ota, tar));
        let subscription = algorithm.map(|algorithm| Subscription::new(algorithm, config.sequence));
        let contents = Self::new(
            profile,
            Identity { iccid: Some(iccid), imsi, msisdn },
            config.pins,
            subscription,
        );
        (contents, Managed { remote: remote.map(Box::new), host: host.map(Box::new) })
    }

    /// Makes the contents of a profile at issue.
    pub(crate) fn new(
        profile: Arc<Profile>,
        identity: Identity,
        pins: Arc<PinConfig>,
        subscription: Option<Subscription>,
    ) -> Self {
        Self {
            profile,
            store: Store::new(identity),
            pins: Pins::new(pins),
            subscription,
            rules_changed: false,
        }
    }

    pub(crate) fn algorithm(&self) -> Option<&Algorithm> {
        self.subscription.as_ref().map(|subscription| &subscription.algorithm)
    }

    /// Returns the IMSI in EF.IMSI; `None` if what is there is none.
    pub(crate) fn imsi(&self) -> Option<Imsi> {
        let ef = self.read_at(self.profile.template().imsi(), 1)?;
        Imsi::from_ef(ef.try_into().ok()?).ok()
    }

    /// Returns the ICCID in EF.ICCID; `None` if what is there is none.
    pub(crate) fn iccid(&self) -> Option<Iccid> {
        let ef = self.read_at(self.profile.template().iccid(), 1)?;
        Iccid::from_wire(ef.try_into().ok()?).ok()
    }

    /// Reads a record, past all access rules.
    pub(crate) fn read_at(&self, index: FileIndex, record: u8) -> Option<Vec<u8>> {
        let template = self.profile.template();
        let ef = template.ef(index)?;
        if record == 0 || record > ef.records {
            return None;
        }
        let stored = self.store.stored_record(ef, record);
        let mut out = Vec::new();
        self.store.read(template, ef, stored, (0, usize::from(ef.record_len)), &mut out);
        Some(out)
    }
}

/// Takes the applet out of a description.
pub(crate) fn take_applet(config: &mut CardConfig) -> Option<Program> {
    let applet = config.applet.take().map(Applet::new)?;
    Some(Program::Issuance(Box::new(applet)))
}
