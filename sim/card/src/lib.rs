//! A simulated UICC: file system, access rules, PINs, logical channels, authentication, 2G class
//! `A0`, the card application toolkit, remote management over secured packets, and an applet that
//! writes subscriptions (TS 102.221, TS 31.102, TS 31.103, TS 51.011, TS 102.223, TS 102.225,
//! TS 102.226).
//!
//! A [`Card`] is a pure machine: command APDUs go in, responses come out, at once. Cards of one
//! [`Profile`] share its file set; a card itself owns its identity, its keys, and the files that
//! it has written.
//!
//! A card may be an eUICC ([`Card::new_euicc`], SGP.22): then it has several profiles, those of its
//! factory and those that it downloads, each with files, PINs and keys of its own. The terminal
//! sees the enabled one. [`Euicc`] tells how they stand.
//!
//! ```
//! use polysim_aka::{Algorithm, Key, Milenage, Opc};
//! use polysim_base::{Instant, Purpose, Stream};
//! use polysim_card::{Card, CardConfig, Profile, ProfileConfig};
//!
//! let profile = Profile::new(ProfileConfig::new("00101".parse()?, "Polynet"))?;
//! let algorithm: Algorithm = Milenage::new(Key::from([1; 16]), Opc::from([2; 16])).into();
//! let stream = Stream::derive(1, 1, Purpose::Keys, 0);
//! let iccid = "8900000000000000007".parse()?;
//! let imsi = "001010000000123".parse()?;
//! let mut card = Card::new(CardConfig::new(profile, iccid, imsi, algorithm, stream));
//!
//! assert!(card.power_on().is_some());
//! let mut response = Vec::new();
//! let mut transmit = |command: &[u8]| {
//!     card.transmit(Instant::ZERO, command, &mut response);
//!     response.clone()
//! };
//! // SELECT the USIM by the first bytes of its AID, then EF.IMSI; READ BINARY.
//! transmit(&[0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02]);
//! transmit(&[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x6F, 0x07]);
//! let imsi = transmit(&[0x00, 0xB0, 0x00, 0x00, 0x09]);
//! assert_eq!(imsi, [0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x10, 0x32, 0x90, 0x00]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agent;
mod applet;
mod authenticate;
mod card;
mod channel;
mod config;
mod contents;
mod dispatch;
mod euicc;
mod fault;
mod fs;
mod gsm;
mod power;
mod profile;
mod remote;
mod security;
mod signal;
mod subscription;
mod t0;
mod template;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
mod toolkit;

pub use agent::{AgentSetup, AgentSite, Place, frame};
pub use card::{Card, CardInput, CardOutput};
pub use config::{CardConfig, PIN_TRIES, PUK_TRIES, PinConfig, PinSetup};
pub use euicc::{
    Behaviour, ECASD_AID, ES10_COMMAND_MAX, Euicc, EuiccConfig, EuiccError, EuiccModel, ISD_R_AID,
    IdentitySource, Metadata, NOTIFICATIONS_MAX, PROFILES_MAX, PresetProfile, ProfileStatus,
};
pub use fault::{CardFault, FaultSpan};
pub use profile::{
    Applications, NetworkText, PreferredPlmn, Profile, ProfileConfig, ProfileError, SpnDisplay,
};
pub use remote::{FileManagement, FilesStart, OtaConfig};
pub use security::PinStatus;
pub use subscription::{CARRIED_SETS_MAX, SubscriptionKeySet};
pub use t0::T0Interface;
pub use toolkit::{NotSent, PROACTIVE_QUEUE_MAX, TOOLKIT_EVENTS_MAX, ToolkitEvent, ToolkitFull};
