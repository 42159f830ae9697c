//! Words and tables for people: times, durations, plurals, columns.

use std::borrow::Cow;
use std::fmt::Write as _;

use alloy::primitives::Address;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use interdict_core::ledger::{Kind, UNTIL_MAX};
use jiff::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A moment given in unix seconds.
pub(crate) fn time(seconds: u64) -> String {
    if seconds >= UNTIL_MAX {
        return "without end".to_owned();
    }
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| format!("{seconds} s"), |time| time.to_string())
}

/// The day, in UTC, of a moment given in unix seconds.
pub(crate) fn day(seconds: u64) -> String {
    let time = time(seconds);
    time.split_once('T').map_or(time.clone(), |(day, _)| day.to_owned())
}

/// A duration in its largest whole unit.
pub(crate) fn duration(seconds: u64) -> String {
    let whole = |unit: u64| seconds != 0 && seconds.is_multiple_of(unit);
    match seconds {
        _ if whole(DAY) => format!("{} d", seconds / DAY),
        _ if whole(HOUR) => format!("{} h", seconds / HOUR),
        _ if whole(MINUTE) => format!("{} min", seconds / MINUTE),
        _ => format!("{seconds} s"),
    }
}

/// How long something takes or is ago, roughly: in the largest unit that it has two of.
pub(crate) fn age(seconds: u64) -> String {
    match seconds {
        _ if seconds >= 2 * DAY => format!("{} d", seconds / DAY),
        _ if seconds >= 2 * HOUR => format!("{} h", seconds / HOUR),
        _ if seconds >= 2 * MINUTE => format!("{} min", seconds / MINUTE),
        _ => format!("{seconds} s"),
    }
}

/// A number and a unit, `s`, `m`, `h` or `d`, in seconds.
pub(crate) fn parse_duration(text: &str) -> Result<u64, String> {
    let unreadable =
        || format!("{text:?} is no duration: use a number and s, m, h or d, such as 7d");
    let unit = text.chars().last().ok_or_else(unreadable)?;
    let seconds = match unit {
        's' => 1,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        _ => return Err(unreadable()),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = number.parse().map_err(|_| unreadable())?;
    number.checked_mul(seconds).filter(|seconds| *seconds > 0).ok_or_else(unreadable)
}

/// As [`parse_duration`], for what the chain keeps in 32 bits.
pub(crate) fn parse_delay(text: &str) -> Result<u32, String> {
    u32::try_from(parse_duration(text)?).map_err(|_| format!("{text} is too long"))
}

/// What an act did, in a word.
pub(crate) const fn act_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ListProvisional => "hold",
        Kind::List => "list",
        Kind::Delist => "delist",
        Kind::Protect => "protect",
        Kind::Unprotect => "unprotect",
        Kind::Retract => "retract",
        Kind::DelistMany => "delist many",
        Kind::Attest => "attest",
    }
}

/// `1 address`, `2 addresses`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// An address in groups of four digits, as people compare it: whoever looks only at its ends is
/// shown a look-alike.
pub(crate) fn by_fours(address: Address) -> String {
    let digits = address.to_string();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

/// Columns under a header; where the terminal is too narrow for them, each row is a paragraph of
/// its own. Nothing is cut or broken, so that addresses stay whole.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    // Without a terminal there is no width, and no row is ever too long.
    let width = Table::new().width().map(usize::from);
    fitted(header, rows, width)
}

fn fitted<const N: usize>(
    header: [&str; N],
    rows: Vec<[String; N]>,
    width: Option<usize>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in &rows {
        table.add_row(row);
    }
    // The first column's padding is no indentation.
    let line = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned();
    let lines: Vec<String> = table.lines().map(line).collect();
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    if width.is_none_or(|width| widest <= width) {
        return lines.join("\n");
    }
    let paragraph = |row: [String; N]| {
        let cells = header.into_iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        facts(&cells.collect::<Vec<_>>())
    };
    rows.into_iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// Names beside values, aligned.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts
        .iter()
        .map(|(name, value)| format!("{name:<width$}  {}", indented(value, width + 2)))
        .map(|line| line.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Lines that go on are indented, if they are not already: what begins a line is ours.
pub(crate) fn indented(text: &str, columns: usize) -> String {
    let mut lines = text.split('\n');
    let mut whole = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let columns = if line.is_empty() || line.starts_with(' ') { 0 } else { columns };
        let _ = write!(whole, "\n{:columns$}{line}", "");
    }
    whole
}

/// A person: the authority's id, and the uid that stands for it on chain if that is another.
pub(crate) fn person(authority_id: &str, uid: u64) -> String {
    let id = printable(authority_id);
    if uid.to_string() == id { id } else { format!("{uid} ({id})") }
}

/// Whether a character stands for itself wherever it is shown. Rust's own escapes know what does
/// not: control and format characters (ECMA-48's, of both sets; the bidirectional ones; those of no
/// width), separators of lines, marks that are drawn over what stands before them.
fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() || matches!(c, ' ' | '\n') || c.escape_debug().len() == 1
}

