//! Contents of files in words.

use polysim_apdu::ef::{
    AccessClasses, Administrative, Adn, Application, AreaId, CardPower, Contents, Ecc, EfError,
    EpsLoci, FiveGsLoci, ImsText, Languages, Loci, NetworkName, Number, Opl, PlmnActList, PlmnList,
    Pnn, PsLoci, RoutingIndicator, ServiceTable, SmsRecord, SmsStatus, Smsp, Spn, StartHfn,
    SuciCalcInfo, UpdateStatus,
};
use polysim_apdu::{AccessMode, AccessRules, Condition, KeyRef, Operation};
use polysim_base::{Hex, Iccid, Imsi};

/// What a file holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holds {
    /// What this puts into words.
    Text(fn(&[u8]) -> Result<String, EfError>),
    /// Octets that are shown as they are.
    Octets,
    /// Keys, which are shown only on request.
    Keys,
}

pub(super) fn iccid(bytes: &[u8]) -> Result<String, EfError> {
    Ok(<Iccid as Contents>::parse(bytes)?.to_string())
}

pub(super) fn imsi(bytes: &[u8]) -> Result<String, EfError> {
    Ok(<Imsi as Contents>::parse(bytes)?.to_string())
}

pub(super) fn application(bytes: &[u8]) -> Result<String, EfError> {
    let application = Application::parse(bytes)?;
    let label = application.label.as_deref().unwrap_or_default();
    Ok(format!("{} {label}", Hex(&application.aid)).trim_end().to_owned())
}

pub(super) fn languages(bytes: &[u8]) -> Result<String, EfError> {
    let Languages(languages) = Languages::parse(bytes)?;
    let words = languages.iter().flatten().map(|code| String::from_utf8_lossy(code).into_owned());
    Ok(words.collect::<Vec<_>>().join(" "))
}

pub(super) fn card_power(bytes: &[u8]) -> Result<String, EfError> {
    let power = CardPower::parse(bytes)?;
    let suspension = if power.suspension { ", can be suspended" } else { "" };
    Ok(format!("{} mA at most{suspension}", power.current_max))
}

pub(super) fn plmns(bytes: &[u8]) -> Result<String, EfError> {
    let PlmnList(list) = PlmnList::parse(bytes)?;
    Ok(joined(list.iter().map(ToString::to_string), " "))
}

pub(super) fn plmns_with_technologies(bytes: &[u8]) -> Result<String, EfError> {
    let PlmnActList(list) = PlmnActList::parse(bytes)?;
    let entries = list.iter().map(|entry| {
        let known = [
            (entry.technologies.gsm(), "GSM"),
            (entry.technologies.utran(), "UTRAN"),
            (entry.technologies.e_utran_wb(), "E-UTRAN"),
            (entry.technologies.e_utran_nb(), "NB-IoT"),
            (entry.technologies.ng_ran(), "NG-RAN"),
        ];
        let names = known.iter().filter(|(has, _)| *has).map(|(_, name)| (*name).to_owned());
        format!("{} ({})", entry.plmn, joined(names, ", "))
    });
    Ok(joined(entries, ", "))
}

pub(super) fn services(bytes: &[u8]) -> Result<String, EfError> {
    let numbers = ServiceTable::parse(bytes)?;
    Ok(format!("services {}", joined(numbers.services().map(|number| number.to_string()), " ")))
}

pub(super) fn search_period(bytes: &[u8]) -> Result<String, EfError> {
    match bytes.first() {
        Some(0) => Ok("no search".to_owned()),
        Some(period) => Ok(format!("every {} minutes", u16::from(*period) * 6)),
        None => Err(EfError::Short { len: 0, min: 1 }),
    }
}

pub(super) fn number(number: &Number) -> String {
    let plus = if number.ton_npi & 0x70 == 0x10 { "+" } else { "" };
    format!("{plus}{}", number.digits)
}

pub(super) fn dialling(bytes: &[u8]) -> Result<String, EfError> {
    let entry = Adn::parse(bytes)?;
    let digits = entry.number.as_ref().map(number).unwrap_or_default();
    Ok(format!("{} {digits}", entry.name).trim().to_owned())
}

pub(super) fn emergency_number(bytes: &[u8]) -> Result<String, EfError> {
    let entry = Ecc::parse(bytes)?;
    Ok(format!("{} {}", entry.digits, entry.name).trim().to_owned())
}

pub(super) fn message(bytes: &[u8]) -> Result<String, EfError> {
    let record = SmsRecord::parse(bytes)?;
    let used = record.message.iter().rposition(|octet| *octet != 0xFF).map_or(0, |last| last + 1);
    let pdu = record.message.get(..used).unwrap_or_default();
    Ok(format!("{:?} {}", record.state, Hex(pdu)).trim_end().to_owned())
}

pub(super) fn message_parameters(bytes: &[u8]) -> Result<String, EfError> {
    let parameters = Smsp::parse(bytes)?;
    let centre = parameters.service_centre.as_ref().map(number);
    let centre = centre.unwrap_or_else(|| "none".to_owned());
    Ok(format!("{} service centre {centre}", parameters.name).trim().to_owned())
}

pub(super) fn message_status(bytes: &[u8]) -> Result<String, EfError> {
    let status = SmsStatus::parse(bytes)?;
    let room = if status.memory_exceeded { "memory exceeded" } else { "memory available" };
    Ok(format!("last reference {}, {room}", status.last_reference))
}

pub(super) fn provider(bytes: &[u8]) -> Result<String, EfError> {
    Ok(Spn::parse(bytes)?.name)
}

