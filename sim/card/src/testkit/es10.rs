//! Functions of ES10 without APDUs: a whole download, and the body of a fuzz target.

use polysim_base::Instant;
use polysim_rsp::bsp::segments;
use polysim_rsp::data::{
    AuthenticateServerResponse, GetEuiccChallengeRequest, GetEuiccChallengeResponse,
    PrepareDownloadResponse, ProfileInstallationResult, decode, encode,
};

use super::server::{Order, Server, Session};
use crate::Card;

/// Has an eUICC prepare the download of an order, and binds the package to it; `None` where it
/// does not.
#[must_use]
pub fn bound_package(card: &mut Card, session: &Session, order: &Order) -> Option<Vec<u8>> {
    let mut ask = |request: &[u8]| card.es10(Instant::ZERO, request);
    let challenge = ask(&encode(&GetEuiccChallengeRequest {}));
    let challenge: GetEuiccChallengeResponse = decode("challenge", &challenge).ok()?;
    let answer = ask(&encode(&session.authenticate(*challenge.euicc_challenge)));
    let AuthenticateServerResponse::Ok(done) = decode("answer", &answer).ok()? else {
        return None;
    };
    let answer = ask(&encode(&session.prepare(&*done.euicc_signature1, None)));
    let PrepareDownloadResponse::Ok(done) = decode("answer", &answer).ok()? else {
        return None;
    };
    let eid = card.euicc()?.eid();
    Some(session.bind(&eid, &done.euicc_signed2.euicc_otpk, order))
}

/// Downloads an order; `None` where the eUICC does not even come to a result.
#[must_use]
pub fn download(
    card: &mut Card,
    session: &Session,
    order: &Order,
) -> Option<ProfileInstallationResult> {
    let package = bound_package(card, session, order)?;
    let pieces = segments(&package).ok()?;
    let answers = pieces.into_iter().map(|piece| card.es10(Instant::ZERO, piece));
    let result = answers.into_iter().find(|answer| !answer.is_empty())?;
    decode("result", &result).ok()
}

/// Carries functions out that `data` holds, each with two octets of length before it. A length from
/// `FF00` on is something that goes right: `FFFF` a reset, `FF00` a download that is prepared, any
/// other the next piece of its package with the low octet flipped into its end. One profile at most
/// is enabled, the terminal sees it after a reset, and memory is neither lost nor gained.
///
/// # Panics
/// When the eUICC breaks one of these rules.
#[expect(clippy::expect_used, reason = "what it is made of is fixed")]
pub fn fuzz_card_es10(data: &[u8]) {
    let (server, order) = (Server::default(), Order::default());
    let mut card = Card::new_euicc(server.euicc()).expect("an eUICC");
    card.power_on();
    let (mut package, mut loaded, mut rest) = (Vec::new(), 0, data);
    while let Some((length, behind)) = rest.split_first_chunk() {
        rest = behind;
        match u16::from_be_bytes(*length) {
            0xFFFF => drop(card.reset()),
            0xFF00 => {
                let bound = bound_package(&mut card, &server.session(1), &order);
                (package, loaded) = (bound.unwrap_or_default(), 0);
            }
            special @ 0xFF01..=0xFFFE => {
                let pieces = segments(&package).unwrap_or_default();
                let mut piece = pieces.get(loaded).map(|piece| piece.to_vec()).unwrap_or_default();
                if let Some(last) = piece.last_mut() {
                    *last ^= special.to_be_bytes()[1] & 0xFE;
                }
                loaded += 1;
                card.es10(Instant::ZERO, &piece);
            }
            length => {
                let (request, behind) = rest.split_at(usize::from(length).min(rest.len()));
                rest = behind;
                card.es10(Instant::ZERO, request);
            }
        }
        check(&card);
    }
    card.power_on();
    let enabled = card.euicc().and_then(|euicc| euicc.enabled()).map(|profile| profile.iccid);
    assert_eq!(enabled.flatten(), card.iccid());
}

fn check(card: &Card) {
    let Some(euicc) = card.euicc() else { unreachable!("it was made as an eUICC") };
    let enabled = euicc.profiles().filter(|profile| profile.enabled).count();
    assert!(enabled <= 1, "{enabled} profiles are enabled");
    let taken: u32 = euicc.profiles().map(|profile| profile.size).sum();
    assert_eq!(taken + euicc.free_memory(), euicc.model().memory);
    let numbers: Vec<u64> = euicc.pending_notifications().map(|one| one.seq_number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}
