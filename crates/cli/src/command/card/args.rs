use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim card list                              readers, and what is in them
  polysim card 0 info                            the card in the first reader
  polysim card 'Virtual PCD 00 00' tree          a reader by its name, or a part of it
  polysim card modem:/dev/ttyUSB2 info           the card in a modem
  polysim card 0 read 3F00/2FE2                  a file by its path, or by its name:
  polysim card 0 read EF.IMSI --ask-pin          usim/6F07, usim/EF.IMSI and EF.IMSI are the same
  polysim card 0 update usim/EF.MSISDN FF… --record 1 --pin-file pin.txt
  polysim card 0 apdu 00A40004022FE2 00B000000A
  polysim card 0 apdu --file script.txt          lines of hexadecimal; # starts a comment
  polysim card 0 verify                          asks for the PIN; it is never shown
  polysim card 0 binding                         what the card-writing applet has stored
  polysim card 0 write --store cards --imsi 001010000000123 --msisdn +491700000123
  polysim card modem:/dev/ttyUSB2 write …        in the device, through its modem
  polysim card 0 deliver 00301516…               a packet of `polysim ota pack`; `-` reads it

A card in a reader is reset when a command ends, so a PIN is good for one command: give it to each
that needs it, by --ask-pin, by --pin-file, or in the variable POLYSIM_PIN. With 2 or fewer tries
left a PIN is not presented: the last ones are for a person with the card in a phone.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, subcommand_required = true)]
pub(crate) struct CardArgs {
    /// Name of a reader, a part of it, its number in `polysim card list`, or modem:PORT
    #[arg(value_name = "READER")]
    pub(crate) reader: Option<String>,
    #[command(subcommand)]
    pub(crate) command: CardCommand,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Write what passes the card, without secrets: text, JSON lines (FILE.jsonl), or a capture
    /// for Wireshark (FILE.pcap)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Show keys: session keys in files, and what AUTHENTICATE answers
    #[arg(long, global = true)]
    pub(crate) reveal: bool,
}

/// Where the PIN comes from that is verified before anything else.
#[derive(Args, Debug)]
pub(crate) struct PinArgs {
    /// Ask for the PIN, and verify it first
    #[arg(long, global = true)]
    pub(crate) ask_pin: bool,
    /// Verify the PIN in the first line of this file first
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "ask_pin")]
    pub(crate) pin_file: Option<PathBuf>,
    /// Which PIN: pin1, pin2, universal, adm1, or the reference of a key in hexadecimal
    #[arg(long, global = true, value_name = "KEY", default_value = "pin1")]
    pub(crate) key: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CardCommand {
    /// List the readers
    List,
    /// Say who the card is: ATR, ICCID, IMSI, number, operator, services, PINs
    Info,
    /// List the files that are there, with their sizes and access rules
    Tree,
    /// Read a file
    Read {
        /// Its path or name
        path: String,
        /// Only this record
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=254))]
        record: Option<u8>,
    },
    /// Write a file
    Update {
        /// Its path or name
        path: String,
        /// What to write, in hexadecimal
        hex: String,
        /// Which record; a record file needs it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=254))]
        record: Option<u8>,
        /// Where in a transparent file to begin
        #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "record",
              value_parser = clap::value_parser!(u16).range(0..=0x7FFF))]
        offset: u16,
    },
    /// Send commands and show the answers; it stops at the first that the card refuses
    Apdu {
        /// Commands in hexadecimal
        #[arg(required_unless_present = "file", value_name = "HEX")]
        commands: Vec<String>,
        /// Take the commands from this file, one a line
        #[arg(long, value_name = "FILE", conflicts_with = "commands")]
        file: Option<PathBuf>,
        /// Do not follow 61xx and 6Cxx
        #[arg(long)]
        raw: bool,
    },
    /// Verify a PIN
    Verify,
    /// Read the pair of card and device that the card-writing applet has stored
    Binding {
        /// The folder of `polysim issuance init`, which says which applet it is
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
    },
    /// Bind the card if it has to be, and write a subscription into it
    Write(super::on_site::WriteArgs),
    /// Bring a secured packet to the card, and show the proof of receipt
    Deliver {
        /// The command packet in hexadecimal, as `polysim ota pack` makes it; `-` for standard
        /// input
        packet: String,
        /// The number that it is said to come from
        #[arg(long, value_name = "NUMBER", default_value = "+10000000")]
        from: polysim_base::Msisdn,
    },
}
