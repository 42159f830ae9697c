//! What is judged anew, whatever happens on the way: findings that become final, and those of
//! whoever comes to be looked after. It comes out as if it had been known from the start, and is
//! told once.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256, U256, address};
use interdict_core::alert::{Alert, AlertId, Confirmation};
use interdict_core::audit::Who;
use interdict_core::manifest::{AccountKind, Manifest, ManifestEntry, Publication, SCHEMA};
use interdict_core::policy::{DEFAULT, Policy, Severity};
use interdict_core::source::Source as List;
use interdict_core::subject::{Subject, SubjectKind};
use interdict_indexer::chain::pool::Source;
use interdict_indexer::chain::transport::Transport;
use interdict_indexer::config::Config;
use interdict_indexer::screen::Asset;
use interdict_indexer::store::Store;

use crate::chain::{BLOCKLIST, CHAIN, Chain, Draft, LISTED, PAYER, SPACING, TOKEN};
use crate::chain::{listing, listing_by, transfer};
use crate::desk::{Desk, Node};

const UNIT: u64 = 1_000_000;
/// Somebody who has nothing to do with it.
const STRANGER: Address = address!("0x0000000000000000000000000000000000057a46");

/// Block 1 lists the address, and in every other it sends dust and is paid.
fn chain(blocks: u64) -> Chain {
    grown(Chain(Vec::new()), blocks, 0)
}

fn grown(chain: Chain, blocks: u64, branch: u64) -> Chain {
    (0..blocks).fold(chain, |chain, _| {
        let drafts = match chain.0.len() {
            0 => vec![],
            1 => vec![Draft::logging(listing(SPACING))],
            _ => vec![
                Draft::logging(vec![transfer(LISTED, PAYER, 4 * UNIT)]),
                Draft::logging(vec![transfer(PAYER, LISTED, 50 * UNIT + branch)]),
            ],
        };
        chain.and(branch, &drafts)
    })
}

fn sources(node: &Arc<Node>) -> Vec<Source> {
    vec![Source::over(Arc::clone(node) as Arc<dyn Transport>, "http://a".to_owned())]
}

fn told(text: &str) -> impl FnOnce(&mut Config) + use<> {
    let policy = Arc::new(Policy::draft(text).unwrap());
    move |config| {
        let dust_below = U256::from(10 * UNIT);
        config.policy = policy;
        let asset = Asset { symbol: "USDT".to_owned(), decimals: 6, dust_below };
        config.assets.tokens.insert(TOKEN, asset);
    }
}

async fn begun(node: &Arc<Node>, policy: &str) -> Desk {
    Desk::as_told(sources(node), node, told(policy)).await.unwrap()
}

async fn looks_after(store: &Store, address: Address) {
    let (kind, reference) = (SubjectKind::Customer, String::new());
    let subject = Subject { address, kind, reference };
    store.import_subjects(&[subject], &Who::console(), 1).await.unwrap();
}

