//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;
use std::str::FromStr;

const EXIT_CODES: &str = "Exit codes:
  0  everything held
  1  an expectation or an invariant did not hold; a modem, card or network said no
  2  wrong input: a mistake in a file, an argument, a PDU
  3  two runs of one seed differed";

const RUN_EXAMPLES: &str = "Examples:
  polysim run scenarios/                         every scenario, with the seeds in the files
  polysim run scenarios/first-light.toml --seed 7
  polysim run scenarios --seeds 1..20 --twice    again in a fresh process; hashes must agree
  polysim run scenarios/calls.toml --through-hal the drivers of real modems on simulated ones
  polysim run a.toml --live modems.toml          on real modems, in real time
  polysim run a.toml --junit report.xml          for CI
  polysim run a.toml --trace trace.jsonl         every message, decoded, one JSON object a line";

/// Simulated SIM cards, modems and mobile networks: run scenario files, deterministic to the byte.
#[derive(Debug, Parser)]
#[command(name = "polysim", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenario files and say what held
    Run(RunArgs),
    /// Check scenario files without running them
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    /// List the events and states that scenarios can expect
    Events,
    /// Take short messages apart, or make them
    Sms(SmsArgs),
    /// Secured packets for cards: make them, open them, explain them
    Ota(crate::command::ota::OtaArgs),
    /// Messages between card and terminal (the toolkit) in words
    Cat(crate::command::cat::CatArgs),
    /// Measure speed and memory
    Bench(BenchArgs),
    /// Run a world in real time; its modems and cards are hardware for other programs
    Expose(crate::command::expose::ExposeArgs),
    /// Tell a world that `expose` runs to do something, or ask it
    Tell(crate::command::expose::TellArgs),
    /// A modem at a port: who it is, texts, calls, USSD, raw lines
    Modem(crate::command::modem::ModemArgs),
    /// A card in a reader or in a modem: who it is, its files, commands to it
    Card(crate::command::card::CardArgs),
    /// Cards opened on site: keys, bindings and the platform that writes cards
    Issuance(crate::command::issuance::IssuanceArgs),
    /// Profiles on an eUICC: download, enable, disable, delete
    Esim(crate::command::esim::EsimArgs),
    /// An SM-DP+, from which profiles are downloaded, and orders to one
    Smdp(crate::command::smdp::SmdpArgs),
    /// One virtual SIM, several devices, one of them active: be the master, or a slave
    Share(crate::command::share::ShareArgs),
    /// Calls and texts over data, by phone number: be the server, or a device, or see a demonstration
    Courier(crate::command::courier::CourierArgs),
    /// Certificates for trials of eSIM: make an authority, look at certificates
    Ca(crate::command::ca::CaArgs),
    /// Say what hardware, permissions and services are there, and what is missing
    Doctor(crate::command::doctor::DoctorArgs),
    /// Print completions for a shell
    Completions {
        /// For which shell
        shell: Shell,
    },
}

#[derive(Args, Debug)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// Scenario files, and folders of them (folders named `common` hold parts to include)
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Run with this seed instead of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Run with these seeds, the last one included
    #[arg(long, value_name = "A..B", conflicts_with = "seed")]
    pub(crate) seeds: Option<SeedRange>,
    /// How many runs at a time [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Write the results as JSON (`-`: to standard output, and nothing else there)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write every message of every run, decoded, as JSON lines (one job at a time)
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Run everything again in a fresh process with another number of threads; hashes must agree
    #[arg(long)]
    pub(crate) twice: bool,
    /// Run everything also with every modem driven through the HAL; what happens to each phone must
    /// be the same, in the same order
    #[arg(long, conflicts_with_all = ["trace", "twice"])]
    pub(crate) through_hal: bool,
    /// Run on the modems that this file names, in real time: one run of each file, one after the
    /// other, with its first seed; what modems cannot do or tell is skipped, and listed
    #[arg(long, value_name = "CONFIG.toml",
          conflicts_with_all = ["seeds", "jobs", "trace", "twice", "through_hal"])]
    pub(crate) live: Option<PathBuf>,
    /// Do not ask before a live run calls or texts numbers that are none of its phones
    #[arg(long, requires = "live")]
    pub(crate) yes: bool,
    /// Show the events of each run as they happen
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Scenario files, and folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print mistakes as JSON to standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// Seeds from A to B, both included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SeedRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl FromStr for SeedRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("expected two numbers such as 1..20, not {text:?}");
        let (first, last) = text.split_once("..").ok_or_else(form)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| form());
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(format!("{first} is above {last}"));
        }
        Ok(Self { first, last })
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  polysim sms decode 07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07
  polysim sms encode --to +46700000001 --text 'Привет, мир' --report")]
pub(crate) struct SmsArgs {
    #[command(subcommand)]
    pub(crate) command: SmsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SmsCommand {
    /// Take a PDU apart, as modems give and take it (service centre first)
    Decode {
        /// Hexadecimal PDU
        #[arg(required = true)]
        pdu: String,
        /// Which way it travels; a SUBMIT and a DELIVER look alike
        #[arg(long, value_enum, default_value_t = Way::Received)]
        way: Way,
        /// The PDU has no service centre in front
        #[arg(long)]
        bare: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make the PDUs that send a text, ready for AT+CMGS
    Encode {
        /// To which number: `+…` for an international one
        #[arg(long)]
        to: String,
        /// What it says
        #[arg(long)]
        text: String,
        /// Ask for a delivery report
        #[arg(long)]
        report: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which way a message travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Way {
    /// From the network to the phone: DELIVER, STATUS-REPORT
    Received,
    /// From the phone to the network: SUBMIT, COMMAND
    Sent,
}

#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) bench: Bench,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Switch on many devices within a virtual minute, and let all of them register
    AttachStorm(StormArgs),
    /// Bind many cards to their devices over the air, and write each a subscription of another
    /// operator
    CardOpening(OpeningArgs),
    /// Carry many devices abroad, and let each switch to a profile that it has from the factory
    Border(OpeningArgs),
    /// Carry many devices abroad, and let each download a profile and switch to it
    EsimDownload(OpeningArgs),
    /// Let many groups of three devices share a SIM each for a day
    Share(ShareBenchArgs),
    /// Let many users call and write over data for a day
    Courier(CourierBenchArgs),
}

/// How a world is played that is measured.
#[derive(Args, Debug)]
pub(crate) struct PlayArgs {
    /// On how many threads
    #[arg(long, default_value_t = 1, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: u16,
    /// The seed
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct StormArgs {
    /// How many devices
    #[arg(long, default_value_t = 100_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) devices: u32,
    #[command(flatten)]
    pub(crate) how: PlayArgs,
}

#[derive(Args, Debug)]
pub(crate) struct OpeningArgs {
    /// How many devices
    #[arg(long, default_value_t = 100_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=800_000))]
    pub(crate) devices: u32,
    #[command(flatten)]
    pub(crate) how: PlayArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ShareBenchArgs {
    /// How many groups
    #[arg(long, default_value_t = 100_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=250_000))]
    pub(crate) groups: u32,
    #[command(flatten)]
    pub(crate) how: PlayArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CourierBenchArgs {
    /// How many users
    #[arg(long, default_value_t = 10_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=250_000))]
    pub(crate) users: u32,
    #[command(flatten)]
    pub(crate) how: PlayArgs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn seed_ranges_include_their_ends() {
        assert_eq!("1..20".parse(), Ok(SeedRange { first: 1, last: 20 }));
        assert!("20..1".parse::<SeedRange>().is_err());
        assert!("1-20".parse::<SeedRange>().is_err());
    }
}
