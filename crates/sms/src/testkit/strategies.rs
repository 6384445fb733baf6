//! Strategies: any value that a TPDU can hold.

use core::num::NonZeroU8;

use alloc::vec::Vec;
use proptest::{collection::vec, option, prelude::*};

use crate::{
    Address, ClockPeriod, Command, CommandType, DataCoding, Deliver, DeliverReport, EnhancedPeriod,
    EnhancedValidity, FailureCause, HeaderBuf, MobileOriginated, MobileTerminated, Parameters,
    ProtocolId, RelativeValidity, Rp, Status, StatusReport, Submit, SubmitReport, Timestamp,
    UserData, ValidityPeriod, reader::Reader,
};

/// Any address: every type and plan, 0 to 20 digits or 0 to 11 septets.
pub fn address() -> impl Strategy<Value = Address> {
    let octets = vec((0..15_u8, 0..15_u8).prop_map(|(low, high)| high << 4 | low), 10);
    (any::<u8>(), 0..=20_u8, octets).prop_filter_map("every such field is legal", |(ty, len, v)| {
        let mut field = Vec::from([len, ty | 0x80]);
        field.extend(v);
        Address::parse("TP-OA", &mut Reader::new(&field)).ok()
    })
}

/// Any seven octets.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<[u8; 7]>().prop_map(Timestamp::from_octets)
}

/// Any data coding.
pub fn data_coding() -> impl Strategy<Value = DataCoding> {
    any::<u8>().prop_map(DataCoding)
}

/// Any header of up to four elements, known or not, often none.
pub fn header() -> impl Strategy<Value = HeaderBuf> {
    let id =
        prop_oneof![Just(0x00_u8), Just(0x05), Just(0x08), Just(0x24), Just(0x25), any::<u8>()];
    vec((id, vec(any::<u8>(), 0..6)), 0..4).prop_map(|elements| {
        let mut header = HeaderBuf::new();
        for (id, data) in elements {
            // Four short elements always fit.
            let _ = header.push_raw(id, &data);
        }
        header
    })
}

/// Any user data of at most `octets_max` octets.
pub fn user_data_of(octets_max: usize) -> impl Strategy<Value = UserData> {
    let payload = vec(any::<u8>(), 0..=octets_max);
    (data_coding(), header(), payload).prop_filter_map("too long", move |(coding, header, data)| {
        let made = if coding.counts_septets() {
            UserData::from_septets(coding, &header, &data)
        } else {
            UserData::from_octets(coding, &header, &data)
        };
        made.ok().filter(|made| made.octets().len() <= octets_max)
    })
}

/// Any user data.
pub fn user_data() -> impl Strategy<Value = UserData> {
    user_data_of(140)
}

/// Any validity period.
pub fn validity() -> impl Strategy<Value = ValidityPeriod> {
    let relative = any::<u8>().prop_map(RelativeValidity);
    let clock = (0..=99_u8, 0..=59_u8, 0..=59_u8)
        .prop_filter_map("in range", |(h, m, s)| ClockPeriod::new(h, m, s));
    let period = prop_oneof![
        Just(EnhancedPeriod::Unspecified),
        relative.prop_map(EnhancedPeriod::Relative),
        (1..=u8::MAX).prop_filter_map("zero", NonZeroU8::new).prop_map(EnhancedPeriod::Seconds),
        clock.prop_map(EnhancedPeriod::Clock),
    ];
    let enhanced = (any::<bool>(), period).prop_map(|(single_shot, period)| {
        ValidityPeriod::Enhanced(EnhancedValidity { single_shot, period })
    });
    prop_oneof![
        Just(ValidityPeriod::Absent),
        any::<u8>().prop_map(|v| ValidityPeriod::Relative(RelativeValidity(v))),
        enhanced,
        timestamp().prop_map(ValidityPeriod::Absolute),
    ]
}

/// Any optional fields of a report, with at most 131 octets of user data.
pub fn parameters() -> impl Strategy<Value = Parameters> {
    (option::of(any::<u8>()), option::of(user_data_of(131))).prop_map(|(protocol, user_data)| {
        let mut parameters = Parameters::NONE;
        if let Some(protocol) = protocol {
            parameters = parameters.with_protocol(ProtocolId(protocol));
        }
        match user_data {
            Some(user_data) => parameters.with_user_data(user_data),
            None => parameters,
        }
    })
}

