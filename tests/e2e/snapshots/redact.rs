//! What may differ from run to run, or with the contracts' code, is called by a name; everything
//! else stays as it was printed.
//!
//! A hash is numbered by its first appearance in the run, so that two that are the same are seen to
//! be the same. An address is never touched, unless the story has given it a name.

use std::collections::BTreeMap;

/// Of a 32-byte hash, without its `0x`.
const HASH_DIGITS: usize = 64;

/// Of a signature.
const SIGNATURE_DIGITS: usize = 130;

/// Numbers that vary, by what stands before them: a port, gas, a ballot's nonce, which is made of
/// all that the proposal is.
const AFTER: [(&str, &str); 5] = [
    ("\nnonce           ", "NONCE"),
    ("http://127.0.0.1:", "PORT"),
    ("\ngas          ", "GAS"),
    ("\"gas\": ", "GAS"),
    ("\"gas_used\": ", "GAS"),
];

/// By what stands after them.
const BEFORE: [(&str, &str); 1] = [(" gas", "GAS")];

/// What stands before the time by a clock, which offline is this machine's.
const CLOCK: &str = "; it is ";

/// What stands before the time by this machine's clock, to a fraction of a second.
const FINE_CLOCK: &str = "\"fetched_at\": \"";

/// Where nobody listens, and the same everywhere.
const NO_PORT: &str = "1";

/// The text with names for what varies.
pub(crate) fn redacted(text: &str, known: &[(String, &'static str)]) -> String {
    let mut text = text.to_owned();
    for (value, name) in known {
        text = in_place(&text, value, &format!("[{name}]"));
    }
    text = hashes(&text);
    for (mark, name) in AFTER {
        text = after(&text, mark, name, |c| c.is_ascii_digit());
    }
    for (mark, name) in BEFORE {
        text = before(&text, mark, name);
    }
    let of_a_time = |c: char| c.is_ascii_digit() || "-:TZ".contains(c);
    text = after(&text, FINE_CLOCK, "TIME", |c| of_a_time(c) || c == '.');
    after(&text, CLOCK, "TIME", of_a_time)
}

/// A name in the place of a value; where a column goes on after it, the column stays where it is.
fn in_place(text: &str, value: &str, name: &str) -> String {
    let mut parts = text.split(value);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        done.push_str(&padded(name, value, part));
        done.push_str(part);
    }
    done
}

fn padded(name: &str, value: &str, rest: &str) -> String {
    let width = if rest.starts_with("  ") { value.len() } else { 0 };
    format!("{name:<width$}")
}

fn hashes(text: &str) -> String {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("0x") {
        let (before, from) = rest.split_at(at);
        done.push_str(before);
        let digits = from[2..].chars().take_while(char::is_ascii_hexdigit).count();
        let (hex, after) = from.split_at(2 + digits);
        match digits {
            HASH_DIGITS => {
                let next = numbers.len() + 1;
                let number = numbers.entry(hex.to_lowercase()).or_insert(next);
                done.push_str(&padded(&format!("[HASH {number}]"), hex, after));
            }
            SIGNATURE_DIGITS => done.push_str("[SIGNATURE]"),
            // Calldata, which has hashes in it.
            _ if digits > SIGNATURE_DIGITS => {
                done.extend(["[", &(digits / 2).to_string(), " BYTES]"]);
            }
            _ => done.push_str(hex),
        }
        rest = after;
    }
    done + rest
}

fn after(text: &str, mark: &str, name: &str, varies: impl Fn(char) -> bool) -> String {
    let mut parts = text.split(mark);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let kept = part.trim_start_matches(&varies);
        let value = &part[..part.len() - kept.len()];
        done.push_str(mark);
        if value.is_empty() || value == NO_PORT {
            done.push_str(value);
        } else {
            done.extend(["[", name, "]"]);
        }
        done.push_str(kept);
    }
    done
}

fn before(text: &str, mark: &str, name: &str) -> String {
    let mut parts: Vec<String> = text.split(mark).map(str::to_owned).collect();
    let last = parts.len() - 1;
    for part in &mut parts[..last] {
        let kept = part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if kept < part.len() {
            part.truncate(kept);
            part.extend(["[", name, "]"]);
        }
    }
    parts.join(mark)
}

#[test]
fn only_what_varies_is_renamed() {
    let check = |text: &str, expected: &str| {
        assert_eq!(redacted(text, &[("Paris".to_owned(), "A")]), expected);
    };
    let (one, two) = ("0x".to_owned() + &"ab".repeat(32), "0x".to_owned() + &"cd".repeat(32));
    check(&format!("{one} {two} {one}"), "[HASH 1] [HASH 2] [HASH 1]");
    check(&format!("{one}  CLOSES"), &format!("{:<66}  CLOSES", "[HASH 1]"));
    check(&("0x".to_owned() + &"ab".repeat(100)), "[100 BYTES]");
    let address = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";
    check(address, address);
    check("http://127.0.0.1:8545/list", "http://127.0.0.1:[PORT]/list");
    check("http://127.0.0.1:1", "http://127.0.0.1:1");
    check("12 acts, 1234 gas, no gas", "12 acts, [GAS] gas, no gas");
    check("\"gas_used\": 7,", "\"gas_used\": [GAS],");
    check("over; it is 2026-01-01T00:00:00Z now", "over; it is [TIME] now");
    check("\"fetched_at\": \"2026-01-01T00:00:00.5Z\",", "\"fetched_at\": \"[TIME]\",");
    check("seen; it is set aside", "seen; it is set aside");
    check("in Paris  or Paris.", "in [A]    or [A].");
}
