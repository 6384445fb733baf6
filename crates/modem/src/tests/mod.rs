//! The whole machine against a scripted modem.
//!
//! Failures that happened to others, and what shows that they do not happen here:
//! - an unsolicited result acted upon within a command (deadlock, mixed-up answers):
//!   `urcs_within_a_submission_disturb_nothing`, `ten_thousand_urcs_are_bounded_work`;
//! - answers that came late and were taken for others: `a_late_answer_never_answers_the_next_text`,
//!   `an_answer_without_its_line_is_the_late_one_of_another`;
//! - a name that is both answer and unsolicited: `the_read_answer_and_the_urc_of_one_name_…`;
//! - texts sent twice or lost after a timeout: `each_part_is_in_exactly_one_state`,
//!   `a_reset_at_any_point_loses_nothing_and_repeats_nothing`;
//! - texts read again because the delete failed, or deleted in the wrong place:
//!   `a_text_that_cannot_be_deleted_…`, `a_place_that_was_taken_by_another_text_is_not_deleted`,
//!   `another_store_is_chosen_before_it_is_read`;
//! - acknowledged before it was kept, or acknowledged late: `direct_deliveries_are_…`,
//!   `an_acknowledgement_that_came_too_late_…`;
//! - half-parsed PDUs and texts that look like results: `a_damaged_pdu_is_never_told`,
//!   `a_text_between_the_lines_of_an_answer_is_told`;
//! - parts shown before the text is whole: `a_long_text_is_told_part_by_part_and_then_whole`;
//! - a second command smuggled into an argument: `no_argument_breaks_out_of_its_command`;
//! - a PIN burnt by repetition: `a_wrong_pin_is_entered_once_and_never_again`;
//! - a channel used after the card was reset: `a_channel_does_not_outlive_the_card`;
//! - no recovery after the port came back: `a_lost_port_ends_everything_…`.
#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at a few events of many")]

mod bench;
mod calls;
mod faults;
mod init;
mod jobs;
mod properties;
mod receive;
mod send;
