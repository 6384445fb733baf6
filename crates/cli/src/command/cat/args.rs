use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim cat decode D009810301260182028182      a proactive command
  polysim cat decode D0098103012601820281829000  the same, as FETCH brings it
  polysim cat decode 801400000C810301260182028281830100
  polysim cat decode 8010000003FFFF7F            a TERMINAL PROFILE, bit by bit
  polysim cat decode --as profile FFFF7F         what does not tell what it is
  polysim cat decode 910B                        a status word that offers a command
  grep -o 'D0[0-9A-F]*' log | polysim cat decode -

A `!` behind a tag says that the object requires comprehension.

JSON (`format` 1) has `messages`, each with `title`, `within`, `parts` (`at`, `tag`, `required`,
`name`, `octets`, `meaning`), `problem`; of an error an object with `error`. A message with a
mistake is shown up to it, and gives exit code 2.";

/// Messages between card and terminal: proactive commands and what answers them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CatArgs {
    #[command(subcommand)]
    pub(crate) command: CatCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatCommand {
    /// Say what every object of a message means
    Decode(DecodeArgs),
}

#[derive(Args, Debug)]
pub(crate) struct DecodeArgs {
    /// Messages, or APDUs that carry them; `-` for standard input
    #[arg(value_name = "HEX")]
    pub(crate) octets: Vec<String>,
    /// File with the same, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "octets")]
    pub(crate) file: Option<PathBuf>,
    /// What it is, where that cannot be told
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    pub(crate) what: Option<What>,
    /// Show secrets in commands to cards: PINs, keys
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// Which message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum What {
    /// A proactive command
    Command,
    /// A TERMINAL RESPONSE
    Response,
    /// The data of an ENVELOPE
    Envelope,
    /// A TERMINAL PROFILE
    Profile,
    /// A list of events, without tag and length
    Events,
    /// A command APDU
    Apdu,
}
