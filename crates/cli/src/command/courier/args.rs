use clap::{Args, Subcommand, ValueEnum};
use polysim_base::Msisdn;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples, all on one machine and without hardware:
  polysim courier demo

  polysim courier serve --state office --carrier air
  polysim courier device --state alice --number +999100000001 --carrier air
  polysim courier device --state bob --number +999100000002 --carrier air
      one terminal each; type at both: register, then y, then contacts and the
      number of the other one; then text, call, answer, hangup

  polysim courier serve --state office --modem /dev/ttyUSB2
      the codes are sent as texts by that modem

Texts are sealed from device to device. What else is said to the server is not
enciphered, so it is reached on this machine alone. With the folder `air` for a
carrier no text leaves the machine; a modem sends real ones, which may cost.

Exit codes: 0 done, or ended by Ctrl-C; 1 the demonstration did not show what it
must; 2 what was asked for is wrong, or cannot be begun.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CourierArgs {
    #[command(subcommand)]
    pub(super) command: CourierCommand,
    /// Print one JSON object a line; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum CourierCommand {
    /// Be the server: who is registered, what waits for whom, which calls go over data
    Serve(ServeArgs),
    /// Be a device: register, see who else is, text, call
    Device(DeviceArgs),
    /// Show all of it: a server and two devices in one process, which register, text and talk
    Demo(DemoArgs),
}

const SERVE: &str =
    "It goes on until Ctrl-C. What it has acknowledged is in its folder first: it may
be killed at any time, and goes on when it is started again.

Events of --json: ready, code, code-sent, wrong-code, registered, changed-hands,
deregistered, linked, unlinked, connected, gone, stored, delivered, withdrawn,
expired, voice, stopped.";

#[derive(Args, Debug)]
#[command(after_help = SERVE)]
pub(super) struct ServeArgs {
    /// Folder for the key and what was decided; made at the first start, for its owner alone
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    /// Where devices connect, on this machine; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7755")]
    pub(super) listen: SocketAddr,
    /// Folder by which devices of this machine get their codes; without, or where no device waits for
    /// it there, a code is printed
    #[arg(long, value_name = "DIR", conflicts_with = "modem")]
    pub(super) carrier: Option<PathBuf>,
    /// The modem that sends codes as texts, named as for `polysim modem`; the PIN of its card comes from
    /// the variable `POLYSIM_PIN`
    #[arg(long, value_name = "PORT")]
    pub(super) modem: Option<String>,
}

pub(super) const DEVICE: &str = "Lines on standard input:
  register [NUMBER]       prove that the number is this device's: a text with a code comes
  confirm CODE            the code of that text; y where it has come to --carrier
  contacts [NUMBER…]      these are the contacts; without numbers: who of them is registered
  text NUMBER WORDS…      write; it goes over data, or to the carrier if that is chosen
  read                    what was received is read: the senders are told
  call NUMBER, answer, hangup
  choose carrier|quit|wait [TEXT]   answer the oldest offer, or say what becomes of that text
  invite                  print an invitation for another device of this number
  redeem INVITATION       be a further device of that number
  unlink DEVICE, deregister
  status, help, quit
When standard input ends the device goes on.

Events of --json: ready, number-wanted, code-sent, code, wrong-code, registered,
not-registered, proof-wanted, refused, unlinked, invited, marked, text, received,
key-changed, not-written, offered, ringing, incoming, answered, ended, measured,
level, carrier-text, carrier-call, contacts, status, help, mistake, retry, stopped.";

#[derive(Args, Debug)]
#[command(after_help = DEVICE)]
pub(super) struct DeviceArgs {
    /// Folder for the key, texts and contacts; made at the first start, for its owner alone
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    /// Where the server listens, on this machine
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7755")]
    pub(super) connect: SocketAddr,
    /// The number of this device; it is needed until it is registered
    #[arg(long, value_name = "NUMBER")]
    pub(super) number: Option<Msisdn>,
    /// Folder by which texts of the simulated carrier go between the server and devices of this machine
    #[arg(long, value_name = "DIR")]
    pub(super) carrier: Option<PathBuf>,
    /// What the device says in a call
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Microphone::Tone)]
    pub(super) mic: Microphone,
    /// Confirm codes that come by --carrier without asking: for trials
    #[arg(long)]
    pub(super) yes: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Microphone {
    /// A tone of 400 Hz
    Tone,
    /// Nothing
    None,
}

const DEMO: &str = "It ends by itself: with 0 where all of that was seen, and with 1, and what was
missing on standard error, where it was not. Nothing is kept.

Events of --json: those of a device with `who`, and step, does, summary.";

#[derive(Args, Debug)]
#[command(after_help = DEMO)]
pub(super) struct DemoArgs {
    /// For how many seconds the two talk
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=60))]
    pub(super) talk: u8,
    /// What alice says; with none bob hears nothing, and the demonstration fails
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Microphone::Tone)]
    pub(super) mic: Microphone,
}
