//! Whatever is done to both databases in whatever order, both answer the same and hold the same.

use alloy_primitives::B256;
use interdict_core::ledger::{Act, Kind, Standing};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::ground::{Ground, LISTED, NOW, intake, lined, paying};
use crate::chain::{Block, Header};
use crate::screen;
use crate::store::{
    CONFIG_ENDPOINT, Filter, Intake, Lookback, NEWS_KEPT_SECONDS, PageCursor, Prune, Retry, Store,
    StoreError, Stretch,
};
use crate::world;
use crate::world::{Script, account, block, genesis, place};

/// Sequences that are tried.
const CASES: u32 = 24;
/// Steps of one sequence.
const STEPS_MAX: usize = 40;

#[derive(Clone, Debug)]
enum Step {
    /// A block with this many payments.
    Pay(u64),
    /// A block with a listing, which begins a walk back.
    List,
    /// A block from which on the address stands otherwise.
    Stand(Standing),
    /// The findings that do not say so yet.
    Reevaluate,
    /// A block that was taken in already, or has no place.
    Misplaced,
    /// The last blocks go; one of them may return.
    Revert { depth: usize, returns: bool },
    /// Up to this far below the cursor the chain is final.
    Confirm(usize),
    /// One block of the oldest walk back.
    Walk,
    /// The oldest news arrives, fails, or is given up.
    Deliver(Option<Retry>),
    /// A page of alerts, from where the last page ended.
    Page(u32),
    /// What is old is removed.
    Prune,
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![Just(Standing::Provisional), Just(Standing::Lapsed), Just(Standing::Delisted)]
}

fn revert() -> impl Strategy<Value = Step> {
    (1_usize..4, any::<bool>()).prop_map(|(depth, returns)| Step::Revert { depth, returns })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u64..4).prop_map(Step::Pay),
        2 => Just(Step::List),
        2 => standing().prop_map(Step::Stand),
        2 => Just(Step::Reevaluate),
        1 => Just(Step::Misplaced),
        2 => revert(),
        2 => (0_usize..4).prop_map(Step::Confirm),
        3 => Just(Step::Walk),
        3 => prop_oneof![
            Just(None),
            Just(Some(Retry::Never)),
            (0_i64..100).prop_map(|wait| Some(Retry::At(NOW + wait))),
        ]
        .prop_map(Step::Deliver),
        2 => (1_u32..5).prop_map(Step::Page),
        1 => Just(Step::Prune),
    ]
}

/// One database, and what its user remembers.
struct Run {
    store: Store,
    chain: Vec<Block>,
    acts: Vec<Act>,
    page: Option<PageCursor>,
    now: i64,
}

/// What the engines say in their own words is no part of the answer.
fn answer<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Database(_)) => "the database failed".to_owned(),
        Err(error) => error.to_string(),
        Ok(value) => format!("{value:?}"),
    }
}

impl Run {
    async fn new(ground: &Ground) -> Self {
        let store = ground.begun().await;
        lined(&store).await;
        Self { store, chain: vec![], acts: vec![], page: None, now: NOW }
    }

    fn tip(&self) -> Header {
        self.chain.last().map_or(genesis(), |block| block.header)
    }

    async fn take(&mut self, block: Block, intake: Intake) -> String {
        let result = self.store.apply(intake).await;
        if result.is_ok() {
            self.chain.push(block);
        }
        answer(result)
    }

    async fn step(&mut self, step: &Step) -> String {
        self.now += 1;
        match step {
            Step::Pay(payments) => {
                let block = paying(self.tip(), *payments);
                let intake = Intake { now: self.now, ..intake(&block) };
                self.take(block, intake).await
            }
            Step::List => self.list().await,
            Step::Stand(standing) => {
                let block = block(self.tip(), &[]);
                let moved = [(account(LISTED), *standing)].into();
                let intake = Intake { moved, now: self.now, ..intake(&block) };
                self.take(block, intake).await
            }
            Step::Reevaluate => answer(self.store.reevaluate(self.now).await),
            Step::Misplaced => {
                let block = self
                    .chain
                    .first()
                    .cloned()
                    .unwrap_or_else(|| paying(paying(genesis(), 1).header, 1));
                answer(self.store.apply(intake(&block)).await)
            }
            Step::Revert { depth, returns } => self.revert(*depth, *returns).await,
            Step::Confirm(below) => {
                let place = self.chain.len().saturating_sub(*below);
                let last = place.checked_sub(1).and_then(|place| self.chain.get(place));
                let header = last.map_or(genesis(), |block| block.header);
                answer(self.store.confirm_to(header, self.now).await)
            }
            Step::Walk => self.walk().await,
            Step::Deliver(outcome) => self.deliver(*outcome).await,
            Step::Page(rows) => {
                let page = self.store.alerts(&Filter::default(), self.page, *rows).await;
                self.page = page.as_ref().ok().and_then(|(_, next)| *next);
                answer(page)
            }
            Step::Prune => {
                let later = self.now + NEWS_KEPT_SECONDS;
                answer(self.store.prune(Prune::Remove, later).await)
            }
        }
    }