/// Any SMS-DELIVER.
pub fn deliver() -> impl Strategy<Value = Deliver> {
    (any::<[bool; 4]>(), address(), any::<u8>(), timestamp(), user_data()).prop_map(
        |([more, lp, sri, rp], originator, protocol, timestamp, user_data)| Deliver {
            more_messages: more,
            loop_prevention: lp,
            status_report_indication: sri,
            reply_path: rp,
            protocol: ProtocolId(protocol),
            ..Deliver::new(originator, timestamp, user_data)
        },
    )
}

/// Any SMS-SUBMIT.
pub fn submit() -> impl Strategy<Value = Submit> {
    (any::<[bool; 3]>(), any::<[u8; 2]>(), address(), validity(), user_data()).prop_map(
        |([rd, rp, srr], [reference, protocol], destination, validity, user_data)| Submit {
            reject_duplicates: rd,
            reply_path: rp,
            status_report_request: srr,
            reference,
            protocol: ProtocolId(protocol),
            validity,
            ..Submit::new(destination, user_data)
        },
    )
}

/// Any SMS-STATUS-REPORT.
pub fn status_report() -> impl Strategy<Value = StatusReport> {
    let times = (timestamp(), timestamp());
    (any::<[bool; 3]>(), any::<[u8; 2]>(), address(), times, parameters()).prop_filter_map(
        "131 octets always fit",
        |([more, lp, srq], [reference, status], recipient, (scts, dt), parameters)| {
            let report = StatusReport::new(reference, recipient, scts, dt, Status(status));
            let mut report = report.with_parameters(parameters).ok()?;
            report.more_messages = more;
            report.loop_prevention = lp;
            report.for_command = srq;
            Some(report)
        },
    )
}

/// Any SMS-SUBMIT-REPORT.
pub fn submit_report() -> impl Strategy<Value = SubmitReport> {
    (option::of(any::<u8>()), timestamp(), parameters()).prop_map(
        |(failure, timestamp, parameters)| SubmitReport {
            failure: failure.map(FailureCause),
            timestamp,
            parameters,
        },
    )
}

/// Any SMS-DELIVER-REPORT.
pub fn deliver_report() -> impl Strategy<Value = DeliverReport> {
    (option::of(any::<u8>()), parameters()).prop_map(|(failure, parameters)| DeliverReport {
        failure: failure.map(FailureCause),
        parameters,
    })
}

/// Any SMS-COMMAND.
pub fn command() -> impl Strategy<Value = Command> {
    let data = (header(), vec(any::<u8>(), 0..100));
    (any::<bool>(), any::<[u8; 4]>(), address(), data).prop_filter_map(
        "too long",
        |(srr, [reference, protocol, kind, number], destination, (header, data))| {
            let command = Command::new(CommandType(kind), number, destination);
            let command = command.with_reference(reference).with_data(&header, &data);
            let mut command = command.ok()?;
            command.status_report_request = srr;
            command.protocol = ProtocolId(protocol);
            Some(command)
        },
    )
}

/// Any TPDU to a mobile, and the RP message that carries it.
pub fn mobile_terminated() -> impl Strategy<Value = (MobileTerminated, Rp)> {
    prop_oneof![
        deliver().prop_map(|tpdu| (MobileTerminated::Deliver(tpdu), Rp::Data)),
        status_report().prop_map(|tpdu| (MobileTerminated::StatusReport(tpdu), Rp::Data)),
        submit_report().prop_map(|tpdu| {
            let rp = tpdu.rp();
            (MobileTerminated::SubmitReport(tpdu), rp)
        }),
    ]
}

/// Any TPDU from a mobile, and the RP message that carries it.
pub fn mobile_originated() -> impl Strategy<Value = (MobileOriginated, Rp)> {
    prop_oneof![
        submit().prop_map(|tpdu| (MobileOriginated::Submit(tpdu), Rp::Data)),
        command().prop_map(|tpdu| (MobileOriginated::Command(tpdu), Rp::Data)),
        deliver_report().prop_map(|tpdu| {
            let rp = tpdu.rp();
            (MobileOriginated::DeliverReport(tpdu), rp)
        }),
    ]
}
