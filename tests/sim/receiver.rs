//! The receiver of news: down, slow, forgetful or gone. What it takes it checks: signature, id,
//! number.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use interdict_indexer::chain::transport::{Answer, Cut, Request, TransportError};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::Value;
use sha2::Sha256;

use crate::fault::{Counts, Plan, Theme};

/// The signing secret; what follows the prefix is base64.
pub(crate) const SECRET: &str = "whsec_aW50ZXJkaWN0IGxvY2FsIGNoYWluIHRlc3Qgc2VjcmV0";
/// How long the longest outage takes, in seconds.
const OUTAGE_SECONDS: i64 = 72 * 3600;

/// One piece of news that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) id: String,
    /// `alert.created`, `alert.updated` or `alert.retracted`.
    pub(crate) kind: String,
    /// The alert's id.
    pub(crate) alert: String,
    pub(crate) confirmation: String,
    body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    /// Answers with a status that is no success.
    Refuses(u16),
    /// Takes the news, and the answer is lost.
    Forgets,
    /// Takes the news, and talks on without end.
    Talks,
    DownUntil(i64),
}

/// The receiver.
#[derive(Debug)]
pub(crate) struct Receiver {
    mood: Mood,
    /// News with this remainder by [`POISON_EVERY`] is refused for ever.
    poison: Option<i64>,
    says_gone_at: Option<usize>,
    /// It has said that it is gone.
    pub(crate) is_gone: bool,
    /// What was taken, by its number.
    pub(crate) taken: BTreeMap<i64, News>,
    /// How often something came that had come before.
    pub(crate) doubles: u64,
    /// That it is gone may not have been written down: the process ended before, or its disk
    /// failed.
    pub(crate) may_not_know: bool,
    /// What was wrong with what came.
    pub(crate) wrong: Vec<String>,
    /// An old copy of the database was put back: its numbers begin again.
    pub(crate) numbers_again: bool,
}

/// One in so many pieces of news is refused for ever, where any is.
const POISON_EVERY: i64 = 40;

impl Receiver {
    pub(crate) const fn new(plan: &Plan) -> Self {
        let poison = match plan.theme {
            Theme::Poison => Some(7),
            _ => None,
        };
        let says_gone_at = match plan.theme {
            Theme::Gone => Some(10),
            _ => None,
        };
        Self {
            mood: Mood::Well,
            poison,
            says_gone_at,
            is_gone: false,
            may_not_know: false,
            taken: BTreeMap::new(),
            doubles: 0,
            wrong: Vec::new(),
            numbers_again: false,
        }
    }

    /// Is well again. What it refuses for ever it still refuses.
    pub(crate) const fn heal(&mut self) {
        self.mood = Mood::Well;
    }

    /// Changes its mood.
    pub(crate) fn change(&mut self, now: i64, rng: &mut StdRng) {
        self.mood = match rng.gen_range(0..10) {
            0..4 => Mood::Well,
            4..6 => Mood::Refuses(*[500, 503, 429, 301, 307, 400, 404].choose(rng).unwrap()),
            6 => Mood::Forgets,
            7 => Mood::Talks,
            8 => Mood::DownUntil(now + rng.gen_range(60..7200)),
            _ => Mood::DownUntil(now + OUTAGE_SECONDS),
        };
    }

    /// Whether a piece of news is refused for ever.
    pub(crate) fn is_poison(&self, seq: i64) -> bool {
        self.poison == Some(seq % POISON_EVERY)
    }

    /// Takes a request, or does not.
    pub(crate) fn take(
        &mut self,
        request: &Request,
        now: i64,
        calm: bool,
        rng: &mut StdRng,
        counts: &mut Counts,
    ) -> Result<Answer, TransportError> {
        let status = |status| Ok(Answer { status, ..Answer::default() });
        if self.is_gone {
            if !std::mem::take(&mut self.may_not_know) {
                let late = "something came after the receiver had said that it is gone";
                self.wrong.push(late.into());
            }
            return status(410);
        }
        if self.says_gone_at.is_some_and(|at| self.taken.len() >= at) {
            self.is_gone = true;
            counts.fired(68);
            return status(410);
        }
        let mood = if calm || rng.gen_bool(0.3) { Mood::Well } else { self.mood };
        match self.mood {
            Mood::DownUntil(until) if now < until => {
                counts.fired(63);
                return Err(TransportError("connection refused".to_owned()));
            }
            _ => {}
        }
        if let Mood::Refuses(code) = mood {
            counts.fired(64);
            return status(code);
        }
        match Self::read(request, now) {
            Err(reason) => {
                self.wrong.push(reason);
                return status(400);
            }
            Ok((seq, _)) if self.is_poison(seq) => {
                counts.fired(67);
                return status(400);
            }
            Ok((seq, news)) => self.keep(seq, news),
        }
        match mood {
            Mood::Forgets => {
                counts.fired(65);
                Err(TransportError("operation timed out".to_owned()))
            }
            Mood::Talks => {
                counts.fired(66);
                Ok(Answer { status: 200, cut: Some(Cut::TooLong), ..Answer::default() })
            }
            _ => status(204),
        }
    }

    fn keep(&mut self, seq: i64, news: News) {
        match self.taken.get(&seq) {
            None => drop(self.taken.insert(seq, news)),
            Some(known) if *known == news => self.doubles += 1,
            Some(_) if self.numbers_again => drop(self.taken.insert(seq, news)),
            Some(known) => {
                self.wrong.push(format!("number {seq} came twice: {known:?}, then {news:?}"));
            }
        }
    }

    fn read(request: &Request, now: i64) -> Result<(i64, News), String> {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone()).ok_or_else(|| format!("{name} is missing"))
        };
        let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
        let signature = header("webhook-signature")?;
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{time}.{}", request.body).as_bytes());
        if signature != format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())) {
            return Err(format!("the signature of {id} is wrong"));
        }
        // A pass takes its time once, at the beginning; requests in it may take long.
        if time.parse::<i64>().is_err() || now < 0 {
            return Err(format!("{id} was sent at {time}"));
        }
        let body: Value = serde_json::from_str(&request.body).map_err(|e| e.to_string())?;
        let seq = body["data"]["seq"].as_i64().ok_or("no number")?;
        let alert = &body["data"]["alert"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let news = News {
            kind: text(&body["type"]),
            alert: text(&alert["id"]),
            confirmation: text(&alert["confirmation"]),
            body: request.body.clone(),
            id,
        };
        if news.id != format!("msg_{}_{seq}", news.alert) {
            return Err(format!("{} is called {} in its body", news.id, news.alert));
        }
        Ok((seq, news))
    }
}
