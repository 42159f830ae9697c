//! One thing that waits, and what changed between two looks. Pure.

use serde::Serialize;

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Members' votes.
    Vote,
    /// Members' signatures.
    Signature,
    /// Anyone who executes, or queues.
    Execution,
    /// Time, until it may be executed.
    Delay,
    /// A vote that ratifies, before the hold lapses.
    Hold,
    /// A comparison with a source list.
    Source,
}

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    /// The same at every look.
    pub(crate) key: String,
    pub(crate) kind: Kind,
    /// Whether it waits for the member who asks.
    pub(crate) mine: bool,
    /// What for, in words that stay the same while nothing changes.
    pub(crate) says: String,
    /// Until when, or from when it may go on, unix seconds.
    pub(crate) until: Option<u64>,
    /// The command that helps.
    pub(crate) next: Option<String>,
}

/// What became of an item since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    New,
    Changed,
    Gone,
}

impl Change {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::New => "waits",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// What is new, what is another and what is gone, in the order of the looks.
pub(crate) fn changes<'a>(before: &'a [Item], now: &'a [Item]) -> Vec<(Change, &'a Item)> {
    let find = |items: &'a [Item], key: &str| items.iter().find(|item| item.key == key);
    let gone = before.iter().filter(|item| find(now, &item.key).is_none());
    let mut all: Vec<_> = gone.map(|item| (Change::Gone, item)).collect();
    all.extend(now.iter().filter_map(|item| match find(before, &item.key) {
        None => Some((Change::New, item)),
        Some(old) if old != item => Some((Change::Changed, item)),
        Some(_) => None,
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: &str, says: &str) -> Item {
        let (key, says) = (key.to_owned(), says.to_owned());
        Item { key, kind: Kind::Vote, mine: false, says, until: None, next: None }
    }

    #[test]
    fn a_look_is_compared_with_the_one_before() {
        let (a, b, c) = (item("a", "1"), item("b", "1"), item("c", "1"));
        let other = item("b", "2");
        let before = [a.clone(), b.clone()];
        let now = [other.clone(), c.clone()];
        let found = changes(&before, &now);
        assert_eq!(found, [(Change::Gone, &a), (Change::Changed, &other), (Change::New, &c)]);
        assert_eq!(changes(&before, &before), []);
        assert_eq!(changes(&[], &before), [(Change::New, &a), (Change::New, &b)]);
    }
}
