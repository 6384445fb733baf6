//! Events of eSIMs that are steered.

use super::fields::{PHONE, PROFILE, SERVICE, WHY_REFUSED};
use crate::event::EventKind;

/// Each, by name.
pub(super) const EVENTS: [EventKind; 30] = [
    EventKind {
        name: "advisor.cancelled",
        about: "a platform has taken an order back",
        fields: &[SERVICE, PHONE, PROFILE],
    },
    EventKind {
        name: "advisor.granted",
        about: "a platform has had a profile ordered and confirmed for a device",
        fields: &[SERVICE, PHONE, PROFILE],
    },
    EventKind {
        name: "advisor.listed",
        about: "a platform has given a device a list",
        fields: &[SERVICE, PHONE, ("operators", "how many operators it has")],
    },
    EventKind {
        name: "advisor.not-authentic",
        about: "something came to a platform that pretends to be from this device and is not, or was changed",
        fields: &[SERVICE, PHONE],
    },
    EventKind {
        name: "advisor.refused",
        about: "a platform has refused a list or a profile",
        fields: &[SERVICE, PHONE, WHY_REFUSED],
    },
    EventKind {
        name: "advisor.report",
        about: "a platform has recorded a report of a device",
        fields: &[
            SERVICE,
            PHONE,
            ("outcome", "downloaded, download-failed, switched, none-worked, home, home-failed"),
            PROFILE,
            ("merged", "how many reports before it this one stands for"),
        ],
    },
    EventKind {
        name: "agent.not-authentic",
        about: "something came to an agent that pretends to be from its platform and is not, or was changed",
        fields: &[PHONE],
    },
    EventKind {
        name: "agent.refused",
        about: "a platform has refused the agent a list or a profile",
        fields: &[PHONE, WHY_REFUSED],
    },
    EventKind {
        name: "agent.stayed",
        about: "the profile that the device has suits best where it is: nothing is switched",
        fields: &[PHONE],
    },
    EventKind {
        name: "attach.rejected",
        about: "the device has not attached with a profile that was enabled",
        fields: &[
            PHONE,
            PROFILE,
            ("cause", "the cause with which a network has refused it, 0 where the time was over"),
        ],
    },
    EventKind {
        name: "discovery.started",
        about: "a device begins a session with an SM-DS",
        fields: &[PHONE, SERVICE],
    },
    EventKind {
        name: "download.failed",
        about: "a profile could not be installed",
        fields: &[PHONE, PROFILE, ("why", "unreachable, server, euicc, memory, vanished")],
    },
    EventKind {
        name: "download.installed",
        about: "a profile is on an eUICC that was not there before",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "download.postponed",
        about: "there is no data connection: the profile is not downloaded now",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "download.started",
        about: "a device begins a session with an SM-DP+",
        fields: &[PHONE, SERVICE],
    },
    EventKind {
        name: "downloads.used-up",
        about: "the downloads of this month are used up on this device",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "enable.failed",
        about: "a profile could not be enabled",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "home.again",
        about: "the device is in its home network again, with its original profile",
        fields: &[PHONE],
    },
    EventKind {
        name: "home.failed",
        about: "the device was to have its original profile again and did not attach with it",
        fields: &[PHONE],
    },
    EventKind {
        name: "home.visible",
        about: "the home network of the original profile is there again, for long enough",
        fields: &[PHONE],
    },
    EventKind {
        name: "list.received",
        about: "an agent has a list of operators",
        fields: &[
            PHONE,
            ("source", "platform, stored or presets"),
            ("operators", "how many operators it has"),
        ],
    },
    EventKind {
        name: "operator.told",
        about: "an operator hears from its SM-DP+ what became of a profile; told once",
        fields: &[
            SERVICE,
            ("operator", "the operator"),
            ("phone", "the phone, empty where it is not known"),
            (
                "point",
                "eligibility, confirmation-failure, download, installation, deleted, enabled, disabled, other",
            ),
            ("ok", "whether it went well"),
        ],
    },
    EventKind {
        name: "platform.silent",
        about: "the platform does not answer an agent",
        fields: &[PHONE],
    },
    EventKind {
        name: "profile.attached",
        about: "the device has attached with a profile that was enabled",
        fields: &[PHONE, PROFILE, ("operator", "in whose network")],
    },
    EventKind {
        name: "profile.deleted",
        about: "a profile is no more on an eUICC",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "profile.enabled",
        about: "another profile is enabled on an eUICC",
        fields: &[PHONE, PROFILE],
    },
    EventKind {
        name: "roaming.detected",
        about: "an agent looks for another operator, as the device roams",
        fields: &[PHONE, ("operator", "in whose network")],
    },
    EventKind {
        name: "service.missed",
        about: "an agent looks for another operator, as the device has no service",
        fields: &[PHONE],
    },
    EventKind {
        name: "switch.failed",
        about: "no operator worked, or none was found: the original profile stays",
        fields: &[PHONE, ("tried", "how many were tried")],
    },
    EventKind {
        name: "switch.succeeded",
        about: "an agent has found an operator that works",
        fields: &[PHONE, PROFILE, ("operator", "in whose network")],
    },
];