/// Words for a terminal, with line ends, but without what could steer it or hide there: that is
/// shown as it would be written in Rust.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    shown_by(text, |c, shown| shown.extend(c.escape_unicode()))
}

/// JSON that says the same, and has what [`harmless`] shows in JSON's own escapes: outside of its
/// strings there is none of it.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    shown_by(json, |c, shown| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

fn shown_by(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) { shown.push(c) } else { escape(c, &mut shown) }
    }
    Cow::Owned(shown)
}

/// A publication's words, in ASCII and in one line, without what could steer a terminal or hide.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_ascii_graphic() || c == ' ' { vec![c] } else { c.escape_unicode().collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_use_their_largest_whole_unit() {
        let check = |seconds, expected: &str| assert_eq!(duration(seconds), expected);
        check(0, "0 s");
        check(59, "59 s");
        check(120, "2 min");
        check(3600, "1 h");
        check(86_400, "1 d");
        check(90_000, "25 h");
    }

    #[test]
    fn ages_are_rough() {
        let check = |seconds, expected: &str| assert_eq!(age(seconds), expected);
        check(119, "119 s");
        check(7199, "119 min");
        check(100_000, "27 h");
        check(200_000, "2 d");
    }

    #[test]
    fn addresses_are_read_by_fours() {
        let one = alloy::primitives::address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C");
        assert_eq!(by_fours(one), "8576 aCC5 C05D 6Ce8 8f4e 49bf 65Bd F0C6 2F91 353C");
    }

    #[test]
    fn moments_read_as_utc_or_as_none() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(UNTIL_MAX), "without end");
        assert_eq!(day(86_400), "1970-01-02");
        assert_eq!(day(UNTIL_MAX), "without end");
    }

    #[test]
    fn a_person_is_named_as_the_authority_does() {
        assert_eq!(person("26014", 26014), "26014");
        assert_eq!(person("CYB0042", 7), "7 (CYB0042)");
        assert_eq!(person("A\u{202e}B", 7), "7 (A\\u{202e}B)");
    }

    #[test]
    fn what_could_steer_or_hide_is_shown_and_the_rest_stays() {
        let own = "· sha256 …\n\"a\" 'b' \\ é ß 中 → 🙂";
        assert!(matches!(harmless(own), Cow::Borrowed(_)));
        assert!(matches!(escaped(own), Cow::Borrowed(_)));
        // Controls of both sets, directions, no width, separators, a mark that strikes through.
        let controls = "\u{0}\u{7}\t\r\u{1b}\u{7f}\u{85}\u{9b}";
        let widthless = "\u{ad}\u{61c}\u{200b}\u{200f}\u{202e}\u{2066}\u{feff}\u{e0041}";
        let others = "\u{2028}\u{2029}\u{338}";
        for c in [controls, widthless, others].into_iter().flat_map(str::chars) {
            let text = format!("a{c}b");
            assert_eq!(harmless(&text), format!("a{}b", c.escape_unicode()));
            let json = serde_json::to_string(&text).unwrap();
            let shown = escaped(&json);
            assert!(shown.is_ascii() && !shown.contains(c), "{shown}");
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }

    #[test]
    fn what_begins_a_line_is_ours() {
        let facts =
            facts(&[("error", "no plan: x\nsame: the plan".to_owned()), ("a", String::new())]);
        assert_eq!(facts, "error  no plan: x\n       same: the plan\na");
        assert_eq!(indented("a\nb\n\n  c", 2), "a\n  b\n\n  c");
    }

    #[test]
    fn rows_that_do_not_fit_become_paragraphs_and_stay_whole() {
        let rows = || vec![["0xab".to_owned(), String::new()], ["0xcd".to_owned(), "7".to_owned()]];
        let header = ["ADDRESS", "UID"];
        assert_eq!(fitted(header, rows(), None), "ADDRESS  UID\n0xab\n0xcd     7");
        assert_eq!(fitted(header, rows(), Some(80)), fitted(header, rows(), None));
        let narrow = "ADDRESS  0xab\n\nADDRESS  0xcd\nUID      7";
        assert_eq!(fitted(header, rows(), Some(8)), narrow);
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(parse_duration(text).ok(), expected, "{text}");
        };
        check("7d", Some(604_800));
        check("24h", Some(86_400));
        check("5m", Some(300));
        check("90s", Some(90));
        check("0d", None);
        check("7", None);
        check("", None);
        check("d", None);
        check("-1d", None);
        check("7dd", None);
        check("99999999999999999999d", None);
    }
}
