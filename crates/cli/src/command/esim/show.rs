//! What an eUICC says, for people and for programs.

use crate::command::answer::table;
use crate::command::hardware::Report;
use crate::exit::Exit;
use polysim_base::Hex;
use polysim_lpa::{EuiccStatus, NotificationReport, Taken};
use polysim_rsp::data::{
    ExtCardResource, KeyIdentifier, NotificationEvent, NotificationMetadata, ProfileInfo,
    ProfileState, Version,
};
use polysim_rsp::es9::EventEntry;
use serde_json::{Value, json};

/// Reports that something was done.
pub(super) fn done(text: &str, json: Value) -> Report {
    Report { text: format!("{text}\n"), json, exit: Exit::Held }
}

pub(super) fn info(info: &EuiccStatus) -> Report {
    let EuiccStatus { eid, addresses, info2, rules, .. } = info;
    let memory = ExtCardResource::read(&info2.ext_card_resource);
    let keys = |list: &[KeyIdentifier]| -> Vec<String> {
        list.iter().map(|key| Hex(key).to_string()).collect()
    };
    let signs = keys(&info2.euicc_ci_pk_id_list_for_signing);
    let trusts = keys(&info2.euicc_ci_pk_id_list_for_verification);
    let smdp = addresses.default_dp_address.as_deref().unwrap_or_default();
    let mut rows = vec![
        ["EID".to_owned(), eid.to_string()],
        ["SGP.22".to_owned(), version(info2.svn)],
        ["profile format".to_owned(), version(info2.profile_version)],
        ["firmware".to_owned(), version(info2.euicc_firmware_ver)],
        ["free memory".to_owned(), format!("{} octets", memory.free_non_volatile)],
        ["default SM-DP+".to_owned(), if smdp.is_empty() { "none" } else { smdp }.to_owned()],
        ["SM-DS".to_owned(), addresses.root_ds_address.clone()],
    ];
    rows.extend(trusts.iter().map(|key| ["trusts the root".to_owned(), key.clone()]));
    rows.extend(signs.iter().map(|key| ["is trusted under".to_owned(), key.clone()]));
    rows.push(["can".to_owned(), info2.uicc_capability.names().join(", ")]);
    let json = json!({
        "eid": eid.to_string(), "svn": version(info2.svn),
        "profile_version": version(info2.profile_version),
        "firmware": version(info2.euicc_firmware_ver),
        "free_memory": memory.free_non_volatile, "default_smdp": smdp,
        "smds": addresses.root_ds_address, "trusts": trusts, "signs_under": signs,
        "capabilities": info2.uicc_capability.names(),
        "rules": rules.as_ref().map(Vec::len),
    });
    Report { text: table(&rows), json, exit: Exit::Held }
}

fn version(version: Version) -> String {
    let [major, minor, revision] = version.numbers();
    format!("{major}.{minor}.{revision}")
}

pub(super) fn profiles(profiles: &[ProfileInfo]) -> Report {
    let rows: Vec<_> = profiles.iter().map(row).collect();
    let text = match rows.as_slice() {
        [] => "no profiles: `download` brings one\n".to_owned(),
        rows => table(rows),
    };
    let json = json!({ "profiles": profiles.iter().map(object).collect::<Vec<_>>() });
    Report { text, json, exit: Exit::Held }
}

fn is_enabled(profile: &ProfileInfo) -> bool {
    profile.profile_state == Some(ProfileState::Enabled)
}

fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn row(profile: &ProfileInfo) -> [String; 5] {
    [
        profile.iccid.map(|iccid| iccid.to_string()).unwrap_or_default(),
        if is_enabled(profile) { "enabled" } else { "disabled" }.to_owned(),
        text(profile.service_provider_name.as_ref()),
        text(profile.profile_name.as_ref()),
        text(profile.profile_nickname.as_ref()),
    ]
}

