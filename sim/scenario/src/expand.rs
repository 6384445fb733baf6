//! Patterns of names: `meter{1..200}` stands for two hundred names.

/// The most names that one pattern may stand for.
pub const EXPANSION_MAX: u64 = 10_000_000;

/// Why a pattern is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPattern {
    /// A brace that is not closed, or one too many.
    #[error("a pattern has one {{first..last}}, as in \"meter{{1..200}}\"")]
    Form,
    /// The range is empty or too long.
    #[error("the pattern stands for {count} names; 1 to {EXPANSION_MAX} are allowed")]
    Count {
        /// How many.
        count: u64,
    },
}

/// Returns the names that a text stands for; itself where it has no braces. Numbers keep the width
/// of the first one: `{01..12}`.
///
/// # Errors
/// [`InvalidPattern`] where braces are there but no range of numbers.
pub fn expand(pattern: &str) -> Result<Vec<String>, InvalidPattern> {
    let Some((head, rest)) = pattern.split_once('{') else {
        let whole = !pattern.contains('}');
        return whole.then(|| vec![pattern.to_owned()]).ok_or(InvalidPattern::Form);
    };
    let (range, tail) = rest.split_once('}').ok_or(InvalidPattern::Form)?;
    let (first, last) = range.split_once("..").ok_or(InvalidPattern::Form)?;
    if tail.contains(['{', '}']) {
        return Err(InvalidPattern::Form);
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| InvalidPattern::Form);
    let (low, high) = (number(first)?, number(last)?);
    let count = high.saturating_add(1).saturating_sub(low);
    if !(1..=EXPANSION_MAX).contains(&count) {
        return Err(InvalidPattern::Count { count });
    }
    let width = if first.starts_with('0') { first.len() } else { 0 };
    Ok((low..=high).map(|n| format!("{head}{n:0width$}{tail}")).collect())
}

/// Returns the name number `at` of an open pattern such as `46000{0000000001..}`, or of a closed one.
///
/// # Errors
/// [`InvalidPattern`] where braces are there but no range of numbers.
pub fn nth(pattern: &str, at: u64) -> Result<String, InvalidPattern> {
    let Some((head, rest)) = pattern.split_once('{') else {
        return Ok(pattern.to_owned());
    };
    let (range, tail) = rest.split_once('}').ok_or(InvalidPattern::Form)?;
    let (first, last) = range.split_once("..").ok_or(InvalidPattern::Form)?;
    let low = first.parse::<u64>().map_err(|_| InvalidPattern::Form)?;
    let n = low.saturating_add(at);
    if !last.is_empty() && last.parse::<u64>().map_err(|_| InvalidPattern::Form)? < n {
        return Err(InvalidPattern::Count { count: at });
    }
    let width = if first.starts_with('0') { first.len() } else { 0 };
    Ok(format!("{head}{n:0width$}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_expand_and_keep_their_width() {
        assert_eq!(expand("m{1..3}").unwrap(), ["m1", "m2", "m3"]);
        assert_eq!(expand("m{08..10}-x").unwrap(), ["m08-x", "m09-x", "m10-x"]);
        assert_eq!(expand("plain").unwrap(), ["plain"]);
        assert_eq!(nth("46000{0000000001..}", 4).unwrap(), "460000000000005");
        assert_eq!(nth("fixed", 4).unwrap(), "fixed");
    }

    #[test]
    fn other_braces_are_refused() {
        assert_eq!(expand("m{1..3"), Err(InvalidPattern::Form));
        assert_eq!(expand("m{a..b}"), Err(InvalidPattern::Form));
        assert_eq!(expand("m{3..1}"), Err(InvalidPattern::Count { count: 0 }));
        assert_eq!(expand("m{1..2}{1..2}"), Err(InvalidPattern::Form));
        assert_eq!(nth("x{1..2}", 5), Err(InvalidPattern::Count { count: 5 }));
        assert!(expand("m{0..18446744073709551615}").is_err());
    }
}
