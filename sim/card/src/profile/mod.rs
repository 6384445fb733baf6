//! Profiles: what the cards of one operator share.

mod config;
mod error;

use std::fmt;
use std::sync::Arc;

use polysim_base::Plmn;
use polysim_rsp::saip::Image;

pub use config::{Applications, NetworkText, PreferredPlmn, ProfileConfig, SpnDisplay};
pub use error::ProfileError;

use crate::template::{FileIndex, Template};

/// The file set of a kind of card with one operator's values: built once, shared by all of its
/// cards.
pub struct Profile {
    config: ProfileConfig,
    template: Template,
}

impl Profile {
    /// Builds the file set.
    ///
    /// # Errors
    /// [`ProfileError`] where a value does not fit its file.
    pub fn new(config: ProfileConfig) -> Result<Arc<Self>, ProfileError> {
        config.check()?;
        let template = Template::build(&config)?;
        Ok(Arc::new(Self { config, template }))
    }

    /// Returns what an eUICC shows while no profile is enabled: hardly anything.
    #[expect(clippy::expect_used, reason = "the files are fixed and fit")]
    pub(crate) fn bare() -> Arc<Self> {
        let nobody = Plmn::from_digits([0, 0, 1], 0, 1, None).expect("five digits");
        let mut config = ProfileConfig::new(nobody, "");
        config.applications = Applications { usim: false, isim: false, gsm: false };
        let template = Template::bare(&config).expect("fixed files");
        Arc::new(Self { config, template })
    }

    /// Builds the file set of a profile that was installed; returns which files of it begin
    /// deactivated, too.
    pub(crate) fn of_image(image: &Image, config: ProfileConfig) -> (Arc<Self>, Vec<FileIndex>) {
        let (template, deactivated) = Template::of_image(image, &config);
        (Arc::new(Self { config, template }), deactivated)
    }

    /// Returns what it was built of.
    #[must_use]
    pub const fn config(&self) -> &ProfileConfig {
        &self.config
    }

    /// Returns the answer to reset.
    #[must_use]
    pub fn atr(&self) -> &Arc<[u8]> {
        &self.config.atr
    }

    pub(crate) const fn template(&self) -> &Template {
        &self.template
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("config", &self.config).finish_non_exhaustive()
    }
}
