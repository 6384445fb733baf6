//! What the applet tells a tool.

use alloc::vec::Vec;
use polysim_apdu::{Response, Status};

use super::contact::{Contact, Terminal, ToolPort};
use super::error::OnSiteError;
use crate::wire::apdu::{AppletState, StoredPair};

const GET_DATA: &str = "GET DATA";

/// Reads the pair that the applet has stored, with a binding request for the platform.
///
/// # Errors
/// [`OnSiteError`].
pub async fn read_pair(
    port: ToolPort,
    aid: Vec<u8>,
    terminal: Terminal,
) -> Result<StoredPair, OnSiteError> {
    let response = ask(port, &aid, terminal, StoredPair::get()).await?;
    if response.status == Status::ConditionsNotSatisfied {
        return Err(OnSiteError::NoPair);
    }
    Ok(StoredPair::parse(&data(response)?)?)
}

/// Reads what the applet is doing.
///
/// # Errors
/// [`OnSiteError`].
pub async fn read_state(
    port: ToolPort,
    aid: Vec<u8>,
    terminal: Terminal,
) -> Result<AppletState, OnSiteError> {
    let response = ask(port, &aid, terminal, AppletState::get()).await?;
    Ok(AppletState::parse(&data(response)?)?)
}

fn data(Response { data, status }: Response) -> Result<Vec<u8>, OnSiteError> {
    if status.is_done() {
        Ok(data)
    } else {
        Err(OnSiteError::Refused { command: GET_DATA, status })
    }
}

async fn ask(
    port: ToolPort,
    aid: &[u8],
    terminal: Terminal,
    apdu: [u8; 5],
) -> Result<Response, OnSiteError> {
    let mut contact = Contact::new(port, terminal);
    let lane = contact.open(aid).await?;
    let response = contact.transmit(lane, apdu.to_vec()).await;
    contact.close(lane).await;
    response
}
