//! A session is given up, on card and server both.

use alloc::boxed::Box;

use polysim_rsp::data::{
    CancelSessionReason, CancelSessionRequest, CancelSessionResponse, Raw, TransactionId, encode,
};
use polysim_rsp::es9;

use super::Link;

/// Gives a session up, as far as that can be done: where the card knows of no such session there is
/// nobody who could sign for the server, and a session that the server is not told of ends by itself.
/// Doing it twice is as good as once.
pub(super) async fn cancel(
    link: &mut Link,
    address: &str,
    transaction_id: &[u8],
    reason: CancelSessionReason,
) {
    let transaction_id = TransactionId::from_slice(transaction_id);
    let request = CancelSessionRequest { transaction_id: transaction_id.clone(), reason };
    let response: Result<Raw<CancelSessionResponse>, _> =
        link.read("CancelSession", encode(&request)).await;
    let Ok(cancel_session_response) = response else { return };
    match &*cancel_session_response {
        CancelSessionResponse::Error(_) => {}
        CancelSessionResponse::Ok(_) => {
            let body = es9::CancelSession { transaction_id, cancel_session_response };
            let request = es9::Request::CancelSession(Box::new(body));
            // What the server makes of it changes nothing here.
            drop(link.server(address, request).await);
        }
    }
}
