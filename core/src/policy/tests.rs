//! The default policy as it reads, and policies that cannot be relied on.

use std::collections::BTreeSet;

use super::space::Space;
use super::*;
use crate::alert::Side;
use crate::source::Source;
use crate::transfer::{TransferKind, Verification};

const DUST: Value = Value::Moved(Worth(9_999_999));
pub(super) const MUCH: Value = Value::Moved(Worth::units(10));
const LONG_BEFORE: Moment = Moment::Before { days: 91 };

/// A dealing over an ERC-20 transfer, where no subjects are kept.
pub(super) fn dealing(moment: Moment, side: Side, value: Value, signed_by: SignedBy) -> Dealing {
    let kind = TransferKind::Erc20;
    Dealing {
        moment,
        exposure: Exposure::of(kind, side),
        direction: Direction::of(kind, side),
        value,
        signed_by,
        counterparty: Counterparty::Anyone,
        verification: Verification::Proved,
        sources: Source::OfacSdn.mask(),
        programs: Programs::default(),
        finality: Finality::Pending,
    }
}

fn check(dealing: &Dealing, class: &str, severity: Option<Severity>) {
    let rule = Policy::standard();
    let outcome = &rule.judge(dealing).outcome;
    let expected = severity.map_or(Verdict::Nothing, Verdict::Finding);
    assert_eq!((outcome.class.as_str(), outcome.verdict), (class, expected), "{dealing:?}");
}

#[test]
fn the_default_policy_reads_as_written() {
    use Moment::{After, Boundary, While};
    use Side::{Recipient, Sender};
    use SignedBy::{Counterparty, Listed, Other};
    use Value::{UnknownToken, Zero};
    let informational = Some(Severity::Informational);
    let (low, medium) = (Some(Severity::Low), Some(Severity::Medium));
    let (high, critical) = (Some(Severity::High), Some(Severity::Critical));
    check(&dealing(After, Recipient, MUCH, Counterparty), "after_delisting", None);
    check(&dealing(While, Recipient, Zero, Counterparty), "spoof", informational);
    check(&dealing(While, Recipient, UnknownToken, Counterparty), "spoof", informational);
    let recent = Moment::Before { days: 90 };
    check(&dealing(recent, Recipient, MUCH, Other), "lookback.pre_listing.recent", low);
    check(&dealing(recent, Recipient, DUST, Other), "lookback.pre_listing", informational);
    check(&dealing(LONG_BEFORE, Recipient, MUCH, Other), "lookback.pre_listing", informational);
    check(&dealing(Boundary, Recipient, MUCH, Counterparty), "boundary", medium);
    check(&dealing(Boundary, Sender, MUCH, Listed), "boundary", medium);
    check(&dealing(Boundary, Sender, DUST, Other), "unsolicited_dust", informational);
    check(&dealing(While, Recipient, DUST, Other), "direct.outbound.while_listed", critical);
    check(&dealing(While, Sender, DUST, Counterparty), "direct.inbound.solicited", high);
    check(&dealing(While, Sender, MUCH, Counterparty), "direct.inbound.solicited", high);
    check(&dealing(While, Sender, DUST, Listed), "unsolicited_dust", informational);
    check(&dealing(While, Sender, MUCH, Other), "direct.inbound.while_listed", high);
}

#[test]
fn a_listed_subject_is_held_and_what_strangers_do_is_only_recorded() {
    let own = dealing(Moment::While, Side::Sender, MUCH, SignedBy::Listed);
    let own = Dealing { exposure: Exposure::Ownership, counterparty: Counterparty::Other, ..own };
    check(&own, "ownership", Some(Severity::Critical));
    check(&Dealing { value: Value::UnknownToken, ..own }, "spoof", Some(Severity::Informational));
    let paid = dealing(Moment::While, Side::Recipient, MUCH, SignedBy::Counterparty);
    let customers = Dealing { counterparty: Counterparty::Subject, ..paid.clone() };
    check(&customers, "direct.outbound.while_listed", Some(Severity::Critical));
    let strangers = Dealing { counterparty: Counterparty::Other, ..paid };
    check(&strangers, "no_subject", Some(Severity::Informational));
}

