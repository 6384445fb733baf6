use crate::command::expose::duration;
use clap::{Args, Subcommand};
use polysim_base::Duration;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim modem auto info                        the only modem that is plugged in
  polysim modem /dev/ttyUSB2 text --to +46700000001 'hello' --report
  polysim modem tcp:localhost:4000 inbox --wait 30s
  polysim modem unix:@modem call --to +46700000001 --for 10s
  polysim modem /dev/ttyUSB2 ussd '*100#' 1      the 1 answers what the network asks
  polysim modem /dev/ttyUSB2 at --raw 'AT+CSQ'

PORT: a device, tcp:HOST:PORT, unix:/PATH, unix:@NAME, usb:PLACE:INTERFACE, or auto. `polysim doctor`
lists the ports that are there.

The PIN of the card, if it asks for one, comes from --pin-file or the variable POLYSIM_PIN. It is
entered once, and not at all with two tries left or fewer.

Exit codes: 0 done; 1 the modem, the card or the network said no; 2 wrong input.";

const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, subcommand_required = true)]
pub(crate) struct ModemArgs {
    /// Where the modem is, or auto
    #[arg(value_name = "PORT")]
    pub(crate) port: String,
    #[command(subcommand)]
    pub(crate) command: ModemCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The PIN is in the first line of this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
    /// How long modem and network may take until the modem can be used, or answers a raw line
    #[arg(long, global = true, value_name = "TIME", default_value_t = TIMEOUT, value_parser = duration)]
    pub(crate) timeout: Duration,
    /// Write what passes the port, without secrets (JSON lines if the name ends in .jsonl)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

impl ModemArgs {
    /// Returns what is said where only the port is.
    pub(super) fn at(port: &str) -> Self {
        let (port, command) = (port.to_owned(), ModemCommand::Info);
        Self { port, command, json: false, pin_file: None, timeout: TIMEOUT, trace: None }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModemCommand {
    /// Say who modem and card are, where they are registered, and how good the signal is
    Info,
    /// Send a text
    Text {
        /// To which number: `+…` for an international one
        #[arg(long, value_name = "NUMBER")]
        to: String,
        /// What it says
        text: String,
        /// Ask for a delivery report, and wait for it as long as --timeout says
        #[arg(long)]
        report: bool,
    },
    /// Print received texts; each is deleted from the modem once it is printed
    Inbox {
        /// Wait so long for another text
        #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
        wait: Duration,
        /// Leave the texts in the modem
        #[arg(long)]
        keep: bool,
    },
    /// Call a number; Ctrl-C hangs up
    Call {
        /// Which number
        #[arg(long, value_name = "NUMBER")]
        to: String,
        /// Hang up so long after the other side has answered [default: when it hangs up]
        #[arg(long, value_name = "TIME", value_parser = duration)]
        r#for: Option<Duration>,
    },
    /// Ask the network by a code such as *100#
    Ussd {
        /// The code
        code: String,
        /// What to answer when the network asks, in order
        answers: Vec<String>,
    },
    /// Send a command line as it is
    At {
        /// The line, such as AT+CSQ
        line: String,
        /// Yes, as it is: polysim cannot know what it does to the modem
        #[arg(long)]
        raw: bool,
    },
}
