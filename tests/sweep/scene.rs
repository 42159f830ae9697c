//! What all runs of a story have in common while one is played: which stage the node shows, what
//! the receiver has got, and how often either was spoken to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::watch;

use crate::oracle::{Finding, Told};
use crate::story::{Stage, Story};

/// One playing of a story.
#[derive(Debug)]
pub struct Scene {
    /// What is played.
    pub story: Arc<Story>,
    state: Mutex<State>,
    /// How often node and receiver were spoken to.
    events: watch::Sender<u64>,
    /// Whether everything has been told, or something that is wrong.
    over: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    stage: usize,
    bodies: BTreeMap<String, String>,
    told: Told,
    again: u64,
    wrong: Vec<String>,
}

/// What came of the receiver's part.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Deliveries that came more than once.
    pub again: u64,
    /// What must not have come.
    pub wrong: Vec<String>,
}

impl Scene {
    /// The story from its beginning.
    pub fn begin(story: &Arc<Story>) -> Arc<Self> {
        let story = Arc::clone(story);
        let (events, over) = (watch::Sender::new(0), watch::Sender::new(false));
        Arc::new(Self { story, state: Mutex::default(), events, over })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which stage the node shows now, from 0 on.
    pub fn place(&self) -> usize {
        self.state().stage
    }

    /// What the node shows now.
    pub fn stage(&self) -> &Stage {
        &self.story.stages[self.state().stage]
    }

    /// Somebody spoke to the node or the receiver.
    pub fn event(&self) {
        self.events.send_modify(|count| *count += 1);
    }

    /// How often somebody did.
    pub fn events(&self) -> u64 {
        *self.events.borrow()
    }

    /// Waits until somebody has spoken so often.
    pub async fn until_events(&self, count: u64) {
        let mut events = self.events.subscribe();
        // The sender lives as long as this does.
        let _ = events.wait_for(|seen| *seen >= count).await;
    }

    /// Waits until everything has been told, or something that is wrong.
    pub async fn until_over(&self) {
        let mut over = self.over.subscribe();
        let _ = over.wait_for(|over| *over).await;
    }

    /// What came that was wrong or twice, so far.
    pub fn heard(&self) -> Heard {
        let state = self.state();
        Heard { again: state.again, wrong: state.wrong.clone() }
    }

    /// What is still missing of the stage, for a report.
    pub fn missing(&self) -> String {
        let State { stage, told, .. } = &*self.state();
        let Stage { name, told: due, .. } = &self.story.stages[*stage];
        let lacks = |(news, count): (&(Finding, &str), &usize)| {
            let came = told.get(news).copied().unwrap_or_default();
            (came < *count).then(|| format!("{} of {:?}", news.1, news.0))
        };
        let lacking: Vec<_> = due.iter().filter_map(lacks).collect();
        format!("stage {name:?} lacks {} news: {lacking:?}", lacking.len())
    }

    /// A delivery came whose signature was right. The same id must mean the same bytes, and
    /// nothing may be told more often than it happened.
    pub fn delivered(&self, id: &str, body: &str) {
        let mut state = self.state();
        match state.bodies.get(id) {
            Some(known) if known == body => {
                state.again += 1;
                return;
            }
            Some(_) => return self.object(state, format!("{id} came with other bytes: {body}")),
            None => {}
        }
        state.bodies.insert(id.to_owned(), body.to_owned());
        let stages = &self.story.stages;
        let due = &stages[state.stage].told;
        let news = read(body).and_then(|(finding, kind)| {
            due.get_key_value(&(finding, known(&kind)?)).map(|(news, count)| (*news, *count))
        });
        let Some((news, count)) = news else {
            return self.object(state, format!("{id} tells what did not happen: {body}"));
        };
        let told = state.told.entry(news).or_default();
        *told += 1;
        if *told > count {
            return self.object(state, format!("{id} tells it once too often: {body}"));
        }
        if *due == state.told {
            state.stage = (state.stage + 1).min(stages.len() - 1);
            let over = stages[state.stage].told == state.told;
            self.over.send_if_modified(|known| std::mem::replace(known, over) != over);
        }
    }

    /// A delivery came whose signature was wrong.
    pub fn refused(&self, reason: String) {
        self.object(self.state(), reason);
    }

    fn object(&self, mut state: MutexGuard<'_, State>, reason: String) {
        state.wrong.push(reason);
        self.over.send_replace(true);
    }
}

/// A kind of news, by the word that is sent.
fn known(kind: &str) -> Option<&'static str> {
    let kinds = ["alert.created", "alert.updated", "alert.retracted", "alert.reevaluated"];
    kinds.into_iter().find(|known| *known == kind)
}

fn read(body: &str) -> Option<(Finding, String)> {
    let body: Value = serde_json::from_str(body).ok()?;
    let alert = &body["data"]["alert"];
    let block = alert["at"]["block_hash"].as_str()?.parse().ok()?;
    let tx = alert["at"]["tx_hash"].as_str()?.parse().ok()?;
    let listed = alert["listed"].as_str()?.parse().ok()?;
    Some(((block, tx, listed), body["type"].as_str()?.to_owned()))
}

/// A moment in a run: after so many events of a life, and so much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Events since the life began.
    pub events: u64,
    /// Microseconds after the last of them.
    pub micros: u64,
}

impl Moment {
    /// Waits for it, in a life that began when there had been `before` events.
    pub async fn comes(self, scene: &Scene, before: u64) {
        scene.until_events(before + self.events).await;
        let reached = Instant::now();
        let late = std::time::Duration::from_micros(self.micros);
        // The runtime's own clock counts in milliseconds.
        let waited = tokio::task::spawn_blocking(move || {
            std::thread::sleep(late.saturating_sub(reached.elapsed()));
        });
        let _ = waited.await;
    }
}