pub(super) fn network_name(bytes: &[u8]) -> Result<String, EfError> {
    let names = Pnn::parse(bytes)?;
    let text = |name: &Option<NetworkName>| name.as_ref().map(|name| name.text.clone());
    Ok(joined([text(&names.full), text(&names.short)].into_iter().flatten(), " / "))
}

pub(super) fn network_area(bytes: &[u8]) -> Result<String, EfError> {
    let entry = Opl::parse(bytes)?;
    let (first, last) = (entry.first_area, entry.last_area);
    let name = entry.name_record;
    Ok(format!("{} areas {first:04X} to {last:04X}: name {name}", Hex(&entry.plmn)))
}

pub(super) fn access_classes(bytes: &[u8]) -> Result<String, EfError> {
    let classes = AccessClasses::parse(bytes)?;
    let numbers = (0..16).filter(|class| classes.contains(*class)).map(|class| class.to_string());
    Ok(format!("classes {}", joined(numbers, " ")))
}

pub(super) fn administrative(bytes: &[u8]) -> Result<String, EfError> {
    let data = Administrative::parse(bytes)?;
    let digits = data.mnc_len.map(|digits| format!(", network code of {digits} digits"));
    Ok(format!("{:?} operation{}", data.mode, digits.unwrap_or_default()))
}

pub(super) fn start_hfn(bytes: &[u8]) -> Result<String, EfError> {
    let values = StartHfn::parse(bytes)?;
    Ok(format!("CS {}, PS {}", Hex(&values.circuit), Hex(&values.packet)))
}

fn area<const N: usize>(area: &AreaId<N>, status: UpdateStatus) -> String {
    let status = match status {
        UpdateStatus::Updated => "updated",
        UpdateStatus::NotUpdated | UpdateStatus::Reserved(_) => "not updated",
        UpdateStatus::NotAllowed => "network not allowed",
        UpdateStatus::AreaNotAllowed => "area not allowed",
    };
    match area.plmn() {
        Ok(Some(plmn)) => format!("{plmn} area {}, {status}", Hex(area.code())),
        Ok(None) | Err(_) => format!("no area, {status}"),
    }
}

pub(super) fn location(bytes: &[u8]) -> Result<String, EfError> {
    let location = Loci::parse(bytes)?;
    Ok(area(&location.lai, location.status))
}

pub(super) fn ps_location(bytes: &[u8]) -> Result<String, EfError> {
    let location = PsLoci::parse(bytes)?;
    Ok(area(&location.rai, location.status))
}

pub(super) fn eps_location(bytes: &[u8]) -> Result<String, EfError> {
    let location = EpsLoci::parse(bytes)?;
    Ok(area(&location.tai, location.status))
}

pub(super) fn five_gs_location(bytes: &[u8]) -> Result<String, EfError> {
    let location = FiveGsLoci::parse(bytes)?;
    Ok(area(&location.tai, location.status))
}

pub(super) fn ims_text(bytes: &[u8]) -> Result<String, EfError> {
    Ok(ImsText::parse(bytes)?.0)
}

pub(super) fn routing_indicator(bytes: &[u8]) -> Result<String, EfError> {
    Ok(RoutingIndicator::parse(bytes)?.0)
}

/// Keys of the home network are public ones.
pub(super) fn suci(bytes: &[u8]) -> Result<String, EfError> {
    let info = SuciCalcInfo::parse(bytes)?;
    let schemes = info.schemes.iter().map(|scheme| {
        let (scheme, key) = (scheme.scheme, scheme.key_index);
        format!("scheme {scheme} with key {key}")
    });
    let keys = info.keys.iter().map(|key| format!("key {} {}", key.id, Hex(&key.key)));
    Ok(joined(schemes.chain(keys), ", "))
}

pub(super) fn access_rules(bytes: &[u8]) -> Result<String, EfError> {
    match AccessRules::parse(bytes) {
        Ok(rules) => Ok(access(&rules)),
        // A file shows its octets where they mean nothing.
        Err(_) => Ok("no access rules".to_owned()),
    }
}

/// Returns who may read and update a file.
pub(super) fn access(rules: &AccessRules) -> String {
    let read = condition_of(rules, Operation::Read);
    let update = condition_of(rules, Operation::Update);
    format!("read {read}, update {update}")
}

fn condition_of(rules: &AccessRules, operation: Operation) -> String {
    let bit = operation.bit().unwrap_or(0);
    let rule = rules.rules.iter().find(|rule| match &rule.mode {
        AccessMode::Bits(bits) => bits & bit != 0,
        AccessMode::Commands { .. } => false,
    });
    let words = rule.map(|rule| joined(rule.conditions.iter().map(condition), " or "));
    words.filter(|words| !words.is_empty()).unwrap_or_else(|| "never".to_owned())
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Always | Condition::Byte(0x00) => "always".to_owned(),
        Condition::Never | Condition::Byte(0xFF) => "never".to_owned(),
        Condition::Byte(byte) => format!("condition {byte:02X}"),
        Condition::Verified { key, .. } => short(*key),
        Condition::Any(list) => format!("({})", joined(list.iter().map(self::condition), " or ")),
        Condition::All(list) => format!("({})", joined(list.iter().map(self::condition), " and ")),
        Condition::Not(list) => {
            format!("not ({})", joined(list.iter().map(self::condition), " or "))
        }
    }
}

/// Returns what people call a key.
pub(super) fn short(key: KeyRef) -> String {
    match key {
        KeyRef::PIN1 => "PIN1".to_owned(),
        KeyRef::PIN2 => "PIN2".to_owned(),
        key => key.to_string(),
    }
}

fn joined(words: impl Iterator<Item = String>, between: &str) -> String {
    words.collect::<Vec<_>>().join(between)
}
