use super::{Report, caps_of};
use crate::plan::world::latency;
use crate::spec::{CodecSpec, FleetSpec};
use crate::units::Span;
use polysim_base::Duration;
use polysim_fleet::speech::Codec;
use polysim_lease::Margin;
use polysim_world::FleetConfig;

/// Drift and skew that clocks are taken to have at most.
const DRIFT_PPM: u32 = 200;
const SKEW: Duration = Duration::from_secs(2);
/// A leader that shows itself more often does nothing else.
const REFRESH_MIN: Duration = Duration::from_millis(100);

/// Puts what a file says in the place of the defaults.
pub(super) fn resolve(spec: &FleetSpec, fleet: &mut FleetConfig, report: &mut Report<'_>) {
    let set = |to: &mut Duration, from: Option<Span>| {
        from.into_iter().for_each(|span| *to = span.0);
    };
    let exchange = &mut fleet.exchange;
    set(&mut exchange.ttl, spec.ttl);
    set(&mut exchange.grace, spec.grace);
    set(&mut exchange.rest, spec.rest);
    set(&mut exchange.site_backoff, spec.site_rest);
    set(&mut exchange.silence, spec.site_silence);
    set(&mut exchange.quarantine, spec.quarantine);
    set(&mut exchange.wait_max, spec.wait);
    set(&mut exchange.mail_keep, spec.mail_keep);
    set(&mut exchange.parts_wait, spec.parts_wait);
    set(&mut exchange.report_window, spec.report_window);
    let mail_max = spec.mail_max.and_then(|count| usize::try_from(count).ok());
    mail_max.into_iter().for_each(|count| exchange.mail_max = count);
    spec.caps.into_iter().for_each(|caps| exchange.caps = caps_of(caps));
    spec.site_failures.into_iter().for_each(|count| exchange.site_failures_max = count);
    spec.waiting.into_iter().for_each(|count| exchange.waiting_max = count);
    if spec.skew.is_some() || spec.drift_ppm.is_some() {
        let skew = spec.skew.map_or(SKEW, |span| span.0);
        match Margin::new(spec.drift_ppm.unwrap_or(DRIFT_PPM), skew) {
            Ok(margin) => exchange.margin = margin,
            Err(error) => report.at(0..0, error.to_string()),
        }
    }
    let timing = &mut fleet.timing;
    set(&mut timing.renew_every, spec.renew);
    set(&mut timing.attach_max, spec.attach);
    set(&mut timing.ring_max, spec.ring);
    set(&mut timing.call_max, spec.call);
    set(&mut timing.card_max, spec.card);
    set(&mut timing.null_every, spec.null);
    let terminal = &mut fleet.terminal;
    set(&mut terminal.patience, spec.patience);
    set(&mut terminal.mail_every, spec.mail_every);
    spec.tries.into_iter().for_each(|tries| terminal.tries = tries);
    if let Some(codec) = spec.codec {
        terminal.codec = match codec {
            CodecSpec::Linear => Codec::Linear,
            CodecSpec::ALaw => Codec::ALaw,
            CodecSpec::MuLaw => Codec::MuLaw,
        };
    }
    if spec.refresh.is_some_and(|span| span.0 < REFRESH_MIN) {
        report.at(0..0, format!("[fleet] refresh: at least {REFRESH_MIN}"));
    }
    set(&mut fleet.succession.refresh_every, spec.refresh);
    set(&mut fleet.succession.silence, spec.silence);
    spec.disk.into_iter().for_each(|range| fleet.sync = latency(range));
}