/// Everything that stands, in the chain's order.
async fn standing(store: &Store) -> Vec<Alert> {
    let mut all: Vec<Alert> = Vec::new();
    loop {
        let page = store.history(all.last()).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// What is said of everything that stands.
async fn judged(store: &Store) -> BTreeMap<AlertId, (String, Severity, Confirmation)> {
    let alerts = standing(store).await.into_iter();
    alerts.map(|alert| (alert.id, (alert.rule, alert.severity, alert.confirmation))).collect()
}

/// How often each finding was told to be judged anew.
async fn reevaluations(store: &Store) -> BTreeMap<AlertId, u32> {
    let (mut told, mut last) = (BTreeMap::new(), 0);
    loop {
        let news = store.news(last, 500).await.unwrap();
        let Some(end) = news.last() else { return told };
        last = end.seq;
        for one in news.iter().filter(|one| one.kind == "alert.reevaluated") {
            *told.entry(one.alert.id).or_default() += 1;
        }
    }
}

/// Turns until nothing is to be judged anew any more; how many turns it took.
async fn settled(desk: &mut Desk) -> u32 {
    let mut turns = 0;
    while desk.works.store.subjects_to_judge().await.unwrap().is_some() {
        desk.turn().await;
        turns += 1;
        assert!(turns < 1_000, "it does not end");
    }
    turns
}

async fn at_the_head(desk: &mut Desk, chain: &Chain) {
    let tip = chain.tip();
    desk.until("the head", |status| status.cursor == tip).await;
    desk.turns(3).await;
}

/// A policy by which a payment is heavy only once it is final.
fn patient() -> String {
    let rule = "[[rule]]\nclass = \"direct.outbound.while_listed\"";
    assert!(DEFAULT.contains(rule));
    let waits = "[[rule]]\nclass = \"outbound.pending\"\n\
        when = { direction = [\"outbound\"], finality = [\"pending\"] }\n\
        severity = \"low\"\naction = \"review\"\nsays = \"Not final yet.\"\n\n";
    DEFAULT.replacen(rule, &format!("{waits}{rule}"), 1)
}

#[tokio::test]
async fn what_becomes_final_is_judged_anew_once_over_kills_and_reorganisations() {
    let whole = chain(24);
    let node = Node::with(whole.clone().up_to(5));
    let mut desk = begun(&node, &patient()).await;
    let grow = async |desk: &mut Desk, chain: &Chain, from: u64| {
        for tip in from..=chain.tip() {
            let up_to = chain.clone().up_to(tip);
            node.holds(up_to.clone());
            at_the_head(desk, &up_to).await;
        }
    };
    grow(&mut desk, &whole.clone().up_to(14), 6).await;
    desk = desk.killed(sources(&node), &node, told(&patient())).await;
    grow(&mut desk, &whole, 15).await;

    // What is above the last final block goes, and other blocks come.
    let final_at = whole.finalized();
    let other = grown(whole.clone().up_to(final_at + 1), 9, 1);
    node.holds(other.clone());
    at_the_head(&mut desk, &other).await;
    let store = &desk.works.store;
    let found = standing(store).await;
    let mut finals = 0;
    for alert in found.iter().filter(|alert| alert.transfer.to == LISTED) {
        let is_final = alert.transfer.position.block <= other.finalized();
        let expected = if is_final {
            ("direct.outbound.while_listed", Severity::Critical, Confirmation::Confirmed)
        } else {
            ("outbound.pending", Severity::Low, Confirmation::Pending)
        };
        assert_eq!((alert.rule.as_str(), alert.severity, alert.confirmation), expected);
        assert_eq!(alert.awaits_finality, !is_final);
        finals += u32::from(is_final);
    }
    let told = reevaluations(store).await;
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    let anew = found.iter().filter(|alert| told.contains_key(&alert.id));
    assert!(anew.clone().all(|alert| alert.transfer.to == LISTED), "dust waits for nothing");
    assert_eq!(anew.count(), told.len(), "what went with its block was never judged anew");
    // Those of the blocks that were final when they were taken in had nothing to wait for.
    assert!(told.len() > 10 && told.len() <= finals as usize, "{} of {finals}", told.len());

    // Who comes later, and takes most of it in at once, says the same.
    let mut late = begun(&Node::with(other.clone()), &patient()).await;
    at_the_head(&mut late, &other).await;
    assert_eq!(judged(&late.works.store).await, judged(store).await);
}

#[tokio::test]
async fn who_is_looked_after_later_is_judged_as_if_always_and_who_goes_as_if_never() {
    // Findings for more than two steps.
    let whole = chain(320);
    let node = Node::with(whole.clone());
    let from_the_start = async |subjects: &[Address]| {
        let mut desk = begun(&node, DEFAULT).await;
        for address in subjects {
            looks_after(&desk.works.store, *address).await;
        }
        at_the_head(&mut desk, &whole).await;
        judged(&desk.works.store).await
    };
    let always = from_the_start(&[STRANGER, PAYER]).await;
    let never = from_the_start(&[STRANGER]).await;
    assert!(never.values().all(|(rule, ..)| rule == "no_subject"));
    let rules: Vec<_> = always.values().map(|(rule, ..)| rule.as_str()).collect();
    for rule in ["direct.outbound.while_listed", "unsolicited_dust", "unsolicited_dust.summed"] {
        assert!(rules.contains(&rule), "{rule}");
    }

    let mut desk = begun(&node, DEFAULT).await;
    looks_after(&desk.works.store, STRANGER).await;
    at_the_head(&mut desk, &whole).await;
    assert_eq!(judged(&desk.works.store).await, never);
    looks_after(&desk.works.store, PAYER).await;
    desk.turn().await;
    let halfway = judged(&desk.works.store).await;
    assert!(halfway != never && halfway != always, "in bounded steps");
    desk = desk.killed(sources(&node), &node, told(DEFAULT)).await;
    assert!(settled(&mut desk).await > 2);
    assert_eq!(judged(&desk.works.store).await, always);
    let told = reevaluations(&desk.works.store).await;
    assert_eq!(told.len(), never.len());
    assert!(told.values().all(|times| *times == 1), "each once");
    // What was said at first is kept.
    let first = desk.works.store.news(0, 1).await.unwrap().remove(0);
    assert_eq!((first.kind.as_str(), first.alert.rule.as_str()), ("alert.created", "no_subject"));

    let who = Who::console();
    assert!(desk.works.store.remove_subject(PAYER, &who, 2).await.unwrap());
    settled(&mut desk).await;
    assert_eq!(judged(&desk.works.store).await, never);
    let told = reevaluations(&desk.works.store).await;
    assert!(told.values().all(|times| *times == 2), "there and back");

    // Who is listed is one whose own dealings are found, whoever the other side is.
    looks_after(&desk.works.store, LISTED).await;
    settled(&mut desk).await;
    desk.turns(1).await;
    assert!(desk.figures().contains("interdict_listed_subjects 1\n"), "told at once");
    let own = judged(&desk.works.store).await;
    let is_own = |(rule, weight, _): &(String, Severity, Confirmation)| {
        (rule.as_str(), *weight) == ("ownership", Severity::Critical)
    };
    assert!(own.values().all(is_own));
}

#[tokio::test]
async fn what_counts_together_is_counted_as_it_came_though_blocks_go_on_meanwhile() {
    let whole = chain(300);
    let node = Node::with(whole.clone().up_to(280));
    let mut desk = begun(&node, DEFAULT).await;
    looks_after(&desk.works.store, STRANGER).await;
    at_the_head(&mut desk, &whole.clone().up_to(280)).await;
    // The head goes on between two steps, and then takes back what it had.
    looks_after(&desk.works.store, PAYER).await;
    desk.turn().await;
    let mut branch = grown(whole.clone().up_to(277), 8, 3);
    for longer in [whole.clone().up_to(284), branch.clone(), whole.clone()] {
        node.holds(longer);
        desk.turn().await;
    }
    branch = whole;
    at_the_head(&mut desk, &branch).await;
    settled(&mut desk).await;

    let mut always = begun(&Node::with(branch.clone()), DEFAULT).await;
    looks_after(&always.works.store, STRANGER).await;
    looks_after(&always.works.store, PAYER).await;
    at_the_head(&mut always, &branch).await;
    assert_eq!(judged(&desk.works.store).await, judged(&always.works.store).await);
}

/// The manifest of the act that lists the address, as it stands in a folder.
fn manifest() -> Manifest {
    Manifest {
        schema: SCHEMA.to_owned(),
        chain_id: CHAIN,
        blocklist: BLOCKLIST,
        publication: Publication {
            source: List::OfacSdn,
            format: "ofac-enhanced".to_owned(),
            sha256: B256::repeat_byte(7),
            comments_sha256: None,
            data_as_of: "2026-08-20T14:02:11Z".parse().unwrap(),
        },
        overrides: vec![],
        list: vec![ManifestEntry {
            address: LISTED,
            uid: 26_014,
            authority_id: "26014".to_owned(),
            designated_on: None,
            valid_until: None,
            programs: vec!["CYBER2".to_owned()],
            published: vec![],
            tickers: vec![],
            features: vec![],
            kind: AccountKind::Eoa,
        }],
        delist: vec![],
    }
}

#[tokio::test]
async fn a_program_counts_from_when_its_manifest_is_there_and_nobody_guesses_before() {
    let rule = "[[rule]]\nclass = \"direct.outbound.while_listed\"";
    let cyber = "[[rule]]\nclass = \"outbound.cyber\"\n\
        when = { direction = [\"outbound\"], program = [\"CYBER2\"] }\n\
        severity = \"critical\"\naction = \"hold\"\nsays = \"Cyber.\"\n\n";
    let policy = DEFAULT.replacen(rule, &format!("{cyber}{rule}"), 1);
    let folder = tempfile::tempdir().unwrap();
    let written = manifest();
    let begun = Chain(Vec::new()).and(0, &[]);
    let listed = listing_by(SPACING, written.hash().unwrap());
    let whole = grown(begun.and(0, &[Draft::logging(listed)]), 6, 0);
    let node = Node::with(whole.clone().up_to(4));
    let path = folder.path().to_owned();
    let change = |config: &mut Config| {
        told(&policy)(config);
        config.manifests = Some(path);
    };
    let mut desk = Desk::as_told(sources(&node), &node, change).await.unwrap();
    at_the_head(&mut desk, &whole.clone().up_to(4)).await;
    std::fs::write(folder.path().join("act-1.json"), written.to_bytes().unwrap()).unwrap();
    node.holds(whole.clone());
    at_the_head(&mut desk, &whole).await;
    let paid = standing(&desk.works.store).await.into_iter().filter(|a| a.transfer.to == LISTED);
    let rules: Vec<_> = paid.map(|alert| (alert.transfer.position.block, alert.rule)).collect();
    let before = (2..=4).map(|n| (n, "direct.outbound.while_listed".to_owned()));
    let after = (5..=7).map(|n| (n, "outbound.cyber".to_owned()));
    assert_eq!(rules, before.chain(after).collect::<Vec<_>>());

    // What cannot be read is no folder to begin with.
    std::fs::write(folder.path().join("act-2.json"), "{").unwrap();
    let path = folder.path().to_owned();
    let refused = Desk::as_told(sources(&node), &node, |config| config.manifests = Some(path));
    let error = refused.await.err().unwrap().to_string();
    assert!(error.contains("act-2.json is no manifest of an act"), "{error}");
}
