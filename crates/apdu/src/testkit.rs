//! Bodies of fuzz targets: each decodes arbitrary bytes and asserts what must hold.

use alloc::vec::Vec;

use crate::ef::{self, Contents};
use crate::{
    AccessRules, ApduSecrets, Atr, AuthenticateReply, Command, CommandApdu, Fcp, SimResponse,
    Status, T0Card, T0Error, T0Exchange, T0Host, decode_alpha, encode_alpha,
};

/// What reads as an APDU or command must write back to what reads the same; host and card must
/// agree over T=0.
pub fn fuzz_apdu_command(data: &[u8]) {
    if let Ok(exchange) = T0Exchange::parse(data) {
        assert!(exchange.sent.is_empty() || exchange.received.is_empty(), "both directions");
    }
    let Ok(apdu) = CommandApdu::parse(data) else { return };
    assert_eq!(CommandApdu::parse(&apdu.to_vec()), Ok(apdu));
    match Command::decode(&apdu) {
        Ok(command) => {
            let mut out = Vec::new();
            assert_eq!(command.emit(&mut out), Ok(()));
            assert_eq!(Command::parse(&out), Ok(command));
        }
        Err(status) => assert!(!status.is_done(), "{status:?} is no refusal"),
    }
    over_t0(&apdu, data);
}

fn over_t0(apdu: &CommandApdu<'_>, answer: &[u8]) {
    let mut host = match T0Host::new(apdu) {
        Ok(host) => host,
        Err(error) => {
            let len = apdu.data().len();
            assert_eq!(error, T0Error::TooLong { len, limit: 255 });
            return;
        }
    };
    let (mut card, mut reply, mut executed) = (T0Card::default(), Vec::new(), 0);
    loop {
        if let Some(command) = card.receive(host.tpdu(), &mut reply) {
            executed += 1;
            if apdu.le().is_some() {
                reply.extend_from_slice(answer);
            }
            card.answer(&command, Status::Success, &mut reply);
        }
        match host.handle(&reply) {
            Ok(None) => {}
            Ok(Some(response)) => {
                assert!(answer.starts_with(&response.data), "other bytes than the card's");
                break;
            }
            Err(error) => {
                assert!(matches!(error, T0Error::Endless { .. }), "{error}");
                break;
            }
        }
    }
    assert!(executed <= 1, "executed {executed} times");
}

/// What reads as FCP, as the answer of a 2G SIM or as access rules must write back to what reads
/// the same.
pub fn fuzz_fcp(data: &[u8]) {
    let mut out = Vec::new();
    if let Ok(fcp) = Fcp::parse(data) {
        fcp.emit(&mut out);
        assert_eq!(Fcp::parse(&out), Ok(fcp));
    }
    if let Ok(rules) = AccessRules::parse(data) {
        out.clear();
        rules.emit(&mut out);
        assert_eq!(AccessRules::parse(&out), Ok(rules));
    }
    if let Ok(response) = SimResponse::parse(data) {
        out.clear();
        response.emit(&mut out);
        assert!(SimResponse::parse(&out).is_ok(), "own answer refused");
    }
}

/// What reads as an answer to reset must write back to the same bytes.
pub fn fuzz_atr(data: &[u8]) {
    if let Ok((atr, rest)) = Atr::parse_prefix(data) {
        let bytes = atr.emit();
        let used = data.get(..data.len() - rest.len()).unwrap_or_default();
        assert_eq!(bytes.as_deref(), Ok(used));
        assert!(atr.compact_objects().count() <= used.len(), "objects out of nothing");
    }
}

