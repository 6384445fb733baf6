use clap::{Args, Subcommand};
use polysim_base::Imei;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim esim 0 info                            the eUICC in the first reader
  polysim esim modem:/dev/ttyUSB2 list           the one in a modem; a pseudo-terminal of
                                                 `polysim expose` is such a port, too
  polysim esim 0 download 'LPA:1$smdp.example.com$TOKEN' --roots roots
  polysim esim 0 download --qr code.png --roots roots --enable
  polysim esim 0 download --default --roots roots --imei 356938035643809
  polysim esim 0 enable 8988211000000000017      by ICCID, AID or nickname
  polysim esim 0 delete holiday --yes
  polysim esim 0 notifications --send --roots roots
  polysim esim 0 discover --roots roots          what an SM-DS has for this eUICC

Servers are trusted by the root certificates in the folder of --roots (of GSMA, or of one's own) and
by no others. What an operation leaves for servers to know is delivered right behind it, if there are
roots; it stays on the eUICC until a server has taken it.

A download is written down before it begins, in a file for each eUICC under ~/.local/state/polysim, so
that one that was cut is finished or cleaned up by the next command. A profile that is enabled reaches
a device when it reads its card anew: a REFRESH is asked for unless --no-refresh is given.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EsimArgs {
    /// Name of a reader, a part of it, its number in `polysim card list`, or modem:PORT
    #[arg(value_name = "READER|PORT")]
    pub(super) place: String,
    #[command(subcommand)]
    pub(super) command: EsimCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Write what passes the card, without secrets: text, JSON lines (FILE.jsonl), or a capture
    /// for Wireshark (FILE.pcap)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// Folder with the root certificates of servers
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) roots: Option<PathBuf>,
    /// Speak plain HTTP to servers on this machine, for trials
    #[arg(long, global = true)]
    pub(super) insecure_http: bool,
    /// Where a download that was cut is remembered [default: a file for each eUICC under
    /// ~/.local/state/polysim]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// The identifier of the eUICC's ISD-R, where it is not that of the standard
    #[arg(long, global = true, value_name = "HEX")]
    pub(super) isdr: Option<String>,
    /// Octets in one command to the card [default: 255 in a reader, 120 in a modem]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u8).range(6..))]
    pub(super) block: Option<u8>,
    /// Leave notifications on the eUICC
    #[arg(long, global = true)]
    pub(super) no_notify: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum EsimCommand {
    /// What is known of the eUICC
    Info,
    /// List the profiles
    List,
    /// Download a profile and install it
    Download(DownloadArgs),
    /// Enable a profile; the one that is enabled is disabled in the same step
    Enable {
        #[command(flatten)]
        which: ProfileArgs,
        /// Do not ask the device to read the card anew
        #[arg(long)]
        no_refresh: bool,
    },
    /// Disable a profile
    Disable {
        #[command(flatten)]
        which: ProfileArgs,
        /// Do not ask the device to read the card anew
        #[arg(long)]
        no_refresh: bool,
    },
    /// Delete a profile, for good: most cannot be downloaded a second time
    Delete {
        #[command(flatten)]
        which: ProfileArgs,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Name a profile
    Nickname {
        #[command(flatten)]
        which: ProfileArgs,
        /// Its name, at most 64 octets; empty to remove it
        name: String,
    },
    /// List what servers are to be told yet
    Notifications {
        /// Tell them
        #[arg(long)]
        send: bool,
        /// Remove this one, though no server has taken it
        #[arg(long, value_name = "NUMBER", conflicts_with = "send")]
        remove: Option<u64>,
    },
    /// Ask an SM-DS which servers have something for this eUICC
    Discover {
        /// The SM-DS [default: the one that the eUICC has]
        #[arg(long, value_name = "HOST")]
        smds: Option<String>,
        /// The IMEI of the device
        #[arg(long, value_name = "IMEI")]
        imei: Option<Imei>,
    },
    /// Set the SM-DP+ that is asked where nothing else is said
    DefaultSmdp {
        /// Its host name; empty for none
        address: String,
    },
    /// Delete all profiles of a kind, for good
    Reset {
        /// Operational profiles [default: these alone, where no kind is given]
        #[arg(long)]
        profiles: bool,
        /// Test profiles that were downloaded
        #[arg(long)]
        test_profiles: bool,
        /// The default SM-DP+
        #[arg(long)]
        default_smdp: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct ProfileArgs {
    /// Which profile: its ICCID, the AID of its ISD-P, or its nickname
    #[arg(value_name = "PROFILE")]
    pub(super) profile: String,
}

#[derive(Args, Debug)]
pub(super) struct DownloadArgs {
    /// The activation code, as `LPA:1$HOST$TOKEN`
    #[arg(value_name = "CODE", required_unless_present_any = ["qr", "default"],
          conflicts_with_all = ["qr", "default"])]
    pub(super) code: Option<String>,
    /// A picture (PNG or JPEG) of the QR code that holds the activation code
    #[arg(long, value_name = "IMAGE", conflicts_with = "default")]
    pub(super) qr: Option<PathBuf>,
    /// Ask the default SM-DP+ of the eUICC, which knows it by its EID
    #[arg(long)]
    pub(super) default: bool,
    /// File with the confirmation code (`-`: standard input) [default: asked for, if one is needed]
    #[arg(long, value_name = "FILE")]
    pub(super) confirmation_code_file: Option<PathBuf>,
    /// The confirmation code; others can see it, a file is better
    #[arg(long, value_name = "CODE", conflicts_with = "confirmation_code_file")]
    pub(super) confirmation_code: Option<String>,
    /// The IMEI of the device, which the server is told
    #[arg(long, value_name = "IMEI")]
    pub(super) imei: Option<Imei>,
    /// Enable the profile, once it is there
    #[arg(long)]
    pub(super) enable: bool,
    /// Do not ask whether the profile is wanted
    #[arg(long)]
    pub(super) yes: bool,
}
