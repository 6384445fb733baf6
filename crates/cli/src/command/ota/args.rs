use clap::{Args, Subcommand, ValueEnum};
use std::fmt;
use std::path::PathBuf;
use zeroize::Zeroizing;

const EXAMPLES: &str = "Examples:
  polysim ota pack --keys keys.toml --tar usim --counter 7 \\
      --apdu 00A40004026F07 --apdu 00D6000009080910101032547698
  polysim ota pack --keys keys.toml --tar B00011 --counter 8 --script write.txt --envelope
  polysim ota pack --tar usim --counter 0 --security none --por none 00A40004023F00
  polysim ota explain 00281516390101B00011…   what is in clear, without keys
  polysim ota unpack --keys keys.toml -       a packet, TPDU or ENVELOPE from standard input
  polysim ota unpack --keys keys.toml 027100001C12B00011…   a proof of receipt

Keys come from a file, so that no secret stands on a command line:
  [[keys]]
  set = 1                     the version, the high half of KIc and KID
  kic = \"aes:00112233…\"       also 3des: (16 or 24 octets) and des:
  kid = \"aes:44556677…\"
  mac = 8                     octets of a checksum; 4 exists with AES only
or from the variables POLYSIM_OTA_KIC and POLYSIM_OTA_KID. They are never shown.

JSON (`format` 1) has `kind`, `verdict`, `fields` (`at`, `octets`, `name`, `meaning`), `data`,
`script` or `answer`; of pack `packet`, `counter`, `sms`, `envelopes`; of an error `error`.
A packet that does not open gives exit code 1, what is no packet gives 2.";

/// Secured packets for cards: make them, open them, explain them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct OtaArgs {
    #[command(subcommand)]
    pub(crate) command: OtaCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OtaCommand {
    /// Make the packet of a command
    Pack(PackArgs),
    /// Open a packet and say what it carries
    Unpack(OpenArgs),
    /// Say what every field of a packet means, without keys as far as it is in clear
    Explain(OpenArgs),
}

#[derive(Args, Debug)]
pub(crate) struct KeyArgs {
    /// File with the keys
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["kic", "kid", "mac"])]
    pub(crate) keys: Option<PathBuf>,
    /// The key that ciphers, as aes:HEX, 3des:HEX or des:HEX; others can see it, a file is better
    #[arg(long, value_name = "KEY", requires = "kid")]
    pub(crate) kic: Option<KeyText>,
    /// The key that makes checksums
    #[arg(long, value_name = "KEY", requires = "kic")]
    pub(crate) kid: Option<KeyText>,
    /// Version of the key set, 1 to 15 [default: 1, or the only one in the file]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=15))]
    pub(crate) key_set: Option<u8>,
    /// Octets of a checksum, 4 or 8
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(4..=8))]
    pub(crate) mac: Option<u8>,
}

/// A key as it is given: never shown, and zeroized.
#[derive(Clone, serde::Deserialize)]
#[serde(from = "String")]
pub(crate) struct KeyText(pub(super) Zeroizing<String>);

impl From<String> for KeyText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(***)")
    }
}

/// How a packet is secured.
#[derive(Args, Debug)]
pub(crate) struct SecurityArgs {
    /// The two octets of SPI, in place of the words below
    #[arg(long, value_name = "HEX", conflicts_with_all = ["security", "por", "por_security"])]
    pub(crate) spi: Option<String>,
    /// Of cc, rc (CRC-32), rc16, none; cipher; counter-higher, counter-next, counter-unchecked
    /// [default: cc,cipher,counter-higher]
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub(crate) security: Vec<String>,
    /// Of deliver-report, submit, none, on-error [default: deliver-report]
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub(crate) por: Vec<String>,
    /// How the proof is secured: of cc, rc, none; cipher [default: cc,cipher for a command with cc]
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub(crate) por_security: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct PackArgs {
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    #[command(flatten)]
    pub(crate) security: SecurityArgs,
    /// Which application: six digits, or usim, card (its files), ram
    #[arg(long, value_name = "TAR")]
    pub(crate) tar: String,
    /// The counter, which no packet had before
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..1 << 40))]
    pub(crate) counter: u64,
    /// The data in hexadecimal, `-` for standard input
    #[arg(value_name = "HEX", conflicts_with_all = ["apdu", "script"])]
    pub(crate) data: Option<String>,
    /// A command of a remote script, as often as there are commands
    #[arg(long, value_name = "HEX", conflicts_with = "script")]
    pub(crate) apdu: Vec<String>,
    /// File with commands, one a line; # starts a comment
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// How commands are put into a script
    #[arg(long, value_enum, default_value_t = ScriptFormat::Compact)]
    pub(crate) format: ScriptFormat,
    /// Print the SMS-DELIVER TPDUs that bring it to a card
    #[arg(long)]
    pub(crate) sms: bool,
    /// Print the ENVELOPE APDUs that hand these to a card
    #[arg(long)]
    pub(crate) envelope: bool,
    /// From which number the messages come
    #[arg(long, value_name = "NUMBER", default_value = "12345")]
    pub(crate) from: String,
    /// Reference of messages that belong together
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) reference: u8,
}

#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// The packet, or what it travels in: TPDU, ENVELOPE, SEND SHORT MESSAGE; `-` for standard
    /// input; several where it travels in several
    #[arg(value_name = "HEX")]
    pub(crate) octets: Vec<String>,
    /// File with the same, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "octets")]
    pub(crate) file: Option<PathBuf>,
    /// What it is, where that cannot be told
    #[arg(long, value_enum)]
    pub(crate) kind: Option<Kind>,
    /// How a proof of receipt is secured: of cc, rc, none; cipher [default: tried out]
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub(crate) por_security: Vec<String>,
    /// Show secrets in the commands that it carries: PINs, keys, contents of files with keys
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// How commands are put into a script (TS 102.226, 5).
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ScriptFormat {
    /// One behind the other; the answer of the last comes back
    Compact,
    /// As objects; every answer comes back
    Expanded,
}

/// Which packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// To a card
    Command,
    /// From a card: a proof of receipt
    Response,
}
