//! The operator's values as contents of EFs.

use polysim_apdu::ef::{
    AccessTechnologies, Administrative, Application, Contents, Ecc, EfError, ImsText, Languages,
    NetworkName, Number, Opl, PlmnAct, PlmnActList, PlmnList, Pnn, ServiceTable, Smsp, Spn,
};
use polysim_base::{Plmn, bcd};

use super::rules::{ARR_RECORD_LEN, arr_record, record};
use super::services::Service;
use super::tree::Item;
use crate::profile::{PreferredPlmn, ProfileConfig, ProfileError};

/// The AID of the USIM (TS 101.220, annex E) with a country and provider code of no one's.
pub(super) const USIM_AID: [u8; 16] = [
    0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00,
];
/// The AID of the ISIM.
pub(super) const ISIM_AID: [u8; 16] = [
    0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00,
];
/// Last location area code that is one (TS 24.008, 10.5.1.3).
const AREA_LAST: u16 = 0xFFFE;

type Coded = Result<Vec<u8>, EfError>;

/// Returns a value as contents; of a record EF, records of `size` bytes one after the other. A
/// transparent EF grows with its contents.
pub(super) fn item(
    config: &ProfileConfig,
    item: Item,
    size: usize,
) -> Result<Vec<u8>, ProfileError> {
    let coded = match item {
        Item::Directory => records(&directory(config), size),
        Item::AccessRules => Ok((1..=record::COUNT).flat_map(padded_rule).collect()),
        Item::Languages => {
            let languages = config.languages.iter().map(|code| Some(*code));
            file(&Languages(languages.collect()), size)
        }
        Item::Administrative => {
            let mnc_len = Some(config.plmn.mnc_len());
            file(&Administrative { mnc_len, ..Administrative::default() }, size)
        }
        Item::ProviderName => file(&provider_name(config), size),
        Item::ServiceCentre => records(service_centre(config).as_slice(), size),
        Item::UserPlmns => file(&preferred(&config.user_plmns), size),
        Item::OperatorPlmns => file(&preferred(&config.operator_plmns), size),
        Item::HomePlmns => file(&preferred(&[PreferredPlmn::new(config.plmn)]), size),
        Item::PlmnSelector => plmns(config.user_plmns.iter().map(|entry| entry.plmn), size),
        Item::EquivalentHome => {
            let home = std::iter::once(config.plmn);
            plmns(home.chain(config.equivalent_home.iter().copied()), size)
        }
        Item::Forbidden => plmns(config.forbidden.iter().copied(), size),
        Item::SearchPeriod => Ok(vec![config.search_period]),
        Item::EmergencyRecords => records(&emergency_records(config), size),
        Item::EmergencyList => emergency_list(config),
        Item::NetworkNames => records(&network_names(config), size),
        Item::NetworkList => records(&network_list(config), size),
        Item::UsimServices => file(&usim_services(config), size),
        Item::IsimServices => Ok(vec![0x00; size]),
        Item::GsmServices => Ok(gsm_services(size)),
        Item::HomeDomain => file(&ImsText(domain(config.plmn)), size),
    };
    coded.map_err(|error| ProfileError::Value { what: what(item), error })
}

/// Returns the field of the configuration that an item is made of.
const fn what(item: Item) -> &'static str {
    match item {
        Item::Languages => "languages",
        Item::ProviderName => "spn",
        Item::ServiceCentre => "smsc",
        Item::UserPlmns | Item::PlmnSelector => "user_plmns",
        Item::OperatorPlmns => "operator_plmns",
        Item::EquivalentHome => "equivalent_home",
        Item::Forbidden => "forbidden",
        Item::SearchPeriod => "search_period",
        Item::EmergencyRecords | Item::EmergencyList => "emergency_numbers",
        Item::NetworkNames | Item::NetworkList => "names",
        Item::Directory
        | Item::AccessRules
        | Item::UsimServices
        | Item::IsimServices
        | Item::GsmServices => "applications",
        Item::Administrative | Item::HomePlmns | Item::HomeDomain => "plmn",
    }
}

fn file(contents: &impl Contents, size: usize) -> Coded {
    let mut out = Vec::new();
    contents.put(size, &mut out)?;
    Ok(out)
}

fn records(contents: &[impl Contents], size: usize) -> Coded {
    let records: Vec<_> =
        contents.iter().map(|contents| contents.emit(size)).collect::<Result<_, _>>()?;
    Ok(records.concat())
}

fn padded_rule(number: u8) -> Vec<u8> {
    let mut record = arr_record(number);
    record.resize(usize::from(ARR_RECORD_LEN), 0xFF);
    record
}