    async fn list(&mut self) -> String {
        let block = block(self.tip(), &[]);
        let number = block.header.number;
        let mut script = Script(self.acts.clone());
        script = script.act(Kind::List, place(number, 0, 0), &[account(LISTED)]);
        let act = script.0.last().unwrap().clone();
        let next = (number - 1, block.header.parent);
        let job = Lookback { act: act.number, found_at: number, next, from_block: 98 };
        let lookbacks = vec![job];
        let moved = [(account(LISTED), Standing::Listed)].into();
        let acts = vec![act];
        let intake = Intake { acts, lookbacks, moved, now: self.now, ..intake(&block) };
        let said = self.take(block, intake).await;
        self.acts = self.store.acts().await.unwrap();
        said
    }

    async fn revert(&mut self, depth: usize, returns: bool) -> String {
        let kept = self.chain.len().saturating_sub(depth);
        let height = 100 + u64::try_from(kept).unwrap();
        let result = self.store.revert_to(height, self.now).await;
        let reverted = result.is_ok();
        let mut said = answer(result);
        if reverted {
            let gone = self.chain.split_off(kept);
            self.acts = self.store.acts().await.unwrap();
            if let Some(block) = gone.into_iter().next().filter(|_| returns) {
                let intake = Intake { now: self.now, ..intake(&block) };
                said += &self.take(block, intake).await;
            }
        }
        said
    }

    async fn walk(&mut self) -> String {
        let job = match self.store.open_lookback().await {
            Ok(Some(job)) => job,
            other => return answer(other),
        };
        let at = job.next.0.checked_sub(101).and_then(|at| usize::try_from(at).ok());
        let block = at.and_then(|at| self.chain.get(at));
        let ledger = interdict_core::ledger::Ledger::replay(&self.acts).unwrap();
        let newly = screen::newly_listed(&ledger, job.act);
        let alerts = block
            .map_or_else(Vec::new, |block| world::back(block, &ledger, job.act, &newly).alerts);
        let below = job.next.0 - 1;
        let parent = block.map_or(B256::repeat_byte(1), |block| block.header.parent);
        let next = (below >= job.from_block).then_some((below, parent));
        let stretch =
            Stretch { job, next, alerts, undecoded: vec![], subjects: i64::MAX, now: self.now };
        answer(self.store.walked(stretch).await)
    }

    async fn deliver(&mut self, outcome: Option<Retry>) -> String {
        let lined = self.store.line_up(CONFIG_ENDPOINT).await.unwrap();
        let due = self.store.due_deliveries(CONFIG_ENDPOINT, self.now, 3).await.unwrap();
        let next = self.store.next_due(CONFIG_ENDPOINT).await.unwrap();
        let mut said = format!("{lined:?} {due:?} {next:?}");
        if let Some(first) = due.first() {
            let tried = first.attempted();
            said += &answer(match outcome {
                None => self.store.delivered(CONFIG_ENDPOINT, &[tried], self.now).await,
                Some(retry) => {
                    self.store.failed(CONFIG_ENDPOINT, tried, "HTTP status 500", retry).await
                }
            });
        }
        said += &answer(self.store.line(CONFIG_ENDPOINT, None, i64::MAX, 500).await);
        said
    }
}

async fn tried(steps: &[Step]) -> Result<(), TestCaseError> {
    let (file, server) = (Ground::sqlite(), Ground::postgres().await);
    let (mut ours, mut theirs) = (Run::new(&file).await, Run::new(&server).await);
    for (number, step) in steps.iter().enumerate() {
        let (left, right) = (ours.step(step).await, theirs.step(step).await);
        prop_assert_eq!(left, right, "step {}: {:?}", number, step);
        prop_assert_eq!(ours.store.counts().await.unwrap(), theirs.store.counts().await.unwrap());
        prop_assert_eq!(ours.store.trail().await.unwrap(), theirs.store.trail().await.unwrap());
    }
    let (ours_held, theirs_held) = (file.contents().await, server.contents().await);
    ours.store.close().await;
    theirs.store.close().await;
    prop_assert_eq!(ours_held, theirs_held);
    Ok(())
}

#[test]
fn the_same_steps_lead_to_the_same_place() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..STEPS_MAX);
    let result = TestRunner::new(config).run(&steps, |steps| runtime.block_on(tried(&steps)));
    if let Err(error) = result {
        panic!("{error}");
    }
}
