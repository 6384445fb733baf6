use clap::{Args, Subcommand};
use polysim_base::{Eid, Iccid};
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim ca init trial
  polysim smdp serve --certs trial/smdp --state office &       https://localhost:8443
  polysim smdp order --state office                            prints an activation code
  polysim smdp order --state office --type gold --eid 8904… --confirmation-code-file code.txt
  polysim smdp serve --certs trial/smdp --state office --http  for profile assistants without TLS
  polysim smdp order --server smdp.example.com --token-file es2.token --roots roots --type gold

Profiles are files in the folder of --profiles; each is a type, named after its file:
  *.der, *.upp   a whole profile package (unprotected, as TCA's format has it): there is one of it
  *.toml         a description; profiles are made from it, each with numbers and keys of its own:
                   network = \"00101\"          the home network
                   provider = \"Example\"       the operator, as users see it
                   profile = \"Gold\"           the profile, as users see it
                   first_iccid = \"8988211000000000017\"
                   first_imsi = \"001010000000001\"
                   count = 1000
                   template = \"gold.upp\"      in place of a profile made by polysim [optional]
Without --profiles there is one type, `trial`, of network 00101.

The state folder holds the journal of all orders, with the keys of all profiles that were ordered:
keep it private. `subscriptions.csv` in it is what an operator's subscriber server needs: imsi, k, opc.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SmdpArgs {
    #[command(subcommand)]
    pub(super) command: SmdpCommand,
    /// Print JSON, one object a line; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum SmdpCommand {
    /// Be an SM-DP+: ES9+ for profile assistants, ES2+ for operators
    Serve(ServeArgs),
    /// Order a profile of a running SM-DP+, and print the activation code
    Order(OrderArgs),
}

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    /// Folder with `CERT.DPauth`, `CERT.DPpb`, `CERT.DP.TLS`, their keys, and the roots of eUICCs
    #[arg(long, value_name = "DIR")]
    pub(super) certs: PathBuf,
    /// Folder with profiles
    #[arg(long, value_name = "DIR")]
    pub(super) profiles: Option<PathBuf>,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    pub(super) listen: SocketAddr,
    /// The address that devices know, HOST or HOST:PORT [default: the host name of `CERT.DP.TLS`,
    /// or `localhost` with --http, and the port of --listen]
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<String>,
    /// Speak plain HTTP, to this machine alone
    #[arg(long)]
    pub(super) http: bool,
    /// Folder for the journal; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    /// File with the token that operators show [default: `es2.token` in the state folder, made]
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Whose profiles these are: the `functionRequesterIdentifier` of orders
    #[arg(long, value_name = "NAME", default_value = super::OPERATOR)]
    pub(super) operator: String,
    /// Serve eUICCs under the published roots for tests, too: anybody can make such an eUICC
    #[arg(long)]
    pub(super) test_roots: bool,
    /// Most connections at a time
    #[arg(long, value_name = "N", default_value_t = 1_024,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) connections: u32,
}

#[derive(Args, Debug)]
pub(super) struct OrderArgs {
    /// The state folder of an SM-DP+ that runs on this machine
    #[arg(long, value_name = "DIR", required_unless_present = "server",
          conflicts_with_all = ["server", "token_file", "roots", "insecure_http"])]
    pub(super) state: Option<PathBuf>,
    /// An SM-DP+: HOST or HOST:PORT
    #[arg(long, value_name = "HOST", requires = "token_file")]
    pub(super) server: Option<String>,
    /// File with the token that operators show
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Folder with the roots of the server's certificate
    #[arg(long, value_name = "DIR")]
    pub(super) roots: Option<PathBuf>,
    /// Speak plain HTTP to a server on this machine
    #[arg(long)]
    pub(super) insecure_http: bool,
    /// Which type of profile [default: the only one, or `trial`]
    #[arg(long = "type", value_name = "NAME")]
    pub(super) profile_type: Option<String>,
    /// Which profile
    #[arg(long, value_name = "ICCID")]
    pub(super) iccid: Option<Iccid>,
    /// Only for this eUICC
    #[arg(long, value_name = "EID")]
    pub(super) eid: Option<Eid>,
    /// The token of the activation code [default: a random one]
    #[arg(long, value_name = "TEXT")]
    pub(super) matching_id: Option<String>,
    /// No token: the eUICC of --eid finds the profile at its default SM-DP+
    #[arg(long, requires = "eid", conflicts_with = "matching_id")]
    pub(super) by_eid: bool,
    /// File with a confirmation code that the user must type in (`-`: standard input)
    #[arg(long, value_name = "FILE")]
    pub(super) confirmation_code_file: Option<PathBuf>,
    /// In whose name
    #[arg(long, value_name = "NAME", default_value = super::OPERATOR)]
    pub(super) operator: String,
}
