//! An SM-DS is asked which servers have something for this eUICC (SGP.22, 3.6.2).

use polysim_rsp::es9;

use super::session::{Peer, Session, Trouble, authenticate_client, authenticate_server, initiate};
use super::{Link, info};
use crate::{Discover, LpaDone, LpaError, WrongServer};

pub(super) async fn discover(link: &mut Link, discover: Discover) -> Result<LpaDone, LpaError> {
    let address = match discover.server {
        Some(address) => address,
        None => info::addresses(link).await?.root_ds_address,
    };
    let peer = Peer {
        address: &address,
        matching_id: "",
        oid: None,
        ci_key_id: None,
        device: discover.device,
    };
    let mut attempt = 1;
    loop {
        let error = match once(link, &peer).await {
            Ok(done) => return Ok(done),
            Err(Trouble::Again(error)) if attempt < link.config.sessions => error,
            Err(
                Trouble::Again(error)
                | Trouble::Over(error)
                | Trouble::GiveUp(_, error)
                | Trouble::WrongCode(error),
            ) => return Err(error),
        };
        drop(error);
        link.pause(attempt).await;
        attempt += 1;
    }
}

async fn once(link: &mut Link, peer: &Peer<'_>) -> Result<LpaDone, Trouble> {
    let (session, ok): (Session, _) = initiate(link, peer).await?;
    let response = authenticate_server(link, &session, peer, *ok).await?;
    let answer = authenticate_client(link, &session, response).await?;
    let es9::Answer::Events { transaction_id, entries } = answer else {
        return Err(Trouble::Over(session.wrong(WrongServer::Answer)));
    };
    session.check(&transaction_id)?;
    Ok(LpaDone::Discovered(entries))
}
