//! Rules that ask for the program of the listing, and for finality.

use super::tests::{MUCH, dealing, one, refused, written};
use super::*;
use crate::alert::Side;

const CYBER: &str = "program = [\"CYBER2\", \"DPRK3\"]";

fn policy(rules: &str) -> Policy {
    Policy::draft(&written(rules)).unwrap()
}

fn codes(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// An outbound payment to an address listed under these programs.
fn paid(programs: Programs) -> Dealing {
    let paid = dealing(Moment::While, Side::Recipient, MUCH, SignedBy::Counterparty);
    Dealing { programs, ..paid }
}

#[test]
fn a_program_fits_only_where_it_is_known() {
    let policy = policy(&one("cyber", CYBER));
    let class = |programs| policy.judge(&paid(programs)).outcome.class.as_str();
    assert_eq!(class(Programs::all(codes(&["DPRK3"]))), "cyber");
    assert_eq!(class(Programs::all(codes(&["SDGT", "CYBER2"]))), "cyber");
    assert_eq!(class(Programs::some(codes(&["CYBER2"]))), "cyber", "one of them is enough");
    assert_eq!(class(Programs::all(codes(&["SDGT"]))), "rest");
    assert_eq!(class(Programs::some(codes(&["SDGT"]))), "rest");
    assert_eq!(class(Programs::default()), "rest");

    let why = |programs| {
        let dealing = paid(programs);
        let (_, passed) = policy.explain(&dealing);
        passed[0].unmet[0].to_string()
    };
    let asked = "not CYBER2 or DPRK3";
    assert_eq!(why(Programs::default()), format!("program is unknown, {asked}"));
    assert_eq!(why(Programs::all([])), format!("program is none, {asked}"));
    assert_eq!(
        why(Programs::some(codes(&["SDGT"]))),
        format!("program is SDGT, others unknown, {asked}")
    );
    assert_eq!(
        why(Programs::all(codes(&["SDGT", "IRAN"]))),
        format!("program is IRAN and SDGT, {asked}")
    );
}

#[test]
fn rules_that_ask_for_programs_are_tried_as_all_others() {
    // One program more is another rule, and the same again is none.
    policy(&(one("a", "program = [\"A\"]") + &one("ab", "program = [\"A\", \"B\"]")));
    let shadowed = one("ab", "program = [\"A\", \"B\"]") + &one("a", "program = [\"A\"]");
    let (line, reason) = refused(&written(&shadowed));
    assert_eq!((line, reason.contains("decided before, by ab")), (11, true), "{reason}");
    assert!(refused(&written(&one("none", "program = []"))).1.contains("no dealing has all"));
    // Of forty that one rule names, none is told from another.
    let many: Vec<_> = (0..40).map(|n| format!("\"P{n}\"")).collect();
    policy(&one("many", &format!("program = [{}]", many.join(", "))));
    // Forty rules with one each are more than can be tried, and that is said at once.
    let many: String =
        (0..40).map(|n| one(&format!("c{n}"), &format!("program = [\"P{n}\"]"))).collect();
    let (line, reason) = refused(&written(&many));
    assert_eq!((line, reason.contains("too many to try each")), (1, true), "{reason}");
}

#[test]
fn a_rule_that_asks_for_more_than_the_default_is_looser() {
    let outbound = "when = { direction = [\"outbound\"]";
    assert!(DEFAULT.contains(outbound));
    for (asks, part) in [
        ("program = [\"CYBER2\"]", "what the default policy calls direct.outbound.while_listed"),
        (
            "finality = [\"finalized\"]",
            "what the default policy calls direct.outbound.while_listed",
        ),
    ] {
        let narrowed = DEFAULT.replacen(outbound, &format!("{outbound}, {asks}"), 1);
        let reason = refused(&narrowed).1;
        assert!(reason.contains(part) && reason.contains("`loosens`"), "{asks}: {reason}");
    }
    // What only adds a heavier rule for some is not.
    let rule = "[[rule]]\nclass = \"boundary\"";
    assert!(DEFAULT.contains(rule));
    let heavier = DEFAULT.replacen(
        rule,
        &format!("{}{rule}", one("b", "phase = [\"boundary\"], program = [\"CYBER2\"]")),
        1,
    );
    let heavier = Policy::parse(&heavier.replacen("default-3", "own-1", 1)).unwrap();
    assert_eq!(heavier.loosenings(&Policy::standard()), []);
}

#[test]
fn what_waits_for_finality_is_known_and_nothing_else() {
    let low = one("once_final", "direction = [\"outbound\"], finality = [\"finalized\"]");
    let policy = policy(&low);
    let paid = paid(Programs::default());
    let received = dealing(Moment::While, Side::Sender, MUCH, SignedBy::Other);
    assert_eq!(policy.judge(&paid).outcome.class, "rest");
    assert!(policy.awaits_finality(&paid));
    assert!(!policy.awaits_finality(&received), "no rule asks for it there");
    let finalized = Dealing { finality: Finality::Finalized, ..paid.clone() };
    assert_eq!(policy.judge(&finalized).outcome.class, "once_final");
    assert!(!policy.awaits_finality(&finalized), "it has come");
    assert!(!Policy::standard().awaits_finality(&paid));
    let (_, passed) = policy.explain(&paid);
    assert_eq!(passed[0].unmet[0].to_string(), "finality is pending, not finalized");
}

#[test]
fn what_is_found_too_late_or_would_be_counted_anew_is_refused() {
    let nothing = |finality: &str| {
        one("none_yet", &format!("direction = [\"outbound\"], finality = [\"{finality}\"]"))
            .replace("\"critical\"", "\"none\"")
            .replace("\"hold\"", "\"none\"")
    };
    for finality in ["pending", "finalized"] {
        let (line, reason) = refused(&written(&nothing(finality)));
        assert!(line == 5 && reason.contains("one is a finding and the other is none"), "{reason}");
    }
    let counted = one("dust", "value = [\"dust\"], finality = [\"finalized\"]")
        + "\n[rule.repeated]\nclass = \"again\"\nwithin_days = 30\ntimes = 3\n\
           severity = \"critical\"\naction = \"hold\"\nsays = \"So.\"\n";
    let (line, reason) = refused(&written(&counted));
    assert!(line == 5 && reason.contains("counts together with others cannot wait"), "{reason}");
    let after = counted.replacen("[\"finalized\"]", "[\"pending\", \"finalized\"]", 1);
    policy(&after);
}