/// Masks commands and responses, each after its length: lengths and status words stay, and no PIN,
/// session key or content of a file with keys does.
pub fn fuzz_apdu_secrets(data: &[u8]) {
    let (mut secrets, mut rest, mut in_keys) = (ApduSecrets::default(), data, false);
    while let (Some(command), Some(response)) = (piece(&mut rest), piece(&mut rest)) {
        let masked = secrets.command(command).to_vec();
        assert_eq!(masked.len(), command.len(), "the length of a command");
        let shown = secrets.response(response).to_vec();
        assert_eq!(shown.len(), response.len(), "the length of a response");
        let Some((content, status)) = response.split_last_chunk::<2>() else { continue };
        assert!(shown.ends_with(status), "the status word");
        let shown = shown.get(..content.len()).unwrap_or_default();
        let Ok(apdu) = CommandApdu::parse(&masked) else {
            in_keys = false;
            continue;
        };
        match apdu.header().bytes() {
            [_, 0x20 | 0x24 | 0x26 | 0x28 | 0x2C, ..] => assert!(is_hidden(apdu.data()), "a PIN"),
            [_, 0x88, ..] => assert_no_key(content, shown),
            // On the basic channel, by file identifier, without an application in between.
            [0x00, 0xA4, 0x00, _] if *status == [0x90, 0x00] => in_keys = apdu.data() == [0x6F, 8],
            [0x00, 0xB0, 0..0x80, _] if in_keys => assert!(is_hidden(shown), "a file with keys"),
            [_, 0xA4 | 0xB0 | 0xB2 | 0xD6 | 0xDC, ..] => in_keys &= *status == [0x6A, 0x82],
            _ => {}
        }
    }
}

/// Takes what is as long as the first octet says.
fn piece<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, tail) = rest.split_first()?;
    let (piece, after) = tail.split_at_checked(usize::from(*len))?;
    *rest = after;
    Some(piece)
}

fn is_hidden(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0xFF)
}

fn assert_no_key(content: &[u8], shown: &[u8]) {
    let Ok(AuthenticateReply::Success { res, .. }) = AuthenticateReply::parse(content) else {
        return;
    };
    let Ok(AuthenticateReply::Success { res: told, ck, ik, kc }) = AuthenticateReply::parse(shown)
    else {
        return assert!(is_hidden(shown), "an answer that cannot be read");
    };
    assert_eq!(told, res);
    let kc_is_hidden = kc.is_none_or(|kc| is_hidden(kc));
    assert!(is_hidden(ck) && is_hidden(ik) && kc_is_hidden, "a session key");
}

/// What reads as contents of a file must, written to a file of that size, read the same.
pub fn fuzz_ef(data: &[u8]) {
    identity_files(data);
    text_files(data);
    object_files(data);
    if let Ok(text) = decode_alpha(data) {
        assert_eq!(decode_alpha(&encode_alpha(&text)), Ok(text));
    }
    if let Ok(reply) = AuthenticateReply::parse(data) {
        let mut out = Vec::new();
        assert_eq!(reply.emit(&mut out), Ok(()));
        assert_eq!(out, data);
    }
}

fn identity_files(data: &[u8]) {
    stable::<polysim_base::Iccid>(data);
    stable::<polysim_base::Imsi>(data);
    stable::<ef::AccessClasses>(data);
    stable::<ef::Administrative>(data);
    stable::<ef::Loci>(data);
    stable::<ef::PsLoci>(data);
    stable::<ef::EpsLoci>(data);
    stable::<ef::FiveGsLoci>(data);
    stable::<ef::CipherKeys>(data);
    stable::<ef::GsmKey>(data);
    stable::<ef::StartHfn>(data);
    stable::<ef::Threshold>(data);
    stable::<ef::GroupFlags>(data);
    stable::<ef::EhplmnIndication>(data);
    stable::<ef::EmergencyServices>(data);
    stable::<ef::ServiceTable>(data);
    stable::<ef::CardPower>(data);
    stable::<ef::Octet>(data);
}

fn text_files(data: &[u8]) {
    stable::<ef::Adn>(data);
    stable::<ef::Cfis>(data);
    stable::<ef::Ecc>(data);
    stable::<ef::Smsp>(data);
    stable::<ef::SmsRecord>(data);
    stable::<ef::SmsStatus>(data);
    stable::<ef::MailboxIds>(data);
    stable::<ef::Spn>(data);
    stable::<ef::Opl>(data);
    stable::<ef::Languages>(data);
    stable::<ef::PlmnList>(data);
    stable::<ef::PlmnActList>(data);
    stable::<ef::RoutingIndicator>(data);
}

