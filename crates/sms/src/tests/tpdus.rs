use std::string::ToString;

use super::hex;
use crate::{
    Address, Command, CommandType, DataCoding, Deliver, DeliverReport, FailureCause, HeaderBuf,
    MobileOriginated, MobileTerminated, Parameters, ProtocolId, Rp, Status, StatusClass,
    StatusReport, Submit, SubmitReport, TextError, Timestamp, Tpdu, TpduErrorKind, UserData,
    UserDataError, ValidityPeriod,
};

fn address() -> Address {
    Address::international("491701234567").unwrap()
}

fn timestamp() -> Timestamp {
    Timestamp::new((26, 11, 22), (2, 14, 5), 4).unwrap()
}

fn terminated(text: &str, rp: Rp) -> MobileTerminated {
    let octets = hex(text);
    let tpdu = MobileTerminated::parse(&octets, rp).unwrap();
    assert_eq!(tpdu.to_octets(), octets);
    tpdu
}

fn originated(text: &str, rp: Rp) -> MobileOriginated {
    let octets = hex(text);
    let tpdu = MobileOriginated::parse(&octets, rp).unwrap();
    assert_eq!(tpdu.to_octets(), octets);
    tpdu
}

#[test]
fn deliver() {
    let text = UserData::from_text("hello").unwrap();
    let mut deliver = Deliver::new(address(), timestamp(), text);
    let plain = "04 0C91947110325476 00 00 62112220415040 05 E8329BFD06";
    assert_eq!(terminated(plain, Rp::Data), MobileTerminated::Deliver(deliver.clone()));
    deliver.more_messages = true;
    deliver.loop_prevention = true;
    deliver.status_report_indication = true;
    deliver.reply_path = true;
    deliver.protocol = ProtocolId::SIM_DATA_DOWNLOAD;
    let all = "A8 0C91947110325476 7F 00 62112220415040 05 E8329BFD06";
    assert_eq!(terminated(all, Rp::Data), MobileTerminated::Deliver(deliver));
}

/// TS 23.040, 9.2.3.1: a mobile takes the reserved type for a DELIVER.
#[test]
fn the_reserved_type_is_a_deliver() {
    let reserved = hex("07 0C91947110325476 00 00 62112220415040 05 E8329BFD06");
    let tpdu = MobileTerminated::parse(&reserved, Rp::Data).unwrap();
    assert!(matches!(tpdu, MobileTerminated::Deliver(_)));
    assert_eq!(tpdu.to_octets()[0], 0x04);
    let error = MobileOriginated::parse(&hex("03 00"), Rp::Data).unwrap_err();
    assert_eq!(error.kind, TpduErrorKind::MessageType { found: 0b11 });
}

#[test]
fn submit() {
    let text = UserData::from_text("hello").unwrap();
    let mut submit = Submit::new(address(), text).with_reference(0x2A);
    let plain = "01 2A 0C91947110325476 00 00 05 E8329BFD06";
    assert_eq!(originated(plain, Rp::Data), MobileOriginated::Submit(submit.clone()));
    submit = submit.with_status_report().with_protocol(ProtocolId::TYPE_0);
    submit.reject_duplicates = true;
    submit.reply_path = true;
    submit.validity = ValidityPeriod::Absolute(timestamp());
    let all = "BD 2A 0C91947110325476 40 00 62112220415040 05 E8329BFD06";
    assert_eq!(originated(all, Rp::Data), MobileOriginated::Submit(submit));
}

#[test]
fn user_data_with_a_header_has_fill_bits() {
    // Two parts of a text: a header of six octets, one fill bit, then septets.
    let tpdu =
        terminated("44 0C91947110325476 00 00 62112220415040 0C 050003CC0201 D06536FB0D", Rp::Data);
    let MobileTerminated::Deliver(deliver) = tpdu else {
        panic!("{tpdu:?}");
    };
    assert_eq!(deliver.user_data.text().unwrap(), "hello");
    assert_eq!(deliver.user_data.length(), 12);
    assert_eq!(deliver.user_data.concatenation().unwrap().total(), 2);
}

