//! How the server and the devices of tests are set up.

use alloc::format;

use polysim_base::{Duration, Mode, Msisdn, Origin};
use zeroize::Zeroizing;

use super::World;
use super::node::Node;
use crate::client::{Client, ClientConfig, ClientRecord};
use crate::server::{Limits, ServerConfig, ServerInput, ServerKey, ServerOutput};
use crate::wire::{AccountFromDevice, AccountToDevice, FromDevice, ToDevice};
use crate::{Code, ContactMode, DeviceName, DeviceSecret, Rate, RequestId};

/// Returns how the server of tests works.
#[must_use]
pub fn server_config() -> ServerConfig {
    let hour = Duration::from_secs(3_600);
    ServerConfig {
        contacts: ContactMode::Numbers,
        limits: Limits { per_number: 100, per_range: 1_000, ..Limits::default() },
        threshold: Rate(24),
        rate_age_max: Duration::from_secs(60),
        call_grace: Duration::from_secs(20),
        retry: Duration::from_secs(4),
        verify_within: hour,
        hold_down: hour,
        ..ServerConfig::new(ServerKey([7; 32]))
    }
}

/// Returns how a device of tests works.
///
/// # Panics
/// Never: the name is one.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that cannot be set up stops")]
pub fn client_config(of: u8) -> ClientConfig {
    let seed = Zeroizing::new([of; 32]);
    let name = DeviceName::try_from(format!("device {of}")).expect("a name");
    let secret = DeviceSecret::new(seed, Origin::Simulated, Mode::Simulation).expect("simulated");
    ClientConfig {
        threshold: Rate(24),
        measure_every: Duration::from_secs(3_600),
        rate_age_max: Duration::from_secs(7_200),
        retry: Duration::from_secs(5),
        ..ClientConfig::new(name, secret)
    }
}

impl World {
    /// A device that is registered for a number: the primary one if it is the first.
    ///
    /// # Panics
    /// When the server does not register it.
    #[expect(clippy::panic, reason = "a test that cannot be set up stops")]
    pub fn add(&mut self, number: Msisdn, config: ClientConfig) -> usize {
        let registered = match self.records_of(number) {
            None => self.register(number, &config),
            Some(records) => self.link(&records, &config),
        };
        let Some(ToDevice::Account(AccountToDevice::Registered { device, token, number, .. })) =
            registered
        else {
            panic!("registered: {registered:?}")
        };
        let mut node = Node::new(Client::new(config.clone()));
        node.records.push(ClientRecord::Registered { device, token, number });
        node.restart(Client::new(config));
        self.join(node, number)
    }

    fn register(&mut self, number: Msisdn, config: &ClientConfig) -> Option<ToDevice> {
        let connection = self.connection();
        let said = self.ask(ServerInput::Message(
            connection,
            FromDevice::Account(AccountFromDevice::Register {
                request: RequestId(1),
                number,
                key: config.secret.key(),
                card: None,
                tenant: config.tenant,
                name: config.name.clone(),
            }),
        ));
        let (mut registration, mut code) = (None, None);
        for output in said {
            match output {
                ServerOutput::Send(
                    _,
                    ToDevice::Account(AccountToDevice::CodeSent { registration: it, .. }),
                ) => {
                    registration = Some(it);
                }
                ServerOutput::Text { body, .. } => code = first_code(&body.0),
                ServerOutput::Send(..) | ServerOutput::Close(_) | ServerOutput::Tell(_) => {}
            }
        }
        let confirm = FromDevice::Account(AccountFromDevice::Confirm {
            request: RequestId(2),
            registration: registration?,
            code: code?,
        });
        let said = self.ask(ServerInput::Message(connection, confirm));
        self.ask(ServerInput::Down(connection));
        said.into_iter().find_map(registered)
    }

    /// Links another device to that of which these are the records.
    fn link(&mut self, records: &[ClientRecord], config: &ClientConfig) -> Option<ToDevice> {
        let ClientRecord::Registered { device, token, .. } = records.first()? else { return None };
        let primary = self.connection();
        let hello = FromDevice::Account(AccountFromDevice::Hello {
            request: RequestId(1),
            device: *device,
            token: token.clone(),
            card: None,
            taken: 0,
        });
        self.ask(ServerInput::Message(primary, hello));
        let invite = FromDevice::Account(AccountFromDevice::Invite { request: RequestId(3) });
        let said = self.ask(ServerInput::Message(primary, invite));
        let invitation = said.into_iter().find_map(|output| {
            let ServerOutput::Send(
                _,
                ToDevice::Account(AccountToDevice::Invited { invitation, .. }),
            ) = output
            else {
                return None;
            };
            Some(invitation)
        });
        self.ask(ServerInput::Down(primary));
        let linked = self.connection();
        let redeem = FromDevice::Account(AccountFromDevice::Redeem {
            request: RequestId(1),
            invitation: invitation?,
            key: config.secret.key(),
            name: config.name.clone(),
        });
        let said = self.ask(ServerInput::Message(linked, redeem));
        self.ask(ServerInput::Down(linked));
        said.into_iter().find_map(registered)
    }
}

fn registered(output: ServerOutput) -> Option<ToDevice> {
    match output {
        ServerOutput::Send(_, said @ ToDevice::Account(AccountToDevice::Registered { .. })) => {
            Some(said)
        }
        ServerOutput::Send(..)
        | ServerOutput::Close(_)
        | ServerOutput::Text { .. }
        | ServerOutput::Tell(_) => None,
    }
}

/// The first six digits of a text.
fn first_code(text: &str) -> Option<Code> {
    text.split(|it: char| !it.is_ascii_digit()).find_map(|word| Code::parse(word).ok())
}
