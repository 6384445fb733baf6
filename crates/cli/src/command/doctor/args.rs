use clap::Args;

const EXAMPLES: &str = "Examples:
  polysim doctor            what is there, what is missing, and the line that puts it right
  polysim doctor --json     the same for programs

It changes nothing, and its exit code is 0 whatever it finds.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
