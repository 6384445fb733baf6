//! Which port of which modem is for what.

use crate::usb::UsbInterface;
use std::fmt;

/// What a port of a modem is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TtyKind {
    /// AT commands.
    At,
    /// AT commands, and data calls when there are any.
    Modem,
    /// Positions, as NMEA 0183 sentences.
    Nmea,
    /// The chip maker's diagnostics.
    Diagnostics,
    /// The speech of calls.
    Pcm,
    /// Something else that does not answer AT commands.
    Other,
    /// Nobody knows: ask it with `AT`.
    Unknown,
}

impl TtyKind {
    /// Returns how good it is for AT commands, the best first; nothing when it does not take them.
    pub(crate) const fn at_rank(self) -> Option<u8> {
        match self {
            Self::At => Some(0),
            Self::Modem => Some(1),
            Self::Unknown => Some(2),
            Self::Nmea | Self::Diagnostics | Self::Pcm | Self::Other => None,
        }
    }
}

impl fmt::Display for TtyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::At => "AT",
            Self::Modem => "AT and data",
            Self::Nmea => "NMEA",
            Self::Diagnostics => "diagnostics",
            Self::Pcm => "PCM",
            Self::Other => "other",
            Self::Unknown => "unknown",
        })
    }
}

/// A model whose ports are known.
pub(crate) struct Model {
    vendor: u16,
    products: &'static [u16],
    name: &'static str,
    ports: Ports,
    /// The interface that carries speech when it is told to.
    speech: Option<u8>,
}

/// How the purpose of a port is found.
enum Ports {
    /// By the number of the interface.
    ByNumber(&'static [(u8, TtyKind)]),
    /// By class, subclass and protocol of the interface: the maker keeps them the same.
    ByProtocol(&'static [([u8; 3], TtyKind)]),
}

use TtyKind::{At, Diagnostics, Modem, Nmea, Other, Pcm};

/// The four ports of modules built around a Qualcomm chip as Quectel orders them.
const QUECTEL: Ports = Ports::ByNumber(&[(0, Diagnostics), (1, Nmea), (2, At), (3, Modem)]);

/// Every model that is known. An interface that is not listed here is unknown, and is asked.
const MODELS: &[Model] = &[
    // AT+QPCMV=1,0 sends the speech of calls over the NMEA port.
    Model {
        vendor: 0x2c7c,
        products: &[0x0121, 0x0125],
        name: "Quectel EC21, EC25, EG25",
        ports: QUECTEL,
        speech: Some(1),
    },
    Model {
        vendor: 0x2c7c,
        products: &[0x0191, 0x0195, 0x0306, 0x0800],
        name: "Quectel EG91, EG95, EG06, RM500Q",
        ports: QUECTEL,
        speech: None,
    },
    // AT+CPCMREG=1 sends the speech of calls over a port of its own.
    Model {
        vendor: 0x1e0e,
        products: &[0x9001],
        name: "SIMCom SIM7500, SIM7600",
        ports: Ports::ByNumber(&[(0, Diagnostics), (1, Nmea), (2, At), (3, Modem), (4, Pcm)]),
        speech: Some(4),
    },
    Model {
        vendor: 0x1e0e,
        products: &[0x9205],
        name: "SIMCom SIM7000",
        ports: Ports::ByNumber(&[(0, Diagnostics), (1, Nmea), (2, At), (3, Modem)]),
        speech: None,
    },
    Model {
        vendor: 0x1199,
        products: &[0x9071, 0x9091],
        name: "Sierra Wireless MC74xx, EM7565",
        ports: Ports::ByNumber(&[(0, Diagnostics), (2, Nmea), (3, At)]),
        speech: None,
    },
    Model {
        vendor: 0x1bc7,
        products: &[0x1031, 0x1033],
        name: "Telit LE910C1",
        ports: Ports::ByNumber(&[(0, Diagnostics), (1, At), (2, Modem)]),
        speech: None,
    },
    Model {
        vendor: 0x1bc7,
        products: &[0x1040, 0x1050],
        name: "Telit LE922, LM9x0, FN980",
        ports: Ports::ByNumber(&[(0, Diagnostics), (3, Other), (4, At), (5, Modem), (6, Other)]),
        speech: None,
    },
    Model {
        vendor: 0x1546,
        products: &[0x1107, 0x110a],
        name: "u-blox TOBY-R2, LARA-R2",
        ports: Ports::ByNumber(&[
            (0, Modem),
            (2, At),
            (4, At),
            (6, Nmea),
            (8, Other),
            (10, Diagnostics),
        ]),
        speech: None,
    },
    Model {
        vendor: 0x1546,
        products: &[0x1102],
        name: "u-blox LISA-U2, SARA-U2",
        ports: Ports::ByNumber(&[
            (0, Modem),
            (2, At),
            (4, At),
            (6, Nmea),
            (8, Diagnostics),
            (10, Diagnostics),
            (12, Other),
        ]),
        speech: None,
    },
    Model {
        vendor: 0x12d1,
        products: &[],
        name: "Huawei",
        ports: Ports::ByProtocol(&[
            ([0xff, 0x01, 0x01], Modem),
            ([0xff, 0x01, 0x02], At),
            ([0xff, 0x02, 0x01], Modem),
            ([0xff, 0x02, 0x02], At),
            ([0xff, 0x01, 0x03], Diagnostics),
            ([0xff, 0x02, 0x03], Diagnostics),
            ([0xff, 0x01, 0x05], Nmea),
            ([0xff, 0x01, 0x14], Nmea),
            ([0xff, 0x06, 0x14], Nmea),
            ([0xff, 0x01, 0x10], Modem),
            ([0xff, 0x06, 0x10], Modem),
            ([0xff, 0x01, 0x12], At),
            ([0xff, 0x06, 0x12], At),
            ([0xff, 0x01, 0x13], Diagnostics),
            ([0xff, 0x06, 0x13], Diagnostics),
        ]),
        speech: None,
    },
];

pub(crate) fn find(vendor: u16, product: u16) -> Option<&'static Model> {
    let is_it = |model: &&Model| {
        model.vendor == vendor && (model.products.is_empty() || model.products.contains(&product))
    };
    MODELS.iter().find(is_it)
}

/// Returns the name of the family of models, if its ports are known.
#[must_use]
pub fn model_of(vendor: u16, product: u16) -> Option<&'static str> {
    find(vendor, product).map(|model| model.name)
}

impl Model {
    pub(crate) fn kind(&self, interface: &UsbInterface) -> TtyKind {
        let kind = match self.ports {
            Ports::ByNumber(table) => {
                table.iter().find(|(number, _)| *number == interface.number).map(|row| row.1)
            }
            Ports::ByProtocol(table) => {
                let codes = [interface.class, interface.subclass, interface.protocol];
                table.iter().find(|(known, _)| *known == codes).map(|row| row.1)
            }
        };
        kind.unwrap_or(TtyKind::Unknown)
    }

    pub(crate) const fn speech(&self) -> Option<u8> {
        self.speech
    }
}
