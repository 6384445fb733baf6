//! Elements with codes and keys.

use super::install::Installer;
use super::{AkaKeys, FileIndex, ImageAka, ImagePin, ImagePuk, InstallReason};
use crate::saip::element::{
    AkaParameter, AlgorithmId, AlgorithmSource, PinCodes, PinConfiguration, PinSource, PukCodes,
    Tries,
};

impl Installer<'_> {
    pub(super) fn puks(&mut self, codes: &PukCodes) -> Result<(), InstallReason> {
        for code in &codes.codes {
            if self.image.puks.iter().any(|known| known.reference == code.reference) {
                return Err(InstallReason::DuplicateCode(code.reference));
            }
            let tries = code.tries.unwrap_or(Tries::PUK);
            let (reference, value) = (code.reference, code.value);
            self.image.puks.push(ImagePuk { reference, value, tries });
        }
        Ok(())
    }

    pub(super) fn pins(&mut self, codes: &PinCodes) -> Result<(), InstallReason> {
        let Some(directory) = self.directory else {
            return Err(InstallReason::OutOfOrder { needed: "directory" });
        };
        match &codes.source {
            PinSource::Own(pins) => pins.iter().try_for_each(|pin| self.pin(directory, pin)),
            PinSource::Shared(path) => {
                let other = self.image.resolve(path)?;
                self.image.shared_pins.push((directory, other));
                Ok(())
            }
        }
    }

    fn pin(&mut self, directory: FileIndex, pin: &PinConfiguration) -> Result<(), InstallReason> {
        let same = |known: &ImagePin| (known.directory, known.reference);
        if self.image.pins.iter().any(|known| same(known) == (directory, pin.reference)) {
            return Err(InstallReason::DuplicateCode(pin.reference));
        }
        let is_known = |puk| self.image.puks.iter().any(|known| known.reference == puk);
        if let Some(puk) = pin.unblocked_by.filter(|puk| !is_known(*puk)) {
            return Err(InstallReason::PukMissing { pin: pin.reference, puk: puk.0 });
        }
        self.image.pins.push(ImagePin {
            directory,
            reference: pin.reference,
            value: pin.value,
            enabled: pin.enabled(),
            unblocked_by: pin.unblocked_by,
            tries: pin.tries.unwrap_or(Tries::PIN),
        });
        Ok(())
    }

    pub(super) fn aka(&mut self, parameter: &AkaParameter) -> Result<(), InstallReason> {
        let Some(directory) = self.application else {
            return Err(InstallReason::OutOfOrder { needed: "application" });
        };
        let keys = match &parameter.source {
            AlgorithmSource::Mapping(mapping) => {
                AkaKeys::Mapped { options: mapping.options, application: mapping.source.clone() }
            }
            AlgorithmSource::Own(own) => {
                own.check_lengths()?;
                if let Some(service) = own.service() {
                    self.need(service)?;
                }
                if own.algorithm != AlgorithmId::Test {
                    own.algorithm()?;
                }
                AkaKeys::Own(own.clone())
            }
        };
        self.image.aka.push(ImageAka::new(directory, keys, parameter));
        Ok(())
    }
}
