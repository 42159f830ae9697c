//! Dust that comes again and again, or to much together: raised once each time, by what came before
//! on the chain, whatever was taken back and wherever a process ended.

use alloy_primitives::B256;
use interdict_core::alert::{AlertId, Confirmation};
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;
use tempfile::TempDir;

use super::*;
use crate::chain::Header;
use crate::store::{Filter, Home, Span};
use crate::world::{self, CHAIN, Script, TOKEN, account, block, genesis, place, tx};

const LISTED: u8 = 0xaa;
const HOUR: u64 = 3_600;
const UNIT: u64 = 1_000_000;

const PLAIN: &str = "unsolicited_dust";
const REPEATED: &str = "unsolicited_dust.repeated";
const SUMMED: &str = "unsolicited_dust.summed";

/// Payments out of the listed address: to whom, and how many units.
type Dust<'a> = &'a [(u8, u64)];

/// A chain whose blocks are as many hours apart as one says, and what becomes of it.
struct Scene {
    store: Store,
    tip: Header,
    _folder: TempDir,
}

impl Scene {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) };
        let store = Store::open(folder.path().join("test.sqlite"), home).await.unwrap();
        store.begin_above(genesis()).await.unwrap();
        Self { store, tip: genesis(), _folder: folder }
    }

    /// A block above another, so many hours later, and what is found in it.
    fn block(below: Header, hours: u64, dust: Dust<'_>) -> Intake {
        let drafts: Vec<_> = (0..)
            .zip(dust)
            .map(|(n, (to, units))| {
                let signer_of = below.number * 100 + n;
                tx(signer_of, None, 0).transfer(TOKEN, account(LISTED), account(*to), units * UNIT)
            })
            .collect();
        let block = block(Header { time: below.time + hours * HOUR, ..below }, &drafts);
        let script = Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED)]);
        let alerts = world::live(&block, &script.ledger()).alerts;
        Intake {
            header: block.header,
            acts: vec![],
            alerts,
            undecoded: vec![],
            lookbacks: vec![],
            moved: [].into(),
            now: 1,
        }
    }

    /// Takes a block in as the indexer does.
    async fn take(&mut self, hours: u64, dust: Dust<'_>) {
        let mut intake = Self::block(self.tip, hours, dust);
        let policy = Policy::standard();
        raise(&self.store, &policy, std::slice::from_mut(&mut intake)).await.unwrap();
        self.tip = intake.header;
        self.store.apply(intake).await.unwrap();
    }

    async fn back_to(&mut self, header: Header) {
        self.store.revert_to(header.number, 1).await.unwrap();
        self.tip = header;
    }

    /// The rules of what stands, in the chain's order.
    async fn rules(&self) -> Vec<String> {
        self.standing().await.into_iter().map(|(_, rule, _)| rule).collect()
    }

    async fn standing(&self) -> Vec<(AlertId, String, Severity)> {
        let (mut alerts, _) = self.store.alerts(&Filter::default(), None, 500).await.unwrap();
        alerts.retain(|alert| alert.confirmation != Confirmation::Retracted);
        alerts.sort_by_key(|alert| (alert.transfer.position, alert.id));
        alerts.into_iter().map(|alert| (alert.id, alert.rule, alert.severity)).collect()
    }
}

#[tokio::test]
async fn at_three_different_hours_it_is_more_than_dusting_and_once_each_time() {
    let mut scene = Scene::begin().await;
    scene.take(0, &[(1, 1), (1, 1), (2, 1)]).await;
    scene.take(1, &[(1, 1)]).await;
    scene.take(1, &[(1, 1), (1, 1), (2, 1)]).await;
    let first = [PLAIN, PLAIN, PLAIN, PLAIN, REPEATED, PLAIN, PLAIN];
    assert_eq!(scene.rules().await, first, "to the second payee only twice");
    for _ in 0..3 {
        scene.take(1, &[(1, 0), (1, 1)]).await;
    }
    let spoofs = ["spoof", PLAIN, "spoof", PLAIN, "spoof", REPEATED];
    assert_eq!(scene.rules().await[7..], spoofs, "what moved nothing counts for nothing");
}

#[tokio::test]
async fn pieces_that_are_no_dust_together_are_raised_as_often_as_they_come_to_that() {
    let mut scene = Scene::begin().await;
    scene.take(0, &[(1, 4), (1, 4), (1, 2), (1, 9)]).await;
    scene.take(0, &[(1, 1), (2, 9)]).await;
    assert_eq!(scene.rules().await, [PLAIN, PLAIN, SUMMED, PLAIN, SUMMED, PLAIN]);
    let severities: Vec<_> =
        scene.standing().await.into_iter().map(|(_, _, severity)| severity).collect();
    assert_eq!(severities[2], Severity::High);
}

