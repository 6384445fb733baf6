//! The FCP of a file of the template (TS 102.221, 11.1.1.4).

use polysim_apdu::{
    Fcp, FileDescriptor, FileId, KeyRef, LifeCycle, PinState, PinStatus, Proprietary, Security,
    Sfi, ShortId,
};

use super::{Ef, Structure};

/// UICC characteristics, memory left, TERMINAL CAPABILITY supported.
const UICC: [u8; 12] = [0x80, 0x01, 0x71, 0x83, 0x04, 0x00, 0x01, 0x00, 0x00, 0x87, 0x01, 0x01];

/// An FCP and the places in it that change while a card lives.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) life_cycle: u8,
    /// 0 for none: an FCP starts with its tag.
    pub(super) pins: u8,
}

/// What the FCP tells of a file.
pub(super) struct Facts<'a> {
    pub(super) fid: u16,
    pub(super) sfi: u8,
    /// EF.ARR and its record.
    pub(super) rules: (u16, u8),
    pub(super) ef: Option<&'a Ef>,
    pub(super) aid: Option<&'a [u8]>,
    /// Whether the PIN status template is there, and whether a universal PIN is in it.
    pub(super) pins: Option<bool>,
}

impl Facts<'_> {
    pub(super) fn encode(&self) -> Encoded {
        let bytes = self.emit(LifeCycle::Activated, false);
        let life_cycle = first_difference(&bytes, &self.emit(LifeCycle::Deactivated, false));
        let pins = first_difference(&bytes, &self.emit(LifeCycle::Activated, true));
        Encoded { bytes, life_cycle, pins }
    }

    fn emit(&self, life_cycle: LifeCycle, enabled: bool) -> Vec<u8> {
        let descriptor = match self.ef {
            None => FileDescriptor::DF,
            Some(ef) => match ef.structure {
                Structure::Transparent => FileDescriptor::TRANSPARENT,
                Structure::LinearFixed => FileDescriptor::linear_fixed(ef.record_len, ef.records),
                Structure::Cyclic => FileDescriptor::cyclic(ef.record_len, ef.records),
            },
        };
        let (file, record) = self.rules;
        let fcp = Fcp {
            file_id: Some(FileId(self.fid)),
            df_name: self.aid,
            proprietary: self.ef.is_none().then(|| Proprietary::new(&UICC).ok()).flatten(),
            life_cycle: Some(life_cycle),
            security: Some(Security::Referenced { file: FileId(file), record }),
            file_size: self.ef.and_then(|ef| u32::try_from(ef.size()).ok()),
            sfi: match (self.ef, Sfi::new(self.sfi)) {
                (None, _) => ShortId::Implied,
                (Some(_), None) => ShortId::None,
                (Some(_), Some(sfi)) => ShortId::Given(sfi),
            },
            pin_status: self.pins.and_then(|universal| pin_status(universal, enabled)),
            ..Fcp::new(descriptor)
        };
        let mut out = Vec::new();
        fcp.emit(&mut out);
        out
    }
}

fn pin_status(universal: bool, enabled: bool) -> Option<PinStatus> {
    let pin = |key| PinState { key, enabled, usage: None };
    let mut pins = vec![pin(KeyRef::PIN1), pin(KeyRef::PIN2), pin(KeyRef::ADM1)];
    if universal {
        pins.push(PinState { usage: Some(0x08), ..pin(KeyRef::UNIVERSAL) });
    }
    PinStatus::new(&pins).ok()
}

/// Returns where two FCPs of one length differ; 0 if they do not.
fn first_difference(one: &[u8], other: &[u8]) -> u8 {
    one.iter()
        .zip(other)
        .position(|(one, other)| one != other)
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(0)
}