fn object(profile: &ProfileInfo) -> Value {
    json!({
        "iccid": profile.iccid.map(|iccid| iccid.to_string()),
        "aid": profile.isdp_aid.as_ref().map(|aid| Hex(aid).to_string()),
        "enabled": is_enabled(profile), "provider": profile.service_provider_name,
        "name": profile.profile_name, "nickname": profile.profile_nickname,
        "class": profile.profile_class.map(|class| class.to_string()),
        "rules": profile.profile_policy_rules.map(|rules| rules.names()),
    })
}

pub(super) fn waiting(waiting: &[NotificationMetadata]) -> Report {
    let rows: Vec<_> = waiting.iter().map(notification_row).collect();
    let text = match rows.as_slice() {
        [] => "no server is to be told of anything\n".to_owned(),
        rows => table(rows),
    };
    let json = json!({ "notifications": waiting.iter().map(notification).collect::<Vec<_>>() });
    Report { text, json, exit: Exit::Held }
}

fn event(notification: &NotificationMetadata) -> &'static str {
    let events = notification.profile_management_operation;
    [
        (NotificationEvent::INSTALL, "install"),
        (NotificationEvent::ENABLE, "enable"),
        (NotificationEvent::DISABLE, "disable"),
        (NotificationEvent::DELETE, "delete"),
    ]
    .into_iter()
    .find_map(|(event, name)| events.has(event).then_some(name))
    .unwrap_or("unknown")
}

fn notification_row(one: &NotificationMetadata) -> [String; 4] {
    let iccid = one.iccid.map(|iccid| iccid.to_string()).unwrap_or_default();
    [one.seq_number.to_string(), event(one).to_owned(), iccid, one.notification_address.clone()]
}

fn notification(one: &NotificationMetadata) -> Value {
    json!({
        "number": one.seq_number, "operation": event(one), "server": one.notification_address,
        "iccid": one.iccid.map(|iccid| iccid.to_string()),
    })
}

/// Reports what servers were told; one that was not is a failure.
pub(super) fn reports(reports: &[NotificationReport]) -> Report {
    let rows: Vec<_> = reports
        .iter()
        .map(|report| {
            let [number, event, iccid, server] = notification_row(&report.notification);
            [number, event, iccid, server, taken(&report.taken)]
        })
        .collect();
    let text = match rows.as_slice() {
        [] => "no server is to be told of anything\n".to_owned(),
        rows => table(rows),
    };
    let all = reports.iter().map(|report| {
        let mut object = notification(&report.notification);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("taken".into(), (report.taken == Taken::Yes).into());
            fields.insert("result".into(), taken(&report.taken).into());
        }
        object
    });
    let json = json!({ "notifications": all.collect::<Vec<_>>() });
    let failed = reports.iter().any(|report| report.taken != Taken::Yes);
    Report { text, json, exit: if failed { Exit::Failed } else { Exit::Held } }
}

fn taken(taken: &Taken) -> String {
    match taken {
        Taken::Yes => "taken".to_owned(),
        Taken::NotRemoved(error) => format!("taken, and still on the eUICC: {error}"),
        Taken::Refused(status) => format!("refused: {status}"),
        Taken::Failed(failure) => format!("not told: {failure}"),
        Taken::Unread(error) => format!("not told: {error}"),
        Taken::Behind => "waits behind another".to_owned(),
    }
}

pub(super) fn events(events: &[EventEntry]) -> Report {
    let text = match events {
        [] => "nothing waits for this eUICC\n".to_owned(),
        events => events
            .iter()
            .map(|event| format!("LPA:1${}${}\n", event.rsp_server_address, event.event_id))
            .collect(),
    };
    let entries = events
        .iter()
        .map(|event| json!({ "server": event.rsp_server_address, "event_id": event.event_id }));
    Report { text, json: json!({ "events": entries.collect::<Vec<_>>() }), exit: Exit::Held }
}
