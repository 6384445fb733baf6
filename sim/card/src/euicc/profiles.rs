//! The list of profiles (SGP.22, 5.7.15).

use polysim_rsp::data::{
    Extensions, ProfileInfo, ProfileInfoListError, ProfileInfoListRequest, ProfileInfoListResponse,
    ProfileSearch, ProfileState,
};

use super::Euicc;
use super::isdp::Isdp;

/// What is told of a profile where nobody asks for more: ICCID, ISD-P, state, nickname, operator,
/// name, icon with its type, class.
const USUAL: [u32; 9] = [0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95];
/// What can be told beside: who is notified, the owner, data of the SM-DP+, policy rules.
const FURTHER: [u32; 4] = [0xB6, 0xB7, 0xB8, 0x99];

impl Euicc {
    pub(super) fn list(&self, asked: &ProfileInfoListRequest) -> ProfileInfoListResponse {
        let tags = match &asked.tag_list {
            None => USUAL.to_vec(),
            Some(list) => match tags(list) {
                Some(tags) => tags,
                None => {
                    let wrong = ProfileInfoListError::IncorrectInputValues;
                    return ProfileInfoListResponse::Error(wrong);
                }
            },
        };
        let wanted = self.isdps.iter().filter(|isdp| matches(isdp, asked.search_criteria.as_ref()));
        ProfileInfoListResponse::Ok(wanted.map(|isdp| self.tell(isdp, &tags)).collect())
    }

    fn tell(&self, isdp: &Isdp, tags: &[u32]) -> ProfileInfo {
        let wants = |tag| tags.contains(&tag);
        let metadata = &isdp.metadata;
        let state = match self.enabled == Some(isdp.id) {
            true => ProfileState::Enabled,
            false => ProfileState::Disabled,
        };
        let icon = metadata.icon.as_ref();
        let rules = Some(metadata.rules).filter(|rules| !rules.is_none());
        let notified = Some(&metadata.notifications).filter(|all| !all.is_empty());
        ProfileInfo {
            iccid: wants(0x5A).then_some(isdp.iccid),
            isdp_aid: wants(0x4F).then(|| isdp.id.aid().to_vec().into()),
            profile_state: wants(0x9F70).then_some(state),
            profile_nickname: isdp.nickname.clone().filter(|_| wants(0x90)),
            service_provider_name: wants(0x91).then(|| metadata.service_provider.clone()),
            profile_name: wants(0x92).then(|| metadata.name.clone()),
            icon_type: icon.filter(|_| wants(0x93)).map(|(kind, _)| *kind),
            icon: icon.filter(|_| wants(0x94)).map(|(_, icon)| icon.clone().into()),
            profile_class: wants(0x95).then_some(metadata.class),
            notification_configuration_info: notified.filter(|_| wants(0xB6)).cloned(),
            profile_owner: isdp.owner().filter(|_| wants(0xB7)).cloned(),
            dp_proprietary_data: isdp.proprietary.clone().filter(|_| wants(0xB8)),
            profile_policy_rules: rules.filter(|_| wants(0x99)),
            extensions: Extensions::default(),
        }
    }
}

fn matches(isdp: &Isdp, wanted: Option<&ProfileSearch>) -> bool {
    match wanted {
        None => true,
        Some(ProfileSearch::IsdpAid(aid)) => isdp.id.aid() == aid.as_ref(),
        Some(ProfileSearch::Iccid(iccid)) => isdp.iccid == *iccid,
        Some(ProfileSearch::ProfileClass(class)) => isdp.metadata.class == *class,
    }
}

/// Reads a list of tags; `None` where one is none that a profile has.
fn tags(list: &[u8]) -> Option<Vec<u32>> {
    let mut tags = Vec::new();
    let mut rest = list.iter();
    while let Some(&first) = rest.next() {
        let mut tag = u32::from(first);
        if first & 0x1F == 0x1F {
            tag = tag << 8 | u32::from(*rest.next()?);
        }
        if !USUAL.contains(&tag) && !FURTHER.contains(&tag) {
            return None;
        }
        tags.push(tag);
    }
    Some(tags)
}
