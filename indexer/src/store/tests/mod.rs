//! One suite for both databases: every law is tried on each, and both give the same answers.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod access;
mod acts;
mod anew;
mod audit;
mod backlog;
mod backup;
pub(crate) mod cluster;
mod desk;
mod faults;
mod ground;
mod inbox;
mod kin;
mod kinds;
mod laws;
mod leases;
mod lines;
mod migrations;
mod plans;
mod proxy;
mod queue;
mod same;
mod schema;
mod shown;
mod spans;
mod standings;
mod subjects;
mod tampering;

/// Tries each law on both databases, every time on a new one.
macro_rules! laws {
    ($($room:ident: $($law:ident),* ;)*) => {
        mod on_sqlite {
            $($(#[tokio::test]
            async fn $law() {
                super::$room::$law(&super::ground::Ground::sqlite()).await;
            })*)*
        }

        mod on_postgres {
            $($(#[tokio::test]
            async fn $law() {
                super::$room::$law(&super::ground::Ground::postgres().await).await;
            })*)*
        }
    };
}

laws! {
    access:
    a_token_is_kept_as_it_was_made_and_for_whom,
    a_token_is_over_at_its_time_and_not_before,
    a_revoked_token_lets_nobody_in_and_ends_its_sessions,
    the_last_use_is_written_down,
    a_session_ends_when_it_is_idle_too_old_or_ended,
    nothing_is_kept_by_which_somebody_could_come_in;
    shown:
    the_list_is_read_on_from_what_is_known,
    acts_are_paged_from_the_newest,
    an_address_is_found_on_either_side_while_the_chain_has_it,
    subjects_are_paged_by_their_addresses,
    news_is_told_from_a_place_on_in_order;
    acts:
    acts_are_told_once_they_are_final;
    anew:
    a_changed_subject_is_open_until_its_findings_are_judged,
    of_many_changed_subjects_not_all_are_judged_for_at_once,
    another_judgement_is_told_once_and_what_people_decided_stays,
    of_a_flood_that_loses_its_first_the_last_is_shown,
    what_awaits_finality_is_found_once_it_is_final,
    what_is_found_by_who_did_not_know_a_subject_is_judged_for_it;
    audit:
    what_people_do_is_numbered_and_chained,
    the_log_is_only_added_to,
    the_log_is_read_from_its_end_and_narrowed;
    backlog:
    what_is_to_be_done_is_counted_once,
    the_oldest_that_nobody_looks_at_is_told,
    the_oldest_news_that_waits_is_told;
    desk:
    a_step_and_its_audit_row_are_one,
    of_many_who_take_a_step_at_once_one_does,
    the_same_step_on_many_says_of_each_what_became_of_it,
    what_people_decided_outlives_a_reorganisation_and_a_delisting,
    a_timeline_has_both_halves_in_order,
    a_summary_counts_what_is_to_be_done;
    inbox:
    every_filter_gives_what_one_would_pick;
    laws:
    a_block_brings_alerts_and_the_news_of_them,
    a_block_is_taken_in_once_and_in_its_place,
    what_fails_midway_leaves_nothing,
    a_block_that_goes_and_returns_keeps_its_alerts_names,
    what_is_reverted_is_gone_and_the_rest_stays,
    a_walk_back_stands_and_falls_with_its_listing,
    what_is_found_below_a_final_listing_is_final_at_once,
    looking_back_never_rewrites_what_was_found_live,
    finality_confirms_what_we_accepted_and_nothing_else,
    pages_follow_one_another_without_gap_or_repeat,
    pages_part_two_findings_of_one_transfer,
    filters_narrow,
    a_database_has_one_home_and_goes_on_where_it_was,
    amounts_of_any_size_return_as_they_were,
    what_cannot_be_decoded_is_kept_once_and_goes_with_its_block,
    news_is_counted_without_gaps_whatever_fails_between,
    of_many_writers_one_takes_each_block_in,
    only_what_nobody_needs_is_pruned;
    kin:
    a_flood_stands_behind_its_first_and_nothing_is_dropped,
    what_a_reorganisation_takes_back_of_a_flood_is_not_counted,
    what_came_before_of_a_pair_is_what_stands_on_the_chain,
    what_may_accuse_somebody_is_told_first;
    kinds:
    findings_of_every_kind_are_kept_as_they_are,
    a_token_is_asked_once_and_its_word_is_kept,
    a_token_that_cannot_be_asked_is_given_up,
    a_hostile_tokens_word_fits_either_database;
    lines:
    each_change_by_a_person_is_a_row_of_the_audit_log,
    each_line_has_its_own_numbers_and_wishes,
    what_comes_of_an_attempt_from_before_a_replay_does_not_count,
    news_waits_until_it_is_due_or_dead,
    what_is_urgent_overtakes_and_no_finding_is_told_out_of_order,
    a_line_that_is_full_takes_more_when_it_has_room,
    a_receiver_that_is_gone_stays_gone_under_its_address;
    migrations:
    what_the_first_version_left_is_there_and_goes_on;
    spans:
    a_span_is_taken_in_once_and_in_its_place,
    a_span_confirms_what_was_pending_below_it,
    what_a_span_finds_says_how_its_address_stands_after_it;
    subjects:
    subjects_come_and_go_and_each_change_is_seen,
    a_policy_is_kept_once;
    tampering:
    of_a_thousand_tamperings_every_one_is_found;
    standings:
    a_delisting_is_told_of_each_finding_once_and_changes_nothing_else,
    a_delisting_that_is_reorganised_away_is_taken_back,
    what_was_found_before_standings_were_kept_is_brought_up_to_date,
    of_a_long_list_only_those_with_a_finding_are_brought_up_to_date;
}
