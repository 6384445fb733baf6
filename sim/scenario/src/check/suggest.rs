//! "Did you mean": the nearest of the names that are there.

/// Returns a hint naming the candidate nearest to `given`, if one is near.
#[must_use]
pub fn did_you_mean<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let reach = (given.chars().count() / 3).max(1) + 1;
    let (distance, nearest) = candidates
        .into_iter()
        .map(|candidate| (distance(given, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= reach).then(|| format!("did you mean \"{nearest}\"?"))
}

/// Edits (insert, delete, replace, swap of neighbours counted as two) between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (above + 1).min(left + 1).min(diagonal + usize::from(x != *y));
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(
            did_you_mean("fro", ["to", "from", "text"]),
            Some("did you mean \"from\"?".into())
        );
        assert_eq!(did_you_mean("zzzzzz", ["to", "from"]), None);
    }
}
