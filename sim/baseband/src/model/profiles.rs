//! The models.

use super::{
    FileStatusForm, IccidForm, Model, SessionHandles, SpeechPort, StoreSizes, VendorAnswer,
    VendorCommand,
};
use polysim_at::{AreaQuotes, CharacterSet, ErrorReporting};
use polysim_base::Duration;

pub(super) const GENERIC: Model = Model {
    name: "generic",
    manufacturer: "polysim",
    product: "Simulated modem",
    revision: "1.0",
    identification: &["polysim", "Simulated modem", "Revision: 1.0"],
    boot_time: Duration::ZERO,
    boot_lines: &[],
    card_ready_lines: &[],
    character_sets: &[
        CharacterSet::Gsm,
        CharacterSet::Ira,
        CharacterSet::Ucs2,
        CharacterSet::Latin1,
        CharacterSet::Hex,
    ],
    error_reporting: ErrorReporting::Off,
    area_quotes: AreaQuotes::Quoted,
    double_carriage_return: false,
    no_space_after_colon: false,
    reports_announced_in_sim: false,
    iccid: IccidForm::Standard,
    refused_tests: &[],
    missing: &[],
    session_handles: SessionHandles::Number,
    file_status: FileStatusForm::Fcp,
    plain_error_for_unknown: false,
    vendor: &[],
    speech_port: SpeechPort::Always,
    stores: StoreSizes { phone: 100, sim: 50, reports: 20, phone_first: 1 },
    toolkit: crate::toolkit::FEATURES,
};

pub(super) const IOT: Model = Model {
    name: "iot",
    product: "Simulated module for machines",
    identification: &["polysim", "Simulated module for machines", "Revision: 1.0"],
    toolkit: crate::toolkit::ALL_FEATURES,
    ..GENERIC
};

pub(super) const EC25: Model = Model {
    name: "ec25",
    manufacturer: "Quectel",
    product: "EC25",
    revision: "EC25EFAR06A06M4G",
    identification: &["Quectel", "EC25", "Revision: EC25EFAR06A06M4G"],
    boot_time: Duration::from_secs(4),
    boot_lines: &["RDY", "+CFUN: 1"],
    card_ready_lines: &["+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE"],
    character_sets: &[CharacterSet::Gsm, CharacterSet::Ira, CharacterSet::Ucs2],
    error_reporting: ErrorReporting::Numeric,
    reports_announced_in_sim: true,
    iccid: IccidForm::Quectel,
    refused_tests: &["+CCHO", "+CCHC", "+CGLA"],
    plain_error_for_unknown: true,
    vendor: &[
        VendorCommand { name: "+QINISTAT", answer: VendorAnswer::Line("+QINISTAT: 7") },
        VendorCommand { name: "+QSIMSTAT", answer: VendorAnswer::Line("+QSIMSTAT: 0,1") },
        VendorCommand { name: "+QURCCFG", answer: VendorAnswer::Done },
        VendorCommand { name: "+QINDCFG", answer: VendorAnswer::Done },
    ],
    speech_port: SpeechPort::Quectel,
    stores: StoreSizes { phone: 255, sim: 50, reports: 20, phone_first: 0 },
    ..GENERIC
};

pub(super) const SIM7600: Model = Model {
    name: "sim7600",
    manufacturer: "SIMCOM INCORPORATED",
    product: "SIMCOM_SIM7600E-H",
    revision: "+CGMR: LE20B04SIM7600M22",
    identification: &[
        "Manufacturer: SIMCOM INCORPORATED",
        "Model: SIMCOM_SIM7600E-H",
        "Revision: SIM7600M22_V2.0",
        "+GCAP: +CGSM",
    ],
    boot_time: Duration::from_secs(8),
    boot_lines: &["RDY", "+CPIN: READY", "SMS DONE", "PB DONE"],
    card_ready_lines: &[],
    character_sets: &[CharacterSet::Ira, CharacterSet::Gsm, CharacterSet::Ucs2],
    iccid: IccidForm::Simcom,
    session_handles: SessionHandles::Bare,
    plain_error_for_unknown: true,
    vendor: &[
        VendorCommand {
            name: "+CMQTTSTART",
            answer: VendorAnswer::LineAfterResult("+CMQTTSTART: 0"),
        },
        VendorCommand {
            name: "+CMQTTSTOP",
            answer: VendorAnswer::LineAfterResult("+CMQTTSTOP: 0"),
        },
        VendorCommand { name: "+CPSI", answer: VendorAnswer::Done },
        VendorCommand { name: "+CNMP", answer: VendorAnswer::Line("+CNMP: 2") },
    ],
    speech_port: SpeechPort::Simcom,
    stores: StoreSizes { phone: 23, sim: 50, reports: 20, phone_first: 0 },
    ..GENERIC
};

pub(super) const HUAWEI: Model = Model {
    name: "huawei",
    manufacturer: "huawei",
    product: "E3372",
    revision: "21.180.99.00.00",
    identification: &[
        "Manufacturer: huawei",
        "Model: E3372",
        "Revision: 21.180.99.00.00",
        "+GCAP: +CGSM,+DS,+ES",
    ],
    boot_time: Duration::from_secs(6),
    boot_lines: &[],
    card_ready_lines: &["^SIMST: 1"],
    character_sets: &[CharacterSet::Ira, CharacterSet::Gsm, CharacterSet::Ucs2],
    area_quotes: AreaQuotes::Unquoted,
    no_space_after_colon: true,
    iccid: IccidForm::Huawei,
    refused_tests: &["+CCHO", "+CCHC", "+CGLA", "+CSIM"],
    missing: &["+CTZU", "+CESQ"],
    session_handles: SessionHandles::Opaque,
    file_status: FileStatusForm::Sim,
    vendor: &[
        VendorCommand {
            name: "^SYSINFOEX",
            answer: VendorAnswer::Line("^SYSINFOEX: 2,3,0,1,,6,\"LTE\",101,\"LTE\""),
        },
        VendorCommand { name: "^CURC", answer: VendorAnswer::Done },
        VendorCommand { name: "^SETPORT", answer: VendorAnswer::Done },
    ],
    speech_port: SpeechPort::Absent,
    stores: StoreSizes { phone: 0, sim: 50, reports: 0, phone_first: 0 },
    toolkit: crate::toolkit::FEATURES_WITHOUT_CHANNELS,
    ..GENERIC
};
