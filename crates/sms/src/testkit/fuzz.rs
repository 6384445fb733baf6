//! Bodies of the fuzz targets: arbitrary octets in, assertions on what comes of them.

use alloc::vec::Vec;
use core::fmt::Debug;

use polysim_base::{Duration, Instant};

use crate::{
    Accepted, Address, AtPdu, Concatenation, DataCoding, Element, HeaderBuf, Incomplete, Limits,
    MobileOriginated, MobileTerminated, Parameters, Part, Reassembler, Reference, Rp,
    TPDU_OCTETS_MAX, Timestamp, Tpdu, USER_DATA_OCTETS_MAX, UserData,
};

const EVERY_RP: [Rp; 3] = [Rp::Data, Rp::Ack, Rp::Error];

/// Reads octets as every TPDU of both directions, bare and with a service centre address.
///
/// # Panics
/// When a TPDU that was read is not the same after writing and reading it again, or breaks a
/// limit.
pub fn fuzz_sms_pdu(data: &[u8]) {
    for rp in EVERY_RP {
        if let Some(tpdu) = round_trip::<MobileTerminated>(data, rp) {
            match &tpdu {
                MobileTerminated::Deliver(deliver) => check_user_data(Some(&deliver.user_data)),
                MobileTerminated::StatusReport(report) => check_parameters(report.parameters()),
                MobileTerminated::SubmitReport(report) => check_parameters(&report.parameters),
            }
        }
        if let Some(tpdu) = round_trip::<MobileOriginated>(data, rp) {
            match &tpdu {
                MobileOriginated::Submit(submit) => check_user_data(Some(&submit.user_data)),
                MobileOriginated::Command(command) => {
                    let elements = command.header().map(|h| h.raw_elements().count());
                    assert!(elements.unwrap_or(0) <= command.data().len());
                }
                MobileOriginated::DeliverReport(report) => check_parameters(&report.parameters),
            }
        }
        round_trip_at::<MobileTerminated>(data, rp);
        round_trip_at::<MobileOriginated>(data, rp);
    }
}

fn round_trip<T: Tpdu + Clone + Debug + Eq>(data: &[u8], rp: Rp) -> Option<T> {
    let tpdu = match T::parse(data, rp) {
        Ok(tpdu) => tpdu,
        Err(error) => {
            assert!(error.at <= data.len(), "{error} lies outside the input");
            return None;
        }
    };
    let octets = tpdu.to_octets();
    assert!(octets.len() <= TPDU_OCTETS_MAX);
    assert_eq!(T::parse(&octets, rp).as_ref(), Ok(&tpdu));
    Some(tpdu)
}

fn round_trip_at<T: Tpdu + Clone + Debug + Eq>(data: &[u8], rp: Rp) {
    let Ok(pdu) = AtPdu::<T>::parse_stored(data, rp) else {
        return;
    };
    let mut octets = Vec::new();
    pdu.encode(&mut octets);
    assert_eq!(AtPdu::parse(&octets, rp).as_ref(), Ok(&pdu));
    let mut text = Vec::new();
    let length = pdu.write_hex(&mut text);
    assert_eq!(AtPdu::parse_hex(&text, Some(length), rp).as_ref(), Ok(&pdu));
}

fn check_parameters(parameters: &Parameters) {
    check_user_data(parameters.user_data());
}

fn check_user_data(user_data: Option<&UserData>) {
    let Some(user_data) = user_data else { return };
    assert!(user_data.octets().len() <= USER_DATA_OCTETS_MAX);
    assert!(user_data.payload().len() <= user_data.octets().len());
    if let Some(concatenation) = user_data.concatenation() {
        assert!((1..=concatenation.total()).contains(&concatenation.sequence()));
    }
    if let Ok(text) = user_data.text() {
        // A septet is a character of up to three octets of UTF-8, an escape none of its own.
        assert!(text.len() <= usize::from(user_data.length()) * 3);
    }
    assert!(user_data.septets().len() <= usize::from(user_data.length()));
}

/// Reads octets as parts of messages and moments, seven octets each.
///
/// # Panics
/// When a part is lost or doubled, or a limit is broken.
pub fn fuzz_sms_reassembly(data: &[u8]) {
    let limits =
        Limits { window: Duration::from_secs(100), open_per_originator: 2, open: 3, remembered: 2 };
    let mut reassembler = Reassembler::new(limits);
    let mut now = Instant::ZERO;
    let mut back = Vec::new();
    let (steps, _) = data.as_chunks::<7>();
    for (tag, step) in steps.iter().enumerate() {
        let [sender, reference, total, sequence, content, time, wide] = *step;
        now = now.plus(Duration::from_secs(u64::from(time)));
        let reference = match wide & 1 {
            0 => Reference::Eight(reference & 3),
            _ => Reference::Sixteen(u16::from(reference & 3)),
        };
        let Some(part) = part(sender & 3, (reference, total & 7, sequence & 7), content & 1, tag)
        else {
            back.push(tag);
            continue;
        };
        match reassembler.accept(now, part) {
            Ok(Accepted::Complete(whole)) => {
                let numbers = whole.parts().map(|part| part.user_data.concatenation());
                let numbers = numbers.map(|c| c.map_or(1, |c| usize::from(c.sequence())));
                assert!(numbers.eq(1..=whole.parts().count()), "in their order, without gaps");
                back.extend(whole.into_parts().map(|part| part.tag));
            }
            Ok(Accepted::Duplicate(part)) => back.push(part.tag),
            Ok(Accepted::Pending { received, total }) => assert!(received < total),
            Err(refused) => back.push(refused.part.tag),
        }
        drain(&mut reassembler, now, &mut back);
        assert!(reassembler.open_count() <= limits.open);
        assert!(reassembler.poll_timeout().is_none_or(|due| due > now));
    }
    drain(&mut reassembler, Instant::MAX, &mut back);
    assert_eq!(reassembler.open_count(), 0);
    back.sort_unstable();
    assert!(back.into_iter().eq(0..steps.len()), "each part comes back exactly once");
}

fn drain(reassembler: &mut Reassembler<usize>, now: Instant, back: &mut Vec<usize>) {
    while let Some(Incomplete { total, parts }) = reassembler.expire(now) {
        assert!(parts.len() < usize::from(total));
        back.extend(parts.into_iter().map(|(_, part)| part.tag));
    }
}

fn part(
    sender: u8,
    (reference, total, sequence): (Reference, u8, u8),
    content: u8,
    tag: usize,
) -> Option<Part<usize>> {
    let number = Concatenation::new(reference, total, sequence)?;
    let mut header = HeaderBuf::new();
    header.push(Element::Concatenation(number)).ok()?;
    let name = ["1", "2", "3", "4"].get(usize::from(sender))?;
    Some(Part {
        originator: Address::international(name).ok()?,
        timestamp: Timestamp::default(),
        user_data: UserData::from_octets(DataCoding::OCTETS, &header, &[content]).ok()?,
        tag,
    })
}
