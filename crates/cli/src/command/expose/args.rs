use clap::Args;
use polysim_base::Eid;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim expose world.toml                      every modem on pseudo-terminals
  polysim expose world.toml --dir /tmp/sims      … with links such as /tmp/sims/p1.0
  polysim expose world.toml --tcp p2 --card p3   p2's modem on TCP, p3's card in a reader
  polysim expose --identity trial/euicc          an eUICC alone, in a virtual reader
  polysim expose --identity trial/euicc --pty euicc --dir /tmp/sims
                                                 … in a modem, for `polysim esim modem:/tmp/sims/euicc.0`
  polysim expose world.toml --control /tmp/c &   and while it runs:
  polysim tell /tmp/c '{\"text\": {\"from\": \"+990123\", \"to\": \"p1\", \"text\": \"hello\"}}'

The modems of phones that are not named stay within the world, driven by phones of its own.
What users of exposed phones do in the timeline is left out: their programs decide.
A phone with \"ports = 2\" has two AT ports. Cards need a running pcscd with vsmartcard-vpcd.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExposeArgs {
    /// A scenario file: its world is run in real time, its timeline played
    #[arg(value_name = "WORLD.toml", required_unless_present = "identity")]
    pub(super) world: Option<PathBuf>,
    /// One eUICC and no world: its certificates and key, and the roots that it trusts, are in this
    /// folder, as `polysim ca init` makes one. It begins without profiles, and forgets them at the end
    #[arg(long, value_name = "DIR", conflicts_with_all = ["world", "card", "issuance"])]
    pub(super) identity: Option<PathBuf>,
    /// The EID of the eUICC, where the folder has several
    #[arg(long, value_name = "EID", requires = "identity")]
    pub(super) eid: Option<Eid>,
    /// The default SM-DP+ of the eUICC
    #[arg(long, value_name = "HOST", requires = "identity")]
    pub(super) default_smdp: Option<String>,
    /// The seed [default: the first of the file]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Modems of these phones on pseudo-terminals (a name, a pattern, or `all`) [default: all]
    #[arg(long, value_name = "PHONES")]
    pub(super) pty: Vec<String>,
    /// Modems of these phones on TCP, a free port each
    #[arg(long, value_name = "PHONES")]
    pub(super) tcp: Vec<String>,
    /// Modems of these phones on Unix sockets in --dir
    #[arg(long, value_name = "PHONES", requires = "dir")]
    pub(super) unix: Vec<String>,
    /// Modems of these phones on Unix sockets of the abstract namespace, for drivers:
    /// `unix:@abstract:polysim-NAME-PORT`
    #[arg(long = "abstract", value_name = "PHONES")]
    pub(super) in_abstract: Vec<String>,
    /// Cards of these phones in virtual PC/SC readers; the phones stay without
    #[arg(long, value_name = "PHONES")]
    pub(super) card: Vec<String>,
    /// Give the exposed phones cards with remote management and a card-writing applet, as this folder
    /// of `polysim issuance init --simulated` has them
    #[arg(long, value_name = "DIR")]
    pub(super) issuance: Option<PathBuf>,
    /// Folder for links to pseudo-terminals and for Unix sockets, `NAME.PORT` each; one for each
    /// world
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// Bind TCP ports on this address, counting up from its port if that is not 0
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub(super) tcp_bind: SocketAddr,
    /// Where vpcd listens for the first card; further cards take the following ports
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:35963")]
    pub(super) vpcd: String,
    /// Take verbs and questions on this Unix socket, one JSON object a line
    #[arg(long, value_name = "PATH")]
    pub(super) control: Option<PathBuf>,
    /// End after this time, such as 30s [default: at Ctrl-C]
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub(super) r#for: Option<polysim_base::Duration>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(super) json: bool,
    /// Print what happens in the world, too
    #[arg(long, short)]
    pub(super) verbose: bool,
}

/// `polysim tell`
#[derive(Args, Debug)]
#[command(after_help = "Verbs are those of a timeline (scenarios/README.md), as JSON. Questions:
  {\"state\": \"p1\"}          what a phone is like
  {\"events\": true}         what happens from now on, one line each
  {\"challenge\": \"p1\"}      RAND and AUTN for its card, and what it must answer
  {\"pull\": \"p3\"}           pull an exposed card out of its reader
  {\"insert\": \"p3\"}         and put it back
  {\"stop\": true}           end the world
Each is answered by an object: {\"ok\": true}, what was asked, or an \"error\", with \"mistake\" where it
can never be right (exit code 2) and without where it cannot be done now (1).

Examples:
  polysim tell /tmp/c '{\"call\": {\"from\": \"+990123\", \"to\": \"p1\"}}' '{\"state\": \"p1\"}'")]
pub(crate) struct TellArgs {
    /// The socket given to `expose --control`
    #[arg(value_name = "SOCKET")]
    pub(crate) socket: PathBuf,
    /// What to say, one JSON object each
    #[arg(required = true, value_name = "JSON")]
    pub(crate) requests: Vec<String>,
}
