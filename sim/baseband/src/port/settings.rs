//! What every port has for itself.

use crate::Model;
use polysim_at::{CharacterSet, ErrorReporting, Framing, MessageStore, OperatorFormat, Phonebook};

/// Settings of one port; the modem behind them is shared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Settings {
    /// `E`.
    pub(crate) echo: bool,
    /// `Q`.
    pub(crate) quiet: bool,
    /// `V`.
    pub(crate) verbose: bool,
    /// `X`.
    pub(crate) progress: u8,
    /// S3.
    pub(crate) line_end: u8,
    /// S4.
    pub(crate) line_feed: u8,
    /// S5.
    pub(crate) backspace: u8,
    /// `+CMEE`.
    pub(crate) errors: ErrorReporting,
    /// `+CSCS`.
    pub(crate) charset: CharacterSet,
    /// `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG`.
    pub(crate) registration: [u8; 4],
    /// `+CNMI`.
    pub(crate) indications: [u8; 5],
    /// `+CMGF=1`.
    pub(crate) text_mode: bool,
    /// `+CSDH`.
    pub(crate) show_header: bool,
    /// `<mem1>` of `+CPMS`.
    pub(crate) read_store: MessageStore,
    /// `<mem2>` of `+CPMS`.
    pub(crate) write_store: MessageStore,
    /// `<format>` of `+COPS`.
    pub(crate) operator_format: OperatorFormat,
    /// `+CPBS`.
    pub(crate) phonebook: Phonebook,
    /// `+CLIP`.
    pub(crate) show_caller: bool,
    /// `+CRC`.
    pub(crate) show_ring_kind: bool,
    /// `+COLP`.
    pub(crate) show_connected: bool,
    /// `+CCWA`.
    pub(crate) show_waiting: bool,
    /// `+CUSD`.
    pub(crate) show_ussd: bool,
    /// `+CTZR`.
    pub(crate) show_zone: u8,
    /// `+CGEREP`.
    pub(crate) packet_events: u8,
    /// `<mode>` and `<ind>` of `+CMER`.
    pub(crate) indicator_events: [u8; 2],
    /// `+CSSN`.
    pub(crate) show_services: [bool; 2],
    /// `+CNAP`, `+CDIP`: accepted and kept, networks here tell neither.
    pub(crate) show_names: [bool; 2],
}

impl Settings {
    pub(crate) const fn new(model: &Model) -> Self {
        Self {
            echo: true,
            quiet: false,
            verbose: true,
            progress: 4,
            line_end: b'\r',
            line_feed: b'\n',
            backspace: 8,
            errors: model.error_reporting,
            charset: CharacterSet::Ira,
            registration: [0; 4],
            indications: [0; 5],
            text_mode: false,
            show_header: false,
            read_store: MessageStore::Sim,
            write_store: MessageStore::Sim,
            operator_format: OperatorFormat::Long,
            phonebook: Phonebook::Sim,
            show_caller: false,
            show_ring_kind: false,
            show_connected: false,
            show_waiting: false,
            show_ussd: false,
            show_zone: 0,
            packet_events: 0,
            indicator_events: [0; 2],
            show_services: [false; 2],
            show_names: [false; 2],
        }
    }

    pub(crate) const fn framing(&self) -> Framing {
        Framing { verbose: self.verbose, cr: self.line_end, lf: self.line_feed }
    }
}