#[test]
fn the_meaningless_bits_do_not_make_messages_differ() {
    let canonical = hex("44 00 81 00 00 62112220415040 0C 050003CC0201 D06536FB0D");
    let mut noisy = canonical.clone();
    noisy[19] |= 0x01; // the fill bit after the header
    *noisy.last_mut().unwrap() |= 0xE0; // the spare bits at the end
    let parse = |octets: &[u8]| MobileTerminated::parse(octets, Rp::Data).unwrap();
    assert_eq!(parse(&noisy), parse(&canonical));
    assert_eq!(parse(&noisy).to_octets(), canonical);
}

#[test]
fn status_report() {
    let mut report = StatusReport::new(7, address(), timestamp(), timestamp(), Status::EXPIRED);
    let plain = "06 07 0C91947110325476 62112220415040 62112220415040 46";
    assert_eq!(terminated(plain, Rp::Data), MobileTerminated::StatusReport(report.clone()));
    assert_eq!(report.recipient(), &address());
    report.more_messages = true;
    report.loop_prevention = true;
    report.for_command = true;
    let parameters = Parameters::NONE
        .with_protocol(ProtocolId(1))
        .with_user_data(UserData::from_text("hi").unwrap());
    let report = report.with_parameters(parameters).unwrap();
    let all = "2A 07 0C91947110325476 62112220415040 62112220415040 46 07 01 00 02 E834";
    assert_eq!(terminated(all, Rp::Data), MobileTerminated::StatusReport(report));
    // An indicator that indicates nothing says no more than none at all.
    let empty = hex("06 07 0C91947110325476 62112220415040 62112220415040 46 00");
    let tpdu = MobileTerminated::parse(&empty, Rp::Data).unwrap();
    assert_eq!(tpdu.to_octets(), hex(plain));
}

#[test]
fn a_status_report_is_no_longer_than_a_tpdu() {
    let far = Address::international("12345678901234567890").unwrap();
    let report = StatusReport::new(7, far, timestamp(), timestamp(), Status::RECEIVED);
    let data = |octets: usize| {
        let payload = alloc::vec![0; octets];
        let data = UserData::from_octets(DataCoding::OCTETS, &HeaderBuf::new(), &payload);
        Parameters::NONE.with_protocol(ProtocolId(0)).with_user_data(data.unwrap())
    };
    let full = report.clone().with_parameters(data(131)).unwrap();
    let octets = MobileTerminated::StatusReport(full).to_octets();
    assert_eq!(octets.len(), 164);
    let error = report.with_parameters(data(132)).unwrap_err();
    let limit = 164;
    assert_eq!(error, UserDataError::TooLong { length: 165, limit });
    let mut longer = octets;
    longer[32] += 1;
    longer.push(0);
    let error = MobileTerminated::parse(&longer, Rp::Data).unwrap_err();
    assert_eq!(error.kind, TpduErrorKind::TooLong { octets: 165, limit });
}

#[test]
fn submit_report() {
    let success = SubmitReport::success(timestamp());
    assert_eq!(
        terminated("01 00 62112220415040", success.rp()),
        MobileTerminated::SubmitReport(success)
    );
    let failure = SubmitReport::failure(FailureCause::BUSY, timestamp());
    assert_eq!(failure.rp(), Rp::Error);
    assert_eq!(
        terminated("01 C0 00 62112220415040", Rp::Error),
        MobileTerminated::SubmitReport(failure)
    );
}

#[test]
fn deliver_report() {
    let ack = DeliverReport::default();
    assert_eq!(ack.rp(), Rp::Ack);
    assert_eq!(originated("00 00", Rp::Ack), MobileOriginated::DeliverReport(ack));
    let header = HeaderBuf::new();
    let payload = hex("027100000E0AB00010");
    let data = UserData::from_octets(DataCoding::OTA, &header, &payload).unwrap();
    let error = DeliverReport {
        failure: Some(FailureCause::DATA_DOWNLOAD),
        parameters: Parameters::NONE.with_protocol(ProtocolId(0x7F)).with_user_data(data),
    };
    assert_eq!(
        originated("00 D5 07 7F F6 09 027100000E0AB00010", Rp::Error),
        MobileOriginated::DeliverReport(error)
    );
    // User data without a coding is in the default alphabet.
    let bare = originated("00 04 02 E834", Rp::Ack);
    let MobileOriginated::DeliverReport(report) = bare else {
        panic!("{bare:?}");
    };
    assert_eq!(report.parameters.coding(), None);
    assert_eq!(report.parameters.user_data().unwrap().text().unwrap(), "hi");
}