fn object_files(data: &[u8]) {
    stable::<ef::Pnn>(data);
    stable::<ef::Application>(data);
    stable::<ef::EpsSecurity>(data);
    stable::<ef::FiveGsSecurity>(data);
    stable::<ef::FiveGsAuthKeys>(data);
    stable::<ef::SuciCalcInfo>(data);
    stable::<ef::ImsText>(data);
    stable::<ef::NetworkAddress>(data);
    stable::<ef::EpdgSelections>(data);
    stable::<ef::ClosedGroups>(data);
    stable::<ef::GroupType>(data);
    stable::<ef::EarfcnList>(data);
}

/// Contents that do not fit any more (a shorter coding was longer in canonical form) are let go.
fn stable<T: Contents + PartialEq + core::fmt::Debug>(data: &[u8]) {
    let Ok(contents) = T::parse(data) else { return };
    if let Ok(file) = contents.emit(data.len()) {
        assert_eq!(file.len(), data.len());
        assert_eq!(T::parse(&file).as_ref(), Ok(&contents));
    }
}

#[cfg(test)]
mod tests {
    use super::{fuzz_apdu_command, fuzz_apdu_secrets, fuzz_atr, fuzz_ef, fuzz_fcp};
    use proptest::prelude::*;
    use std::path::Path;

    /// Runs a body over its seeds; there must be some.
    fn replay(name: &str, body: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
        let seeds = std::fs::read_dir(&folder).unwrap();
        let count = seeds.map(|seed| body(&std::fs::read(seed.unwrap().path()).unwrap())).count();
        assert!(count >= 5, "{count} seeds in {}", folder.display());
    }

    #[test]
    fn the_corpus_replays() {
        replay("apdu_command", fuzz_apdu_command);
        replay("apdu_secrets", fuzz_apdu_secrets);
        replay("fcp", fuzz_fcp);
        replay("atr", fuzz_atr);
        replay("ef", fuzz_ef);
    }

    proptest! {
        #[test]
        fn the_bodies_hold(data in proptest::collection::vec(any::<u8>(), 0..80)) {
            fuzz_apdu_command(&data);
            fuzz_fcp(&data);
            fuzz_atr(&data);
            fuzz_ef(&data);
        }

        #[test]
        fn no_secret_of_a_session_with_a_card_is_left(
            exchanges in proptest::collection::vec(
                (
                    prop::sample::select(&[
                        "00A40004026F08", "00A4000C026F07", "00B0000002", "00B0880002", "00B0840002", "00D688000231FF",
                        "01A40004026F08", "01B0000002", "002000010831323334FFFFFFFF", "008800810100", "00C0000002",
                        "00B2010402", "00B201C402", "00A4040402A000", "00",
                    ][..]),
                    prop::sample::select(&[
                        "9000", "AABB9000", "6A82", "6104", "6283", "", "90",
                        "DB04112233441011111111111111111111111111111111101111111111111111111111111111111108\
                         22222222222222229000",
                    ][..]),
                ),
                0..9,
            ),
        ) {
            let hex = |text: &str| polysim_base::parse_hex(text.as_bytes()).unwrap();
            let framed = |text: &str| [&[u8::try_from(text.len() / 2).unwrap()], hex(text).as_slice()].concat();
            let pairs = exchanges.iter().flat_map(|(command, response)| [*command, *response]);
            fuzz_apdu_secrets(&pairs.flat_map(framed).collect::<std::vec::Vec<_>>());
        }

        #[test]
        fn the_bodies_hold_for_objects(
            tag in prop_oneof![Just(0x80_u8), Just(0xA0), Just(0x61), Just(0x62), Just(0x43), Just(0xA1)],
            data in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut object = std::vec::Vec::new();
            polysim_base::tlv::put_ber(&mut object, u32::from(tag), &data);
            fuzz_fcp(&object);
            fuzz_ef(&object);
        }
    }
}