#[tokio::test]
async fn what_is_older_than_thirty_days_counts_no_more() {
    let mut scene = Scene::begin().await;
    scene.take(0, &[(1, 4)]).await;
    scene.take(24, &[(1, 4)]).await;
    scene.take(30 * 24, &[(1, 4)]).await;
    assert_eq!(scene.rules().await, [PLAIN, PLAIN, PLAIN]);
    scene.take(1, &[(1, 4)]).await;
    assert_eq!(scene.rules().await[3..], [PLAIN], "the second fell out meanwhile");
    scene.take(1, &[(1, 1)]).await;
    assert_eq!(scene.rules().await[4..], [REPEATED]);
}

#[tokio::test]
async fn a_reorganisation_takes_back_what_was_raised_and_what_raised_it() {
    let mut scene = Scene::begin().await;
    scene.take(0, &[(1, 4)]).await;
    let first = scene.tip;
    scene.take(1, &[(1, 4)]).await;
    scene.take(1, &[(1, 1)]).await;
    scene.take(0, &[(1, 1)]).await;
    assert_eq!(scene.rules().await, [PLAIN, PLAIN, REPEATED, SUMMED]);
    let before = scene.standing().await;

    // The other branch has no second one; its fourth hour is only the second with any.
    scene.back_to(first).await;
    assert_eq!(scene.rules().await, [PLAIN]);
    scene.take(2, &[]).await;
    scene.take(1, &[(1, 4), (2, 1)]).await;
    assert_eq!(scene.rules().await, [PLAIN, PLAIN, PLAIN]);

    // The first branch comes back, and says what it said.
    scene.back_to(first).await;
    scene.take(1, &[(1, 4)]).await;
    scene.take(1, &[(1, 1)]).await;
    scene.take(0, &[(1, 1)]).await;
    assert_eq!(scene.standing().await, before);
}

/// A chain of blocks with something like chance in it.
fn chain(seed: u64) -> Vec<(u64, Vec<(u8, u64)>)> {
    let mut state = seed;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..40)
        .map(|_| {
            let hours = if next(10) == 0 { next(400) } else { next(2) };
            let dust = (0..next(4)).map(|_| (u8::try_from(next(3)).unwrap() + 1, next(5) + 1));
            (hours, dust.collect())
        })
        .collect()
}

#[tokio::test]
async fn however_the_chain_comes_in_it_says_the_same() {
    for seed in 0..8 {
        let blocks = chain(seed);
        let mut straight = Scene::begin().await;
        for (hours, dust) in &blocks {
            straight.take(*hours, dust).await;
        }
        let expected = straight.standing().await;
        let classes: std::collections::BTreeSet<_> =
            expected.iter().map(|(_, rule, _)| rule.as_str()).collect();
        assert_eq!(classes, [PLAIN, REPEATED, SUMMED].into(), "seed {seed}");

        // In spans, as when catching up; of each, the first attempt comes to nothing.
        let mut spans = Scene::begin().await;
        let policy = Policy::standard();
        for part in blocks.chunks(7) {
            let from = spans.tip;
            let mut taken = Vec::new();
            for (hours, dust) in part {
                let intake = Scene::block(spans.tip, *hours, dust);
                spans.tip = intake.header;
                taken.push(intake);
            }
            raise(&spans.store, &policy, &mut taken.clone()).await.unwrap();
            raise(&spans.store, &policy, &mut taken).await.unwrap();
            let (to, verified) = (spans.tip, interdict_core::transfer::Verification::Proved);
            let span = Span { from, to, blocks: taken, moved: [].into(), verified, now: 1 };
            spans.store.apply_span(span).await.unwrap();
        }
        assert_eq!(spans.standing().await, expected, "seed {seed}");

        // With a branch after every fifth block that is taken back again.
        let mut wavering = Scene::begin().await;
        for (index, (hours, dust)) in blocks.iter().enumerate() {
            wavering.take(*hours, dust).await;
            if index % 5 == 4 {
                let tip = wavering.tip;
                wavering.take(1, &[(1, 4), (2, 3), (3, 9)]).await;
                wavering.take(1, &[(1, 4), (2, 3)]).await;
                wavering.back_to(tip).await;
            }
        }
        assert_eq!(wavering.standing().await, expected, "seed {seed}");
    }
}