#[test]
fn who_only_stood_beside_is_a_case_without_a_hold() {
    use Value::{Bare, Failed, UnknownToken, Zero};
    let beside = [
        Side::Signer,
        Side::Spender,
        Side::Owner,
        Side::Callee,
        Side::Created,
        Side::Authority,
        Side::Delegate,
    ];
    let informational = Some(Severity::Informational);
    let at = |moment, side, value| dealing(moment, side, value, SignedBy::Counterparty);
    for side in beside {
        for value in [Bare, DUST, MUCH] {
            check(&at(Moment::While, side, value), "direct.other", Some(Severity::Medium));
        }
        check(&at(Moment::While, side, Failed), "failed_attempt", informational);
        check(&at(Moment::While, side, Zero), "spoof", informational);
        check(&at(Moment::While, side, UnknownToken), "spoof", informational);
        check(&at(LONG_BEFORE, side, Bare), "lookback.pre_listing", informational);
        check(&at(Moment::After, side, Bare), "after_delisting", None);
    }
    for kind in [TransferKind::Wrap, TransferKind::Unwrap] {
        for side in [Side::Sender, Side::Recipient] {
            assert_eq!(Exposure::of(kind, side), Exposure::Beside);
            assert_eq!(Direction::of(kind, side), Direction::None);
            assert_eq!(Exposure::family(kind, side), OTHER);
        }
    }
    assert_eq!(Exposure::family(TransferKind::Internal, Side::Sender), DIRECT);
}

/// Laws over every dealing that the default policy can tell apart.
#[test]
fn nothing_that_anyone_can_write_or_send_accuses_anybody() {
    let policy = Policy::standard();
    let mut seen = 0;
    Space::of(&[&policy]).each(|dealing| {
        seen += 1;
        let outcome = &policy.judge(dealing).outcome;
        let informational = Verdict::Finding(Severity::Informational);
        if matches!(dealing.value, Value::Zero | Value::UnknownToken | Value::Failed) {
            assert!(
                outcome.verdict <= informational
                    || dealing.moment == Moment::Boundary
                    || dealing.exposure == Exposure::Ownership,
                "{dealing:?}"
            );
        }
        if matches!(dealing.value, Value::Zero | Value::UnknownToken) {
            assert!(outcome.verdict <= informational, "{dealing:?}");
        }
        let dusted = dealing.exposure == Exposure::Party
            && dealing.direction == Direction::Inbound
            && dealing.value == DUST
            && dealing.signed_by != SignedBy::Counterparty;
        assert!(!dusted || outcome.verdict <= informational, "{dealing:?}");
        // What happened before the listing holds nobody's property.
        if matches!(dealing.moment, Moment::Before { .. } | Moment::Boundary) {
            assert!(outcome.action < Action::Case, "{dealing:?}");
        }
    });
    assert!(seen > 1_000);
}

/// A policy of these rules, which are lighter than the default and say so.
pub(super) fn written(rules: &str) -> String {
    format!(
        "version = \"own-1\"\nreference = \"USD\"\ndust_below = \"10\"\n\
         approved_by = [\"Ann\", \"Bob\"]\n{rules}\n\
         [[rule]]\nclass = \"rest\"\nseverity = \"low\"\naction = \"record\"\nsays = \"The rest.\"\n\
         loosens = \"a test\"\n"
    )
}

pub(super) fn one(class: &str, when: &str) -> String {
    format!(
        "[[rule]]\nclass = \"{class}\"\nwhen = {{ {when} }}\nseverity = \"critical\"\n\
         action = \"hold\"\nsays = \"So.\"\n"
    )
}

pub(super) fn refused(text: &str) -> (usize, String) {
    let PolicyError { line, reason } = Policy::parse(text).unwrap_err();
    (line, reason)
}

#[test]
fn a_rule_that_can_never_fire_is_refused_with_its_line() {
    let shadowed = one("all_before", "phase = [\"before\", \"boundary\"]")
        + &one("again", "phase = [\"before\"], direction = [\"inbound\"]");
    let (line, reason) = refused(&written(&shadowed));
    assert_eq!((line, reason.contains("decided before, by all_before")), (11, true), "{reason}");
    // Two that together leave nothing over.
    let two = one("in", "direction = [\"inbound\"]")
        + &one("out", "direction = [\"outbound\"]")
        + &one("party", "exposure = [\"party\"]");
    let (line, reason) = refused(&written(&two));
    assert_eq!((line, reason.contains("decided before, by in, out")), (17, true), "{reason}");
    let never = one("never", "exposure = [\"party\"], value = [\"bare\"]");
    let (line, reason) = refused(&written(&never));
    assert_eq!((line, reason.contains("no dealing has all")), (5, true), "{reason}");
    let apart = one("some", "at_least = \"50\"") + &one("all", "value = [\"material\"]");
    Policy::parse(&written(&apart)).unwrap();
    let shadowed = one("all", "value = [\"material\"]") + &one("some", "at_least = \"50\"");
    assert!(refused(&written(&shadowed)).1.contains("decided before, by all"));
    let lists = one("uk", "sources = [\"UK\"]") + &one("both", "sources = [\"UK\", \"EU\"]");
    Policy::parse(&written(&lists)).unwrap();
    let lists = one("both", "sources = [\"UK\", \"EU\"]") + &one("uk", "sources = [\"UK\"]");
    assert!(refused(&written(&lists)).1.contains("decided before, by both"));
}

