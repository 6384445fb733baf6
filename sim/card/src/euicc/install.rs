//! A profile package becomes a profile: files that the terminal reads, PINs, and keys.

use std::sync::Arc;

use polysim_apdu::{KeyRef, PIN_LEN, Pin};
use polysim_base::Plmn;
use polysim_rsp::saip::{AkaKeys, Image, ImageAka, ImagePin};

use super::isdp::Parked;
use crate::config::{PinConfig, PinSetup};
use crate::contents::{Contents, Managed};
use crate::profile::{Applications, Profile, ProfileConfig};
use crate::subscription::Subscription;
use crate::template::Identity;

/// DF.GSM.
const GSM_PATH: [u16; 1] = [0x7F20];
/// EF.AD.
const AD_FID: u16 = 0x6FAD;
/// A PIN that a profile does not have: nothing waits for it.
const NO_PIN: PinSetup = PinSetup {
    pin: Pin::new([0; PIN_LEN]),
    puk: Pin::new([0; PIN_LEN]),
    enabled: false,
    tries: 0,
    puk_tries: 0,
};
/// A key that a profile does not have: nobody can present it.
const NO_KEY: PinSetup = PinSetup { enabled: true, ..NO_PIN };

/// Makes the profile of an image. What belongs to the chip is taken from `bare`.
pub(super) fn profile_of(image: &Image, bare: &ProfileConfig) -> Parked {
    let universal_pin = image.pins.iter().any(|pin| pin.reference == KeyRef::UNIVERSAL);
    let config = ProfileConfig {
        plmn: home_of(image).unwrap_or(bare.plmn),
        applications: Applications {
            usim: image.usim().is_some(),
            isim: image.isim().is_some(),
            gsm: image.find(&GSM_PATH).is_some(),
        },
        universal_pin,
        ..bare.clone()
    };
    let (profile, deactivated) = Profile::of_image(image, config);
    let identity = Identity { iccid: image.iccid, imsi: image.imsi(), msisdn: None };
    let pins = Arc::new(pins(image));
    let mut contents = Contents::new(profile, identity, pins, subscription(image));
    for file in deactivated {
        contents.store.set_deactivated(file, true);
    }
    Parked { contents, managed: Managed::default() }
}

/// Returns the home network: EF.AD tells how long its code is.
fn home_of(image: &Image) -> Option<Plmn> {
    let administrative = image.ef(image.child(image.usim()?, AD_FID)?)?;
    let mnc_len = administrative.contents.get(3).map_or(2, |octet| octet & 0x0F);
    image.imsi()?.home(if mnc_len == 3 { 3 } else { 2 })
}

/// Returns the keys of the USIM; else those of the first application that has its own.
fn subscription(image: &Image) -> Option<Subscription> {
    let own = |aka: &ImageAka| match &aka.keys {
        AkaKeys::Own(keys) => Some(Subscription::new(keys.algorithm().ok()?, aka.sqn_array())),
        AkaKeys::Mapped { .. } => None,
    };
    let usim = image.usim();
    let of_usim = image.aka.iter().filter(|aka| Some(aka.directory) == usim).find_map(own);
    of_usim.or_else(|| image.aka.iter().find_map(own))
}

fn pins(image: &Image) -> PinConfig {
    let setup = |reference| {
        let found = image.pins.iter().find(|pin| pin.reference == reference);
        found.map(|pin| pin_setup(image, pin))
    };
    PinConfig {
        pin1: setup(KeyRef::PIN1).unwrap_or(NO_PIN),
        pin2: setup(KeyRef::PIN2).unwrap_or(NO_PIN),
        universal: setup(KeyRef::UNIVERSAL),
        adm1: setup(KeyRef::ADM1).unwrap_or(NO_KEY),
        adm2: setup(KeyRef(0x0B)),
    }
}

fn pin_setup(image: &Image, pin: &ImagePin) -> PinSetup {
    let puk =
        pin.unblocked_by.and_then(|puk| image.puks.iter().find(|known| known.reference == puk));
    PinSetup {
        pin: pin.value,
        puk: puk.map_or(NO_KEY.puk, |puk| puk.value),
        enabled: pin.enabled,
        tries: pin.tries.max,
        puk_tries: puk.map_or(0, |puk| puk.tries.max),
    }
}
