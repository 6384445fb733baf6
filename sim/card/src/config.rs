//! What makes one card: its subscription and its PINs.

use std::fmt;
use std::sync::Arc;

use polysim_aka::{Algorithm, SqnArray};
use polysim_apdu::{PIN_LEN, Pin};
use polysim_base::{Iccid, Imsi, Msisdn, Stream};
use polysim_issuance::applet::AppletConfig;

use crate::profile::Profile;
use crate::remote::OtaConfig;

/// Tries of a PIN before it is blocked (TS 102.221, 9.5.1).
pub const PIN_TRIES: u8 = 3;
/// Tries of an unblock value before the PIN is lost (TS 102.221, 9.5.1).
pub const PUK_TRIES: u8 = 10;

/// Everything that one card has of its own, and the profile that it shares with others.
///
/// `Debug` masks keys and PINs.
#[derive(Clone, Debug)]
pub struct CardConfig {
    /// The shared file set and the operator's values.
    pub profile: Arc<Profile>,
    /// EF.ICCID.
    pub iccid: Iccid,
    /// EF.IMSI; access class, IMPI and IMPU follow from it. Blank without.
    pub imsi: Option<Imsi>,
    /// EF.MSISDN; empty without.
    pub msisdn: Option<Msisdn>,
    /// The authentication algorithm with its keys; a card without refuses to authenticate.
    pub algorithm: Option<Algorithm>,
    /// The sequence numbers accepted so far.
    pub sequence: SqnArray,
    /// The PINs; cards may share one value.
    pub pins: Arc<PinConfig>,
    /// Randomness of GET CHALLENGE.
    pub stream: Stream,
    /// Remote management.
    pub ota: Option<OtaConfig>,
    /// Further sets of subscription keys by index, for the applet to choose from; [`Self::algorithm`]
    /// is set 0.
    pub preloaded: Vec<(u8, Algorithm)>,
    /// The applet. It is reached over the air where [`Self::ota`] is there.
    pub applet: Option<AppletConfig>,
}

impl CardConfig {
    /// Describes a fresh card: no sequence number accepted, [`PinConfig::default`].
    #[must_use]
    pub fn new(
        profile: Arc<Profile>,
        iccid: Iccid,
        imsi: Imsi,
        algorithm: Algorithm,
        stream: Stream,
    ) -> Self {
        Self {
            profile,
            iccid,
            imsi: Some(imsi),
            msisdn: None,
            algorithm: Some(algorithm),
            sequence: SqnArray::default(),
            pins: Arc::default(),
            stream,
            ota: None,
            preloaded: Vec::new(),
            applet: None,
        }
    }

    /// Describes a fresh card without a subscription.
    #[must_use]
    pub fn blank(profile: Arc<Profile>, iccid: Iccid, stream: Stream) -> Self {
        Self {
            profile,
            iccid,
            imsi: None,
            msisdn: None,
            algorithm: None,
            sequence: SqnArray::default(),
            pins: Arc::default(),
            stream,
            ota: None,
            preloaded: Vec::new(),
            applet: None,
        }
    }
}

/// One PIN with its unblock value and tries.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct PinSetup {
    /// The PIN.
    pub pin: Pin,
    /// The value that unblocks it.
    pub puk: Pin,
    /// Whether it must be verified before what it protects.
    pub enabled: bool,
    /// Wrong values until it is blocked, 1 to 15.
    pub tries: u8,
    /// Wrong unblock values until it is lost, 1 to 15.
    pub puk_tries: u8,
}

impl PinSetup {
    /// Makes a PIN of its digits (4 to 8) and those of its unblock value (8), with the usual number
    /// of tries; `None` for other digits.
    #[must_use]
    pub fn new(pin: &str, puk: &str, enabled: bool) -> Option<Self> {
        if pin.len() < 4 || puk.len() != PIN_LEN {
            return None;
        }
        Some(Self {
            pin: Pin::from_digits(pin)?,
            puk: Pin::from_digits(puk)?,
            enabled,
            tries: PIN_TRIES,
            puk_tries: PUK_TRIES,
        })
    }
}

impl fmt::Debug for PinSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinSetup")
            .field("enabled", &self.enabled)
            .field("tries", &self.tries)
            .field("puk_tries", &self.puk_tries)
            .finish_non_exhaustive()
    }
}

/// The PINs of a card. Shared between cards until one changes a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PinConfig {
    /// PIN 1, key reference `01`: the subscriber's.
    pub pin1: PinSetup,
    /// PIN 2, key reference `81`: fixed dialling numbers and charging.
    pub pin2: PinSetup,
    /// Universal PIN, key reference `11`; it stands in for PIN 1 where PIN 1 was disabled so.
    pub universal: Option<PinSetup>,
    /// Administrative key, key reference `0A`.
    pub adm1: PinSetup,
    /// Second administrative key, key reference `0B`.
    pub adm2: Option<PinSetup>,
}

/// Digits that satisfy every rule of [`PinSetup::new`].
const fn setup(pin: [u8; PIN_LEN], puk: [u8; PIN_LEN], enabled: bool, tries: u8) -> PinSetup {
    PinSetup { pin: Pin::new(pin), puk: Pin::new(puk), enabled, tries, puk_tries: PUK_TRIES }
}

/// PIN 1 `1234` disabled, PIN 2 `5678` enabled, unblock values `12345678` and `87654321`, ADM1
/// `88888888` with ten tries, no universal PIN, no ADM2.
impl Default for PinConfig {
    fn default() -> Self {
        Self {
            pin1: setup(*b"1234\xFF\xFF\xFF\xFF", *b"12345678", false, PIN_TRIES),
            pin2: setup(*b"5678\xFF\xFF\xFF\xFF", *b"87654321", true, PIN_TRIES),
            universal: None,
            adm1: setup(*b"88888888", *b"88888888", true, PUK_TRIES),
            adm2: None,
        }
    }
}

impl PinConfig {
    /// Returns it with PIN 1 of these digits, to be asked for after each reset; `None` where
    /// `pin` or `puk` are no digits of the right number.
    #[must_use]
    pub fn with_pin1(mut self, pin: &str, puk: &str) -> Option<Self> {
        self.pin1 = PinSetup::new(pin, puk, true)?;
        Some(self)
    }
}