#[test]
fn what_is_no_policy_is_refused_with_its_line() {
    let check = |text: &str, line: usize, part: &str| {
        let found = refused(text);
        assert!(found.0 == line && found.1.contains(part), "{found:?}, expected {line}: {part}");
    };
    check(&written(&one("x", "phase = [\"befor\"]")), 7, "unknown variant `befor`");
    check(&written(&one("x", "fase = [\"before\"]")), 7, "unknown field `fase`");
    check(&written(&one("a b", "phase = [\"before\"]")), 5, "class is \"a b\"");
    check(&written(&one("rest", "phase = [\"before\"]")), 12, "the class rest is there twice");
    check(&written("").replace("\"10\"", "\"101\""), 3, "use at most 100");
    check(&written("").replace("\"10\"", "\"ten\""), 3, "is no amount");
    check(&written("").replace("\"record\"", "\"none\""), 6, "the action is \"none\" where");
    check(&written("").replace("The rest.", " "), 6, "says nothing");
    let ends = written("") + &one("end", "phase = [\"before\"]");
    check(&ends, 12, "the last rule and has a condition");
    check("version = \"1\"\nreference = \"USD\"\ndust_below = \"1\"\n", 1, "1 to 64 rules");
    check("version = ", 1, "");
    let many: String =
        (0..99).map(|n| one(&format!("c{n}"), &format!("at_least = \"{n}.1\""))).collect();
    check(&written(&many), 1, "1 to 64 rules");
    let times = "\n[rule.repeated]\nclass = \"y\"\nwithin_days = 30\ntimes = 1\nseverity = \"critical\"\n\
                 action = \"hold\"\nsays = \"So.\"\n";
    check(
        &written(&(one("x", "direction = [\"inbound\"]") + times)),
        12,
        "`repeated` needs `times`",
    );
}

#[test]
fn what_is_lighter_than_the_default_says_why_and_two_people_answer() {
    let lighter = DEFAULT.replacen("severity = \"medium\"", "severity = \"low\"", 1);
    let (line, reason) = refused(&lighter);
    assert!(reason.contains("boundary (low) decides what the default policy calls boundary"));
    assert!(lighter.lines().nth(line).unwrap().contains("class = \"boundary\""));
    let marked = lighter.replacen(
        "severity = \"low\"\naction = \"decide\"",
        "severity = \"low\"\nloosens = \"agreed with the bank\"\naction = \"decide\"",
        1,
    );
    let (line, reason) = refused(&marked);
    assert_eq!((line, reason.contains("two people")), (1, true), "{reason}");
    let signed = |names: &str| {
        marked.replacen("reference", &format!("approved_by = [{names}]\nreference"), 1)
    };
    assert!(refused(&signed("\"Ann\", \"Ann\"")).1.contains("two people"));
    let policy = Policy::parse(&signed("\"Ann\", \"Bob\"")).unwrap();
    let loosened = policy.loosenings(&Policy::standard());
    assert_eq!(loosened.len(), 1);
    assert_eq!(
        (loosened[0].class.as_str(), loosened[0].verdict),
        ("boundary", Verdict::Finding(Severity::Low))
    );

    // A rule that is gone, a threshold that is higher, a repetition that is not counted.
    let gone = DEFAULT.replacen(
        "[[rule]]\nclass = \"boundary\"",
        "[[rule]]\nclass = \"b\"\nloosens = \"x\"",
        1,
    );
    let gone =
        gone.replacen("phase = [\"boundary\"] }", "phase = [\"boundary\"], at_least = \"50\" }", 1);
    assert!(refused(&gone).1.contains("what the default policy calls boundary (medium)"));
    let higher = DEFAULT.replacen("dust_below = \"10\"", "dust_below = \"50\"", 1);
    assert!(refused(&higher).1.contains("unsolicited_dust counts repetition or sum less"));
    let kept = higher.replacen(
        "within_days = 30\nseverity = \"high\"",
        "within_days = 30\nat_least = \"10\"\nseverity = \"high\"",
        1,
    );
    assert!(refused(&kept).1.contains("unsolicited_dust (informational) decides what"));
    let later = DEFAULT.replacen("times = 3", "times = 4", 1);
    assert!(refused(&later).1.contains("counts repetition or sum less"));
    // Heavier needs nobody's word.
    Policy::parse(&DEFAULT.replacen("dust_below = \"10\"", "dust_below = \"5\"", 1)).unwrap();
    Policy::parse(&DEFAULT.replacen("severity = \"medium\"", "severity = \"high\"", 1)).unwrap();
}

