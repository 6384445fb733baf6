use clap::{Args, Subcommand, ValueEnum};
use polysim_base::Duration;
use polysim_share::DeviceName;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

const EXAMPLES: &str = "Examples, all on one machine and without hardware:
  polysim share master --state phone --pair            makes a virtual SIM, and waits for slaves
  polysim share slave --state tablet --connect 127.0.0.1:7744
      both show six digits; type y at both, and the tablet goes to its network with that SIM
  polysim share slave --state car --connect 127.0.0.1:7744
      after `pair on` at the master; it is told that tablet has the SIM, and waits
  polysim share slave --state tablet --connect 127.0.0.1:7744 --pty modem
      its modem is a serial port, too: AT+CIMI there shows the IMSI
  polysim share audit --state phone                    who was allowed, who had it, and when

A connection is authenticated and enciphered between its two ends, whatever is between them, so
--listen takes any address of this machine, not only a loopback one: whoever is not paired learns the name and the
public key of this device, and nothing of the SIM. Pairing is safe as long as both users compare.

SIMs, modems and networks here are simulated: no real card gives out its keys.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShareArgs {
    #[command(subcommand)]
    pub(super) command: ShareCommand,
    /// Print one JSON object a line; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ShareCommand {
    /// Have a virtual SIM, and lend it to one device at a time
    Master(MasterArgs),
    /// Be a device that uses the SIM of a master, on a simulated network
    Slave(SlaveArgs),
    /// Print what a master has written down: who was allowed, who had the SIM, and when
    Audit(AuditArgs),
}

const CONSOLE: &str = "Lines on standard input:
  list              the paired devices, and who has the SIM
  pick NAME|own     that device shall have it now: who has it leaves the network first
  release           nobody shall have it until somebody is picked or asks
  pair on|off       hear an unknown device, for one attempt
  unpair NAME       that device shall never have it again, and erases what it has
  audit             what was written down
  help, quit
y or n answers what is asked. A device has a number, too, for two of one name. When standard
input ends the master goes on, as a service does; what is asked then is answered with no, or by
--yes.

Events of --json: ready, pairing, compare, asks, paired, unpaired, connected, lost, busy, granted,
active, resumed, revoked, in-doubt, free, refused, not-connected, registered, stopped.";

#[derive(Args, Debug)]
#[command(after_help = CONSOLE)]
pub(super) struct MasterArgs {
    /// Folder for keys, the SIM and what was decided; made at the first start, for its owner alone
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    /// Where slaves connect; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7744")]
    pub(super) listen: SocketAddr,
    /// What other devices call this one [default: as before, or that of the folder]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) name: Option<DeviceName>,
    /// Copy the parameters to slaves, or keep the card and let its commands travel
    #[arg(long, value_enum, value_name = "MODE", default_value_t = ModeArg::Provisioned)]
    pub(super) mode: ModeArg,
    /// Send the parameters only to who has others, or each time
    #[arg(long, value_enum, value_name = "WAY", default_value_t = WayArg::Compare)]
    pub(super) way: WayArg,
    /// When to ask whether a device may have the SIM: when it is paired, or each time that it becomes
    /// active
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ConsentArg::Once)]
    pub(super) consent: ConsentArg,
    /// For how long a slave whose link is down may keep the SIM, 4s at least [default: as before, or
    /// 60s]
    #[arg(long, value_name = "TIME", value_parser = crate::command::expose::duration)]
    pub(super) timer: Option<Duration>,
    /// Have a modem here, too, which can be picked as `own`
    #[arg(long)]
    pub(super) own: bool,
    /// Begin with `pair on`
    #[arg(long)]
    pub(super) pair: bool,
    /// Answer what is asked with yes, also whether numbers are equal: for trials
    #[arg(long)]
    pub(super) yes: bool,
}

const SLAVE_CONSOLE: &str = "Lines on standard input:
  want       have the SIM, now or as soon as it is free
  release    leave the network
  forget     leave the network, and erase what is stored here
  status
  help, quit
y or n answers what is asked. Ctrl-C, and quit, leave the network first. When standard input ends
the slave goes on; what is asked then is answered with no, or by --yes.

Events of --json: ready, compare, paired, connected, lost, busy, stored, activated, registered,
resumed, leaving, left, wiped, unpaired, retry, released, status, stopped.";

#[derive(Args, Debug)]
#[command(after_help = SLAVE_CONSOLE)]
pub(super) struct SlaveArgs {
    /// Folder for keys and what is stored; made at the first start, for its owner alone
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    /// Where the master listens
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) connect: Place,
    /// What other devices call this one [default: as before, or that of the folder]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) name: Option<DeviceName>,
    /// Want the SIM when `want` is typed, not whenever there is a connection
    #[arg(long)]
    pub(super) on_request: bool,
    /// Answer what is asked with yes, also whether numbers are equal: for trials
    #[arg(long)]
    pub(super) yes: bool,
    /// Make this a link to a serial port of the modem, for other programs
    #[arg(long, value_name = "LINK")]
    pub(super) pty: Option<PathBuf>,
    /// The operator of the simulated network knows the SIM of this file, `sim.toml` of a master. Needed
    /// where the card stays with the master: no keys travel then
    #[arg(long, value_name = "FILE")]
    pub(super) register: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct AuditArgs {
    /// The folder of a master, whether it runs or not
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum ModeArg {
    /// Parameters are copied to the slave, encrypted, and locked while it is not active
    Provisioned,
    /// The card stays; its commands travel (SIM Access Profile)
    Remote,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum WayArg {
    /// Look at what the slave has, and send what differs
    Compare,
    /// Always send
    Push,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum ConsentArg {
    /// When it is paired
    Once,
    /// Each time that it becomes active
    EachTime,
}

/// A host, by name or number, and a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("expected HOST:PORT such as 127.0.0.1:7744, not {text:?}");
        let (host, port) = text.rsplit_once(':').ok_or_else(form)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(form)?;
        let host = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(form());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

fn name(text: &str) -> Result<DeviceName, String> {
    DeviceName::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_port() {
        let place = |text: &str| text.parse::<Place>();
        assert_eq!(place("[::1]:7744").unwrap().to_string(), "[::1]:7744");
        assert_eq!(place("phone.local:1").unwrap().host, "phone.local");
        for wrong in ["phone", "phone:", ":7744", "phone:0", "phone:70000"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
