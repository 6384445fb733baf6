//! The list of operators that `+COPS=?` gives (TS 27.007, 7.3).

use alloc::vec::Vec;

use crate::{
    AccessTechnology, ArgError, ArgProblem, ArgWriter, Args, Line, OperatorStatus, Params, Text,
    wire::params,
};

params! {
    /// One operator found: `(<stat>,<long>,<short>,<numeric>[,<AcT>])`.
    pub struct FoundOperator {
        /// Whether it may be used.
        pub status: OperatorStatus,
        /// Long name.
        pub long: Option<Text>,
        /// Short name.
        pub short: Option<Text>,
        /// MCC and MNC.
        pub numeric: Text,
        /// Radio access.
        pub technology: Option<AccessTechnology>,
    }
}

/// `+COPS: (…),(…),,(0-4),(0-2)`: the answer to `+COPS=?`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CopsTest {
    /// The operators found, at most [`CopsTest::OPERATORS_MAX`].
    pub operators: Vec<FoundOperator>,
}

impl CopsTest {
    /// Most operators in one answer.
    pub const OPERATORS_MAX: usize = 32;
}

impl Params for CopsTest {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        for operator in &self.operators {
            to.raw(|out| {
                out.push(b'(');
                operator.encode_params(&mut ArgWriter::new(out));
                out.push(b')');
            });
        }
        to.skip();
        to.raw(|out| out.extend_from_slice(b"(0-4),(0-2)"));
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        let mut rest = from.take_rest();
        let mut operators = Vec::new();
        while let Some((group, after)) = group(rest) {
            // The ranges of modes and formats follow, after an empty element or at once.
            if !group.contains(&b'"') {
                break;
            }
            if operators.len() == Self::OPERATORS_MAX {
                return Err(from.refuse(ArgProblem::TooLong { limit: Self::OPERATORS_MAX }));
            }
            operators.push(FoundOperator::parse_params(&mut Args::new(group))?);
            match after.trim_ascii_start() {
                [b',', next @ ..] => rest = next,
                _ => break,
            }
        }
        Ok(Self { operators })
    }
}

/// Splits `(…)` off the front; quotes may hold parentheses.
fn group(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let list = list.trim_ascii_start().strip_prefix(b"(")?;
    let mut quoted = false;
    let end = list.iter().position(|&b| {
        quoted ^= b == b'"';
        b == b')' && !quoted
    })?;
    let (group, rest) = list.split_at_checked(end)?;
    Some((group, rest.get(1..)?))
}

impl Line for CopsTest {
    const NAME: &'static str = "+COPS";
}

#[cfg(any(test, feature = "testkit"))]
impl crate::testkit::Sample for CopsTest {
    fn sample(source: &mut crate::testkit::Source<'_>) -> Self {
        let count = source.value::<u8>() % 4;
        Self { operators: (0..count).map(|_| source.value()).collect() }
    }
}