#[test]
fn command() {
    let mut command = Command::new(CommandType::DELETE, 9, address()).with_reference(4);
    command.status_report_request = true;
    let plain = "22 04 00 02 09 0C91947110325476 00";
    assert_eq!(originated(plain, Rp::Data), MobileOriginated::Command(command.clone()));
    let mut header = HeaderBuf::new();
    header.push_raw(0x70, &[]).unwrap();
    let command = command.with_data(&header, b"ok").unwrap();
    assert_eq!(command.header().unwrap().raw_elements().count(), 1);
    let all = "62 04 00 02 09 0C91947110325476 05 02 70 00 6F 6B";
    assert_eq!(originated(all, Rp::Data), MobileOriginated::Command(command.clone()));
    // Nine octets before the number's six, one after: 148 are left of 164.
    assert!(command.clone().with_data(&HeaderBuf::new(), &[0; 150]).is_ok());
    let error = command.with_data(&HeaderBuf::new(), &[0; 151]).unwrap_err();
    let (length, limit) = (151, 150);
    assert_eq!(error, UserDataError::TooLong { length, limit });
}

#[test]
fn each_direction_and_carrier_has_its_own_types() {
    let fits = |first: u8, rp| {
        let mut octets = alloc::vec![0; 40];
        octets[0] = first;
        let wrong = TpduErrorKind::MessageType { found: first & 3 };
        let down = MobileTerminated::parse(&octets, rp).err().map(|e| e.kind);
        let up = MobileOriginated::parse(&octets, rp).err().map(|e| e.kind);
        (down != Some(wrong.clone()), up != Some(wrong))
    };
    let table = [
        (0b00, Rp::Data, (true, false)),
        (0b01, Rp::Data, (false, true)),
        (0b10, Rp::Data, (true, true)),
        (0b11, Rp::Data, (true, false)),
        (0b00, Rp::Ack, (false, true)),
        (0b01, Rp::Ack, (true, false)),
        (0b10, Rp::Ack, (false, false)),
        (0b11, Rp::Ack, (false, false)),
        (0b00, Rp::Error, (false, true)),
        (0b01, Rp::Error, (true, false)),
        (0b10, Rp::Error, (false, false)),
        (0b11, Rp::Error, (false, false)),
    ];
    for (first, rp, expected) in table {
        assert_eq!(fits(first, rp), expected, "{first:02b} {rp:?}");
    }
}

#[test]
fn what_is_no_text_says_so() {
    let data = |coding| UserData::from_octets(coding, &HeaderBuf::new(), &[0]).unwrap();
    assert_eq!(data(DataCoding::OCTETS).text(), Err(TextError::Binary));
    assert_eq!(data(DataCoding(0x20)).text(), Err(TextError::Compressed));
    let odd = data(DataCoding::UCS2).text().unwrap_err();
    assert_eq!(odd.to_string(), "part 0: 1 octets do not make whole code units");
}

#[test]
fn status_classes() {
    for (range, class) in [
        (0x00..=0x1F, StatusClass::Completed),
        (0x20..=0x3F, StatusClass::TemporaryTrying),
        (0x40..=0x5F, StatusClass::Permanent),
        (0x60..=0x7F, StatusClass::TemporaryFinal),
        (0x80..=0xFF, StatusClass::Reserved),
    ] {
        for value in range {
            assert_eq!(Status(value).class(), class);
            assert_eq!(Status(value).is_final(), class != StatusClass::TemporaryTrying);
        }
    }
    assert!(Status::RECEIVED.is_delivered() && !Status::FORWARDED.is_delivered());
    assert_eq!(Status::EXPIRED.to_string(), "46 validity period expired");
    assert_eq!(FailureCause(0xE1).to_string(), "E1");
    assert_eq!(FailureCause::SIM_FULL.to_string(), "D0 SIM SMS storage full");
}