#[test]
fn an_explanation_names_every_rule_before_and_why_it_did_not_fit() {
    let policy = Policy::standard();
    let (rule, passed) =
        policy.explain(&dealing(Moment::While, Side::Sender, DUST, SignedBy::Other));
    assert_eq!(rule.outcome.class, "unsolicited_dust");
    let lines: Vec<_> = passed
        .iter()
        .map(|passed| {
            let unmet: Vec<_> = passed.unmet.iter().map(ToString::to_string).collect();
            format!("{}: {}", passed.rule.outcome.class, unmet.join("; "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "after_delisting: phase is while, not after",
            "spoof: value is dust, not zero or unknown_token",
            "ownership: exposure is party, not ownership",
            "no_subject: counterparty is anyone, not other",
        ]
    );
    let mut count = 0;
    Space::of(&[&policy]).each(|dealing| {
        let (rule, passed) = policy.explain(dealing);
        assert_eq!(rule, policy.judge(dealing));
        assert!(passed.iter().all(|passed| !passed.unmet.is_empty()), "{dealing:?}");
        count += 1;
    });
    assert!(count > 1_000);
}

#[test]
fn repetition_and_sum_count_once_each() {
    let policy = Policy::standard();
    let rule = policy.judge(&dealing(Moment::While, Side::Sender, DUST, SignedBy::Other));
    let class = |hours, worth, before| {
        let repeated = Earlier { hours, worth: Worth(0) };
        let summed = Earlier { hours: 0, worth: Worth::units(before) };
        rule.raised(Worth::units(worth), repeated, summed).class.as_str()
    };
    assert_eq!(class(0, 1, 0), "unsolicited_dust");
    assert_eq!(class(1, 1, 8), "unsolicited_dust");
    assert_eq!(class(2, 1, 8), "unsolicited_dust.repeated");
    assert_eq!(class(0, 1, 9), "unsolicited_dust.summed");
    assert_eq!(class(2, 1, 9), "unsolicited_dust.summed", "the heavier goes first");
}

/// As the schema sees it.
fn valid(text: &str) -> Result<(), String> {
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("policy.json", serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let index = compiler.compile("policy.json", &mut schemas).unwrap();
    let value: toml::Value = toml::from_str(text).map_err(|error| error.to_string())?;
    let value = serde_json::to_value(value).unwrap();
    schemas.validate(&value, index).map_err(|error| error.to_string())
}

#[test]
fn the_schema_knows_what_a_policy_may_say() {
    valid(DEFAULT).unwrap();
    valid(&written(&one("x", "sources = [\"UK\"], at_least = \"5\", verification = [\"agreed\"]")))
        .unwrap();
    valid(&written(&one("x", "program = [\"CYBER2\", \"DPRK3\"], finality = [\"pending\"]")))
        .unwrap();
    for wrong in [
        "phase = [\"befor\"]",
        "fase = [\"before\"]",
        "at_least = 5",
        "sources = [\"XX\"]",
        "program = [\"\"]",
        "program = [\" CYBER2\"]",
        "finality = [\"safe\"]",
    ] {
        assert!(valid(&written(&one("x", wrong))).is_err(), "{wrong}");
        assert!(Policy::parse(&written(&one("x", wrong))).is_err(), "{wrong}");
    }
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let words = |at: &str| -> BTreeSet<String> {
        let found = schema.pointer(at).and_then(|found| found.as_array()).unwrap();
        found.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    macro_rules! same {
        ($($name:ident at $at:literal;)*) => {$(
            let all: Vec<_> = $name::ALL.iter().map(|one| one.word()).collect();
            assert_eq!(words(concat!("/$defs/", $at, "/enum")), set(&all), $at);
        )*};
    }
    same! {
        Phase at "phase"; Exposure at "exposure"; Direction at "direction"; ValueClass at "value";
        SignedBy at "signed_by"; Counterparty at "counterparty"; Action at "action";
        Clock at "clock"; Severity at "severity"; Finality at "finality";
    }
    let codes = Source::ALL.map(Source::code);
    assert_eq!(words("/$defs/source/enum"), set(&codes));
}

#[test]
fn an_alert_names_the_document() {
    let policy = Policy::standard();
    let label = policy.label.as_str();
    assert!(label.starts_with("default-3@") && label.len() == 10 + 64, "{label}");
    let other = Policy::parse(&format!("{DEFAULT}\n# Another byte.\n")).unwrap();
    assert_ne!(other.label, label);
    assert_eq!(policy.outcome("unsolicited_dust.summed").unwrap().action, Action::Case);
    assert_eq!(policy.outcome("nothing"), None);
}
