//! What the user of a device types.

use super::Device;
use crate::command::courier::args::DEVICE;
use crate::command::courier::tell::Told;
use anyhow::Result;
use polysim_base::{Msisdn, parse_hex};
use polysim_courier::client::{Choice, ClientCommand, Offer};
use polysim_courier::{Code, DeviceId, Invitation};
use serde_json::json;

impl Device {
    /// Does what was typed; returns whether that is the end.
    pub(super) async fn words(&mut self, words: &[String]) -> Result<bool> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["help"] => self.screen.answer(DEVICE.split("\n\n").next().unwrap_or(DEVICE))?,
            ["status"] => self.status()?,
            ["contacts"] => self.marks()?,
            ["quit"] => return Ok(true),
            _ => match self.command(&words) {
                Ok(commands) => {
                    for command in commands {
                        self.desk.command(command).await?;
                    }
                }
                Err(mistake) => self.screen.complaint(&mistake)?,
            },
        }
        Ok(false)
    }

    fn command(&mut self, words: &[&str]) -> Result<Vec<ClientCommand>, String> {
        let command = match words {
            ["register"] => ClientCommand::Register(self.number),
            ["register", to] => ClientCommand::Register(Some(number(to)?)),
            ["confirm", code @ ..] => {
                ClientCommand::Confirm(Code::parse(&code.concat()).map_err(|it| it.to_string())?)
            }
            ["contacts", numbers @ ..] => {
                self.contacts =
                    numbers.iter().map(|it| number(it)).collect::<Result<Vec<_>, _>>()?;
                ClientCommand::Contacts(self.contacts.clone())
            }
            ["text", to, text @ ..] if !text.is_empty() => {
                ClientCommand::Text { to: number(to)?, text: text.join(" ") }
            }
            ["read"] => return Ok(self.unread.drain(..).map(ClientCommand::Read).collect()),
            ["call", to] => ClientCommand::Dial(number(to)?),
            ["answer"] => ClientCommand::Answer(self.call.ok_or("nobody calls")?),
            ["hangup"] => ClientCommand::HangUp(self.call.ok_or("there is no call")?),
            ["choose", choice] => {
                let choice = chosen(choice)?;
                let offer = self.offers.pop_front().ok_or("nothing is offered")?;
                ClientCommand::Choose { offer, choice }
            }
            ["choose", choice, text] => {
                let (choice, number) = (chosen(choice)?, text.parse());
                let number = number.map_err(|_| format!("{text} is the number of no text"))?;
                ClientCommand::Choose { offer: Offer::Text(number), choice }
            }
            ["invite"] => ClientCommand::Invite,
            ["redeem", invitation] => ClientCommand::Redeem(read_invitation(invitation)?),
            ["unlink", device] => {
                let device = device.parse().map_err(|_| format!("{device} is no device"))?;
                ClientCommand::Unlink(DeviceId(device))
            }
            ["deregister"] => ClientCommand::Deregister,
            [verb, ..] => return Err(format!("{verb} is nothing to do so: type help")),
            [] => return Ok(Vec::new()),
        };
        Ok(vec![command])
    }

    fn marks(&mut self) -> Result<()> {
        let marked: Vec<_> = self.desk.status().marked.iter().map(ToString::to_string).collect();
        let words = format!("registered: {}", marked.join(", "));
        self.tell(Told::new("contacts", &words, json!({ "marked": marked })))
    }

    fn status(&mut self) -> Result<()> {
        let status = self.desk.status();
        let number = status.number.map(|number| number.to_string());
        let link = if status.connected { "connected" } else { "not connected" };
        let who = number.as_deref().unwrap_or("nobody");
        let words = format!("{link}, registered as {who}; {} offers wait", self.offers.len());
        let particulars = json!({
            "connected": status.connected, "number": number, "offers": self.offers.len(),
            "unread": self.unread.len(),
        });
        self.tell(Told::new("status", &words, particulars))
    }
}

fn number(text: &str) -> Result<Msisdn, String> {
    text.parse::<Msisdn>().map_err(|error| error.to_string())
}

fn chosen(text: &str) -> Result<Choice, String> {
    match text {
        "carrier" => Ok(Choice::Carrier),
        "quit" => Ok(Choice::Quit),
        "wait" => Ok(Choice::Wait),
        _ => Err("choose carrier, quit or wait".to_owned()),
    }
}

fn read_invitation(text: &str) -> Result<Invitation, String> {
    let octets = parse_hex(text.as_bytes()).ok().and_then(|octets| octets.try_into().ok());
    octets.map(Invitation).ok_or_else(|| "an invitation has 32 hexadecimal digits".to_owned())
}
