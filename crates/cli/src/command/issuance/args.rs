use clap::{Args, Subcommand};
use polysim_base::{Imei, Imsi, Msisdn};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim issuance init cards --number +491700000999 --network 00101 --key-file store.key
  polysim issuance keys cards --cards cards.csv --subscriptions subscriptions.csv
  polysim issuance import cards bindings.csv
  polysim card 0 write --store cards --imsi 001010000000123 --msisdn +491700000123
  polysim issuance attached cards 001010000000123   its operator has seen it
  polysim issuance export cards                     bindings as CSV
  polysim issuance init trial --number +491700000999 --network 00101 --simulated 7

A folder holds a card-writing platform: settings, keys, and journals of all that was promised and of
every counter that was used. Keep all of it, and one copy of it in use only.

Tables are CSV with a line of column names; those in brackets may be missing; `-` reads one from
standard input:
  bindings           eid [imei] [iccid] [imsi] [msisdn]
  card keys          eid version kic kid [uplink_version] uplink_kic uplink_kid [preloaded]
  subscription keys  imsi k opc

Keys are encrypted at rest. The key for that is in the file of --key-file, which must be private, or
in the variable POLYSIM_STORE_KEY: 64 hexadecimal digits. `init` makes that file where none is.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct IssuanceArgs {
    #[command(subcommand)]
    pub(super) command: IssuanceCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// Where the key of a key store is.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreKeyArgs {
    /// The file with the key of the key store [default: the variable `POLYSIM_STORE_KEY`]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum IssuanceCommand {
    /// Make a folder for a card-writing platform
    Init(InitArgs),
    /// Load keys of cards and of subscriptions
    Keys {
        /// The folder
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// Keys of cards, as CSV
        #[arg(long, value_name = "FILE.csv", required_unless_present = "subscriptions")]
        cards: Option<PathBuf>,
        /// Keys of subscriptions, as CSV
        #[arg(long, value_name = "FILE.csv")]
        subscriptions: Option<PathBuf>,
        #[command(flatten)]
        key: StoreKeyArgs,
    },
    /// Load bindings
    Import {
        /// The folder
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// Bindings, as CSV
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        #[command(flatten)]
        key: StoreKeyArgs,
    },
    /// Print bindings as CSV, or list them with --json
    Export {
        /// The folder
        #[arg(value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        key: StoreKeyArgs,
    },
    /// Say that a subscription has registered: its write is done
    Attached {
        /// The folder
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// Which subscription
        imsi: Imsi,
        #[command(flatten)]
        key: StoreKeyArgs,
    },
    /// Give the write for a device up, if it has not reached its card
    Cancel {
        /// The folder
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// Which device: 14 digits, or 15 with the check digit
        imei: Imei,
        #[command(flatten)]
        key: StoreKeyArgs,
    },
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub(super) store: PathBuf,
    /// The platform's number, from which cards get their messages
    #[arg(long, value_name = "NUMBER")]
    pub(super) number: Msisdn,
    /// A network whose subscriptions are written, and its service centre if cards are to have it
    #[arg(long = "network", value_name = "PLMN[=CENTRE]", required = true)]
    pub(super) networks: Vec<String>,
    /// The identifier of the applet on the cards
    #[arg(long, value_name = "HEX", default_value = "F0504F4C59")]
    pub(super) aid: String,
    /// The toolkit application reference of the applet on the cards
    #[arg(long, value_name = "HEX", default_value = "B01001")]
    pub(super) tar: String,
    /// For simulated cards: all keys are made from this number, and real cards are refused
    #[arg(long, value_name = "SEED", conflicts_with = "key_file")]
    pub(super) simulated: Option<u64>,
    #[command(flatten)]
    pub(super) key: StoreKeyArgs,
}
