//! Messages as canonical lines of JSON: keys in alphabetical order, AT as text, APDUs as hexadecimal.

use crate::fleet::{Apdu, FleetMessage};
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Names;
use polysim_apdu::ApduSecrets;
use polysim_at::SecretMask;
use polysim_base::Instant;
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::CardInput;
use polysim_kernel::NodeId;
use polysim_modem::{ModemCommand, ModemInput};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Decodes messages in the order in which they pass. Secrets stay out: it follows each line and
/// each card, so that a PIN is found however it is cut, and a key where it is fetched.
pub(crate) struct Decoder {
    names: Arc<Names>,
    lines: BTreeMap<(NodeId, u8), SecretMask>,
    cards: BTreeMap<u32, ApduSecrets>,
    /// What passes at nodes of the fleet.
    contacts: BTreeMap<NodeId, ApduSecrets>,
}

impl Decoder {
    pub(crate) const fn new(names: Arc<Names>) -> Self {
        Self { names, lines: BTreeMap::new(), cards: BTreeMap::new(), contacts: BTreeMap::new() }
    }

    /// Returns a message as a line, without the line end.
    pub(crate) fn line(&mut self, at: Instant, node: NodeId, message: &Message) -> String {
        let (kind, content) = self.content(node, message);
        json!({
            "at_us": at.as_micros(),
            "content": content,
            "kind": kind,
            "to": name(node, &self.names),
        })
        .to_string()
    }

    fn content(&mut self, node: NodeId, message: &Message) -> (&'static str, String) {
        match message {
            Message::Region(input) => ("region", format!("{input:?}")),
            Message::Core(input) => ("core", format!("{input:?}")),
            Message::Air(_, downlink) => ("downlink", format!("{downlink:?}")),
            Message::Baseband(BasebandInput::Port { port, bytes }) => {
                ("at-command", self.text(node, *port, bytes))
            }
            Message::Baseband(BasebandInput::Card(CardToTerminal::Response(bytes))) => {
                ("apdu-response", self.card(node).response(bytes).to_string())
            }
            Message::Baseband(input) => ("modem", format!("{input:?}")),
            Message::Card(CardInput::Command(bytes)) => {
                ("apdu-command", self.card(node).command(bytes).to_string())
            }
            Message::Card(input) => ("card", format!("{input:?}")),
            Message::Host(ModemInput::Bytes(bytes)) => ("at-answer", self.text(node, 0, bytes)),
            Message::Host(ModemInput::Command {
                command: ModemCommand::TransmitBasic { apdu } | ModemCommand::Transmit { apdu, .. },
                ..
            }) => {
                let apdu = self.contacts.entry(node).or_default().command(apdu).to_string();
                ("host-apdu", apdu)
            }
            Message::Host(input) => ("host", format!("{input:?}")),
            Message::Fleet(message) => self.fleet(node, message),
            Message::Issuance(message) => (message.kind(), format!("{message:?}")),
            Message::Steering(message) => (message.kind(), format!("{message:?}")),
            Message::Share(message) => (message.kind(), message.content()),
            Message::Courier(message) => (message.kind(), message.content()),
        }
    }

    /// A message of the fleet. APDUs in it are told as those of cards are, by node and direction.
    fn fleet(&mut self, node: NodeId, message: &FleetMessage) -> (&'static str, String) {
        match message.apdu() {
            Some(Apdu::Command(bytes)) => {
                ("apdu-command", self.contacts.entry(node).or_default().command(bytes).to_string())
            }
            Some(Apdu::Response(bytes)) => (
                "apdu-response",
                self.contacts.entry(node).or_default().response(bytes).to_string(),
            ),
            None => (message.kind(), format!("{message:?}")),
        }
    }

    fn text(&mut self, node: NodeId, port: u8, bytes: &[u8]) -> String {
        let mut text = Vec::new();
        self.lines.entry((node, port)).or_default().mask(bytes, &mut text);
        text.escape_ascii().to_string()
    }

    /// Returns what is known of the card that a message is to or from: a phone's card and modem
    /// have one index.
    fn card(&mut self, node: NodeId) -> &mut ApduSecrets {
        let index = Kind::of(node).map_or(0, |(_, index)| index);
        self.cards.entry(index).or_default()
    }
}

fn name(node: NodeId, names: &Names) -> String {
    let Some((kind, index)) = Kind::of(node) else { return format!("node {}", node.0) };
    match kind {
        Kind::Region => {
            format!("region:{}", u16::try_from(index).map_or("?", |index| names.region(index)))
        }
        Kind::Core => format!("operator:{}", names.operator_name(index)),
        Kind::Host => format!("host:{}", names.phone(index)),
        Kind::Baseband => format!("modem:{}", names.phone(index)),
        Kind::Card => format!("card:{}", names.phone(index)),
        Kind::Server | Kind::Site | Kind::Terminal | Kind::BankCard => {
            let fleet = names.fleet.as_ref();
            fleet.map_or_else(|| "?".into(), |fleet| fleet.node_name(kind, index as usize))
        }
        Kind::Platform => format!("platform:{}", names.platform(index as usize)),
        Kind::Business => format!("business:{}", names.business(index as usize)),
        Kind::Service => format!("service:{}", names.service(index as usize)),
        Kind::Agent => format!("agent:{}", names.phone(index)),
        Kind::Master => format!("master:{}", names.group(index)),
        Kind::Slave => format!("slave:{}", names.slave(index)),
        Kind::Courier => format!("courier:{}", names.courier()),
        Kind::CourierDevice => format!("device:{}", names.courier_device(index)),
    }
}
