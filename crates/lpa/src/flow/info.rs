//! What is known of an eUICC.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::Eid;
use polysim_rsp::data::{
    EuiccConfiguredAddressesRequest, EuiccConfiguredAddressesResponse, GetEuiccDataRequest,
    GetEuiccDataResponse, GetEuiccInfo1Request, GetEuiccInfo2Request, GetRatRequest,
    GetRatResponse, ProfilePolicyAuthorisationRule, encode,
};

use super::Link;
use crate::transport::CardError;
use crate::{EuiccStatus, LpaDone, LpaError};

/// The tag of the EID.
const EID_TAG: &[u8] = &[0x5A];

pub(super) async fn info(link: &mut Link) -> Result<LpaDone, LpaError> {
    let request = GetEuiccDataRequest { tag_list: EID_TAG.into() };
    let data: GetEuiccDataResponse = link.read("GetEID", encode(&request)).await?;
    let addresses = addresses(link).await?;
    let info1 = link.read("GetEUICCInfo1", encode(&GetEuiccInfo1Request {})).await?;
    let info2 = link.read("GetEUICCInfo2", encode(&GetEuiccInfo2Request {})).await?;
    let rules = rules(link).await?;
    let digits: String = data
        .eid_value
        .iter()
        .flat_map(|octet| [octet >> 4, octet & 0x0F])
        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('?'))
        .collect();
    let eid = Eid::parse(&digits).map_err(|_| LpaError::Eid)?;
    Ok(LpaDone::Info(Box::new(EuiccStatus { eid, addresses, info1, info2, rules })))
}

/// Reads the servers that are configured.
pub(super) async fn addresses(
    link: &mut Link,
) -> Result<EuiccConfiguredAddressesResponse, LpaError> {
    let request = encode(&EuiccConfiguredAddressesRequest {});
    link.read("GetEuiccConfiguredAddresses", request).await
}

/// Reads the rules authorisation table; `None` where the eUICC does not have this function.
pub(super) async fn rules(
    link: &mut Link,
) -> Result<Option<Vec<ProfilePolicyAuthorisationRule>>, LpaError> {
    match link.read::<GetRatResponse>("GetRAT", encode(&GetRatRequest {})).await {
        Ok(table) => Ok(Some(table.rat)),
        Err(LpaError::Card { error: CardError::Refused(_), .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
