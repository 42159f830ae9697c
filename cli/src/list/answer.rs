//! What the list says of one address, for people and for programs.

use interdict_core::ledger::{Episode, UNTIL_MAX};
use interdict_core::source::Source;
use serde_json::{Value, json};

use crate::text;

/// What was asked, and what the list says of it.
#[derive(Debug)]
pub(crate) struct Line {
    /// As it was given.
    pub(crate) asked: String,
    pub(crate) answer: Answer,
}

/// One of three, and never a fourth: what cannot be answered is unknown.
#[derive(Debug)]
pub(crate) enum Answer {
    Clear(Beside),
    Listed(Box<Listed>),
    Unknown(String),
}

/// What is to be said beside "clear".
#[derive(Debug)]
pub(crate) enum Beside {
    Nothing,
    /// A listing that is over.
    Was {
        until: u64,
    },
    /// Listed, by sources that were not asked about.
    Others {
        sources: u16,
    },
}

/// A listing that holds.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) provisional: bool,
    pub(crate) sources: u16,
    pub(crate) since: u64,
    pub(crate) until: u64,
    pub(crate) act: u32,
    /// Who, and by which document: from the events, where they can be read.
    pub(crate) why: Option<Episode>,
}

impl Answer {
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Clear(_) => "clear",
            Self::Listed(_) => "listed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What is put beside the address, for programs.
    pub(crate) fn add_to(&self, data: &mut Value) {
        match self {
            Self::Clear(Beside::Nothing) => {}
            Self::Clear(Beside::Was { until }) => data["was_listed_until"] = json!(until),
            Self::Clear(Beside::Others { sources }) => {
                data["listed_by_others"] = json!(Source::codes(*sources));
            }
            Self::Unknown(why) => data["reason"] = json!(why),
            Self::Listed(listed) => {
                data["sources"] = json!(Source::codes(listed.sources));
                data["since"] = json!(listed.since);
                data["until"] = json!((listed.until != UNTIL_MAX).then_some(listed.until));
                data["provisional"] = json!(listed.provisional);
                data["act"] = json!(listed.act);
                if let Some(why) = &listed.why {
                    data["uids"] = json!(uids(why));
                    data["manifest"] = json!(why.manifest);
                }
            }
        }
    }

    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Clear(Beside::Nothing) => Vec::new(),
            Self::Clear(Beside::Was { until }) => {
                vec![("was listed", format!("until {}", text::time(*until)))]
            }
            Self::Clear(Beside::Others { sources }) => {
                vec![("listed by", format!("{}, not asked about", codes(*sources)))]
            }
            Self::Unknown(why) => vec![("reason", why.clone())],
            Self::Listed(listed) => {
                let state =
                    if listed.provisional { "held by signatures" } else { "ratified by vote" };
                let mut facts = vec![
                    ("sources", codes(listed.sources)),
                    ("state", state.to_owned()),
                    ("since", format!("{} (act {})", text::time(listed.since), listed.act)),
                    ("until", text::time(listed.until)),
                ];
                if let Some(why) = &listed.why {
                    facts.push(("uid", uids(why).join(" ")));
                    facts.push(("manifest", why.manifest.to_string()));
                }
                facts
            }
        }
    }
}

impl Line {
    pub(crate) fn data(&self) -> Value {
        let mut data = json!({ "answer": self.answer.word(), "address": self.asked });
        self.answer.add_to(&mut data);
        data
    }

    /// One row among several: the answer, the address, the sources, since when, and under whom.
    pub(crate) fn row(&self) -> [String; 5] {
        let blank = String::new;
        let word = self.answer.word().to_owned();
        let mut row = [word, self.asked.clone(), blank(), blank(), blank()];
        match &self.answer {
            Answer::Listed(listed) => {
                let uids = listed.why.as_ref().map(uids).unwrap_or_default();
                row[2] = codes(listed.sources);
                row[3] = text::time(listed.since);
                row[4] = uids.join(" ");
            }
            Answer::Unknown(why) => row[2].clone_from(why),
            Answer::Clear(Beside::Others { sources }) => {
                row[2] = format!("not asked about: {}", codes(*sources));
            }
            Answer::Clear(_) => {}
        }
        row
    }
}

fn codes(sources: u16) -> String {
    Source::codes(sources).join(" ")
}

/// As words: a number of 64 bits loses its last digits in most readers of JSON.
fn uids(episode: &Episode) -> Vec<String> {
    episode.uids.iter().map(|known| known.uid.to_string()).collect()
}