/// Returns the home domain name of a network (TS 23.003, 13.2).
pub(super) fn domain(plmn: Plmn) -> String {
    let mnc = plmn.digits().skip(3).fold(0_u16, |mnc, digit| mnc * 10 + u16::from(digit));
    format!("ims.mnc{mnc:03}.mcc{:03}.3gppnetwork.org", plmn.mcc())
}

fn directory(config: &ProfileConfig) -> Vec<Application> {
    let applications = [
        (config.applications.usim, USIM_AID, "USIM"),
        (config.applications.isim, ISIM_AID, "ISIM"),
    ];
    let present = applications.into_iter().filter(|(present, ..)| *present);
    present
        .map(|(_, aid, label)| Application {
            aid: aid.to_vec(),
            label: Some(label.to_owned()),
            others: Vec::new(),
        })
        .collect()
}

fn provider_name(config: &ProfileConfig) -> Spn {
    Spn {
        show_network: config.spn_display.network_at_home,
        hide_abroad: config.spn_display.hide_when_roaming,
        name: config.spn.clone(),
    }
}

/// Service centre, protocol identifier and data coding 0, validity at its longest.
fn service_centre(config: &ProfileConfig) -> Option<Smsp> {
    let smsc = config.smsc.as_ref()?;
    Some(Smsp {
        service_centre: Some(Number::new(&smsc.to_string())),
        protocol: Some(0x00),
        coding: Some(0x00),
        validity: Some(0xFF),
        ..Smsp::default()
    })
}

fn preferred(entries: &[PreferredPlmn]) -> PlmnActList {
    let entries = entries.iter().map(|entry| PlmnAct {
        plmn: entry.plmn,
        technologies: AccessTechnologies(entry.technologies),
    });
    PlmnActList(entries.collect())
}

fn plmns(entries: impl Iterator<Item = Plmn>, size: usize) -> Coded {
    file(&PlmnList(entries.collect()), size)
}

/// EF.ECC of a USIM.
fn emergency_records(config: &ProfileConfig) -> Vec<Ecc> {
    let numbers = config.emergency_numbers.iter();
    numbers.map(|digits| Ecc { digits: digits.clone(), ..Ecc::default() }).collect()
}

/// EF.ECC of a SIM (TS 51.011, 10.3.27): numbers of three bytes.
fn emergency_list(config: &ProfileConfig) -> Coded {
    let mut out = Vec::new();
    for number in &config.emergency_numbers {
        let start = out.len();
        out.extend(bcd::pack(number)?);
        out.resize(start + 3, 0xFF);
    }
    Ok(out)
}

fn network_names(config: &ProfileConfig) -> Vec<Pnn> {
    let name = |text: &str| {
        let name = NetworkName { text: text.to_owned(), add_country: false };
        (!text.is_empty()).then_some(name)
    };
    let names = config.names.iter();
    names.map(|entry| Pnn { full: name(&entry.full), short: name(&entry.short) }).collect()
}

/// Every location area of each network has the name of the same number.
fn network_list(config: &ProfileConfig) -> Vec<Opl> {
    let numbered = config.names.iter().zip(1..=u8::MAX);
    numbered
        .map(|(name, name_record)| Opl {
            plmn: name.plmn.wire(),
            first_area: 0x0000,
            last_area: AREA_LAST,
            name_record,
        })
        .collect()
}

/// EF.UST (TS 31.102, 4.2.8).
fn usim_services(config: &ProfileConfig) -> ServiceTable {
    let mut services: Vec<u8> = Service::ALWAYS.map(Service::number).to_vec();
    if config.gsm_access {
        services.extend([Service::GsmAccess, Service::GsmSecurityContext].map(Service::number));
    }
    ServiceTable::of(&services)
}

/// EF.SST (TS 51.011, 10.3.7), services allocated and activated: 1 CHV1 disabling, 2 ADN, 3 FDN,
/// 4 SMS, 7 PLMN selector, 9 MSISDN, 12 SMSP, 17 SPN, 26 download, 42 OPLMN, 43 HPLMN, 51 PNN,
/// 52 OPL.
fn gsm_services(size: usize) -> Vec<u8> {
    let mut table = vec![0; size];
    for service in [1_usize, 2, 3, 4, 7, 9, 12, 17, 26, 42, 43, 51, 52] {
        if let Some(byte) = table.get_mut((service - 1) / 4) {
            *byte |= 0b11 << ((service - 1) % 4 * 2);
        }
    }
    table
}
