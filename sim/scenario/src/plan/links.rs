//! `[[link]]`: what is between two ends, whichever system they are of.

use super::Report;
use super::lookup::spelt;
use super::world::latency;
use crate::spec::{LinkSpec, Name};
use crate::units::Share;
use polysim_base::Duration;
use polysim_world::{LatencyRange, LinkQuality};

/// How long a message takes where the file does not say.
pub(super) const LATENCY: LatencyRange =
    LatencyRange { min: Duration::from_millis(20), max: Duration::from_millis(60) };
/// The most links that one file may describe one by one.
const LINKS_MAX: usize = 100_000;

/// Describes the links between two names or patterns, both ways. `node` finds an end by its name;
/// `usual` is what a link is like unless the file says otherwise, and `None` where there is none.
pub(super) fn resolve<N: Copy>(
    spec: &LinkSpec,
    overrides: &mut Vec<(N, N, LinkQuality)>,
    report: &mut Report<'_>,
    node: impl Fn(&Name, &mut Report<'_>) -> Option<N>,
    usual: impl Fn(N, N) -> Option<LinkQuality>,
) {
    let [one, other] = spec.between.as_slice() else {
        let span = spec.between.first().map_or(0..0, |name| name.span.clone());
        return report.at(span, "a link is between two");
    };
    let mut nodes = |pattern: &Name| -> Vec<N> {
        let names = spelt(pattern, report).into_iter();
        names.filter_map(|name| node(&name, report)).collect()
    };
    let (ones, others) = (nodes(one), nodes(other));
    if overrides.len() + 2 * ones.len() * others.len() > LINKS_MAX {
        return report.at(one.span.clone(), format!("more than {LINKS_MAX} links"));
    }
    let share = |share: Option<Share>| share.map_or(0, |share| share.0);
    for from in &ones {
        for to in &others {
            let Some(usual) = usual(*from, *to) else {
                let message = format!("there is no link between \"{}\" and that", one.text);
                return report.at(other.span.clone(), message);
            };
            let link = LinkQuality {
                latency: spec.latency.map_or(usual.latency, latency),
                loss_ppm: share(spec.loss),
                duplicate_ppm: share(spec.duplicate),
                reorder_ppm: share(spec.reorder),
            };
            overrides.extend([(*from, *to, link), (*to, *from, link)]);
        }
    }
}

/// Returns the pairs of ends that `a-b` may stand for; names may have dashes.
pub(super) fn pairs<N>(
    name: &str,
    node: impl Fn(&str) -> Option<N>,
) -> impl Iterator<Item = (N, N)> {
    let dashes = name.match_indices('-').map(|(at, _)| at);
    dashes.filter_map(move |at| {
        let (one, other) = name.split_at_checked(at)?;
        Some((node(one)?, node(other.strip_prefix('-')?)?))
    })
}
