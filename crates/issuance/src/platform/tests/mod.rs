mod binding;
mod card;
mod hostile;
mod keeping;
mod outcomes;
mod random;
mod rig;
mod rows;
mod writing;

use alloc::format;
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Iccid, Imei, Imsi, Msisdn, Plmn};
use polysim_ota::{Spi, Tar};

use super::{BindingRow, CardState, Network, PlatformConfig, Policy, Retry};
use crate::{FileSizes, Generation};

const TAR: Tar = Tar([0xB1, 0x00, 0x01]);

fn config() -> PlatformConfig {
    PlatformConfig {
        number: number(99),
        tar: TAR,
        spi: Spi::FULL,
        sizes: FileSizes { msisdn_record: 24, smsp_record: 40, forbidden: 12 },
        retry: Retry { first: Duration::from_secs(10), longest: Duration::from_secs(60), tries: 4 },
        validity: Duration::from_secs(300),
        pending_alarm: Duration::from_secs(600),
        texts_per_s: 1_000,
        moved: Policy::Accept,
        conflict: Policy::Refuse,
        networks: Vec::from([Network { home: Plmn::parse("00101").unwrap(), centre: None }]),
        generation: Generation::EUtran,
    }
}

fn eid(n: u32) -> Eid {
    Eid::with_check_digits(&format!("8904903200000000000000{n:08}")).unwrap()
}

fn iccid(n: u32) -> Iccid {
    Iccid::with_check_digit(&format!("8949000000{n:08}")).unwrap()
}

fn imei(n: u32) -> Imei {
    Imei::parse(&format!("35000000{n:06}")).unwrap()
}

/// The IMSI that card `n` is issued with; from 1000 on they are of the pool.
fn imsi(n: u32) -> Imsi {
    Imsi::parse(&format!("00101{n:010}")).unwrap()
}

fn number(n: u32) -> Msisdn {
    Msisdn::parse(&format!("+4915{n:07}")).unwrap()
}

/// What is known of card `n` once it is bound.
fn row(n: u32) -> BindingRow {
    BindingRow {
        eid: eid(n),
        imei: Some(imei(n)),
        iccid: Some(iccid(n)),
        msisdn: Some(number(n)),
        state: CardState::Settled { imsi: Some(imsi(n)) },
    }
}
