use clap::{Args, Subcommand};
use polysim_base::Eid;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  polysim ca init trial                          a root, a server for localhost, one eUICC
  polysim ca init trial --smdp smdp.example.com --eid 89049032123451234512345678901235
  polysim ca show trial/smdp/dptls.pem --roots trial/roots
  polysim smdp serve --certs trial/smdp …
  polysim expose --identity trial/euicc …
  polysim esim … --roots trial/roots

`init` makes four folders, one for whom each is meant; private keys are PEM of PKCS #8:
  authority   the root (CI) and the manufacturer (EUM) with their keys; keep it to yourself
  roots       the root alone: what a profile assistant trusts
  smdp        the certificates of an SM-DP+ (DPauth, DPpb, DP.TLS) with their keys
  euicc       the certificates of eUICCs with their keys, and that of their manufacturer

Keys are of P-256 and come from the operating system. These are trial certificates: no eUICC of the
market trusts them, and no SM-DP+ of the market trusts its eUICCs.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CaArgs {
    #[command(subcommand)]
    pub(super) command: CaCommand,
    /// Print JSON; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum CaCommand {
    /// Make an authority for trials, and what it issues
    Init(InitArgs),
    /// Say what stands in certificates, private keys and revocation lists
    Show {
        /// PEM or DER
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Judge them by the roots, manufacturers and revocation lists in this folder, too
        #[arg(long, value_name = "DIR")]
        roots: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// The EID of an eUICC, 32 digits; as often as there are eUICCs [default: one is made up]
    #[arg(long = "eid", value_name = "EID")]
    pub(super) eids: Vec<Eid>,
    /// The host name of the SM-DP+, without a port
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    pub(super) smdp: String,
    /// The object identifier of the SM-DP+
    #[arg(long, value_name = "OID", default_value = "2.999.10")]
    pub(super) oid: String,
    /// The name of the root
    #[arg(long, value_name = "NAME", default_value = "polysim trial CI")]
    pub(super) name: String,
    /// For how many days the certificates hold
    #[arg(long, value_name = "N", default_value_t = 3_650,
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(super) days: u32,
}
