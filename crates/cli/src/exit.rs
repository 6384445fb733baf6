use std::process::ExitCode;

/// What the exit code says; the numbers are documented in the help and the README.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Everything held.
    Held = 0,
    /// An expectation or an invariant did not hold.
    Failed = 1,
    /// The input is wrong, or cannot be read.
    BadInput = 2,
    /// Two runs of one seed differed.
    Differed = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
