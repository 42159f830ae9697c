//! What another policy would say of what was found.

use interdict_core::audit::Who;
use interdict_core::ledger::Kind;
use interdict_core::policy::{DEFAULT, Policy};
use interdict_core::subject::{Subject, SubjectKind};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::manifests::Manifests;
use crate::store::{Home, Intake, Store};
use crate::world::{
    self, CHAIN, Draft, Script, TOKEN, account, assets, block, calling, genesis, place, tx,
};

const LISTED: u8 = 0xaa;
const PAYER: u8 = 0xbb;
const UNIT: u64 = 1_000_000;

fn sends(n: u64, from: u8, to: u8, units: u64) -> Draft {
    tx(n, None, 0).transfer(TOKEN, account(from), account(to), units * UNIT)
}

/// A database in which these transactions were found by the default policy, and its list.
async fn found(drafts: &[Draft]) -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let genesis_hash = alloy_primitives::B256::ZERO;
    let home = Home { chain_id: CHAIN, genesis_hash, blocklist: account(0xb1) };
    let store = Store::open(folder.path().join("test.sqlite"), home).await.unwrap();
    store.begin_above(genesis()).await.unwrap();
    // The listing is known from an act that is told as one of this block.
    let script = Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED)]);
    let block = block(genesis(), drafts);
    let alerts = world::live(&block, &script.ledger()).alerts;
    let intake = Intake {
        header: block.header,
        acts: script.0,
        alerts,
        undecoded: vec![],
        lookbacks: vec![],
        moved: [].into(),
        now: 1,
    };
    store.apply(intake).await.unwrap();
    (store, folder)
}

async fn replayed(store: &Store, text: &str) -> Value {
    let policy = Policy::parse(text).unwrap();
    let replayed = replay::replay(store, &policy, &assets(), Manifests::none()).await.unwrap();
    let shown = replayed.to_string();
    assert!(shown.starts_with(&replayed_line(&replayed)), "{shown}");
    serde_json::to_value(&replayed).unwrap()
}

fn replayed_line(replayed: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(replayed).unwrap();
    format!("{} of {} findings would be judged otherwise", value["changed"], value["findings"])
}

#[tokio::test]
async fn the_same_policy_says_the_same_of_every_kind_of_finding() {
    let failed = calling(6, Some(account(LISTED)), 0, vec![1]).failed();
    let silent = tx(7, Some(account(LISTED)), 0);
    let drafts = [
        sends(1, PAYER, LISTED, 50),
        sends(2, LISTED, PAYER, 50),
        sends(3, LISTED, PAYER, 1),
        sends(4, PAYER, LISTED, 0),
        calling(5, Some(account(LISTED)), 0, vec![1]),
        failed,
        silent,
    ];
    let (store, _folder) = found(&drafts).await;
    let said = replayed(&store, DEFAULT).await;
    assert_eq!((&said["findings"], &said["changed"]), (&7.into(), &0.into()), "{said:#}");
    let rules: Vec<_> =
        said["rows"].as_array().unwrap().iter().map(|row| row["rule"].as_str().unwrap()).collect();
    let expected = [
        "direct.inbound.while_listed",
        "direct.other",
        "direct.outbound.while_listed",
        "failed_attempt",
        "spoof",
        "unsolicited_dust",
    ];
    assert_eq!(rules, expected);
}

#[tokio::test]
async fn another_policy_is_tried_and_nothing_is_changed() {
    let drafts = [
        sends(1, PAYER, LISTED, 50),
        sends(2, LISTED, PAYER, 2),
        sends(3, LISTED, PAYER, 3),
        sends(4, LISTED, PAYER, 4),
    ];
    let (store, _folder) = found(&drafts).await;
    let before = store.history(None).await.unwrap();
    assert_eq!(replayed(&store, DEFAULT).await["changed"], 0);
    let usual = "within_days = 30\nseverity = \"high\"";
    let stricter = "within_days = 30\nat_least = \"8\"\nseverity = \"high\"";
    assert!(DEFAULT.contains(usual));
    let said = replayed(&store, &DEFAULT.replacen(usual, stricter, 1)).await;
    assert_eq!(said["changed"], 1, "{said:#}");
    let summed = said["rows"].as_array().unwrap().iter().find(|row| row["changes"] == true);
    let summed = summed.unwrap();
    assert_eq!(summed["would_be"], "unsolicited_dust.summed");
    assert_eq!((&summed["with_severity"], &summed["findings"]), (&"high".into(), &1.into()));
    assert_eq!(summed["examples"].as_array().unwrap().len(), 1);
    assert_eq!(said["severities"]["high"], serde_json::json!({ "now": 0, "would_be": 1 }));
    assert_eq!(store.history(None).await.unwrap(), before);

    // The subjects count as they are now.
    let subject =
        Subject { address: account(0x77), kind: SubjectKind::Customer, reference: String::new() };
    store.import_subjects(&[subject], &Who::console(), 1).await.unwrap();
    let said = replayed(&store, DEFAULT).await;
    let rows = said["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["would_be"] == "no_subject"), "{said:#}");
    assert_eq!(said["changed"], 4);
}

#[tokio::test]
async fn a_finding_is_explained_beside_what_is_written_down() {
    let (store, _folder) = found(&[sends(1, LISTED, PAYER, 2)]).await;
    let id = store.history(None).await.unwrap()[0].id;
    let (policy, assets) = (Policy::standard(), assets());
    let explained = check::recorded(&store, &policy, &assets, Manifests::none(), id).await.unwrap();
    let said = serde_json::to_value(&explained).unwrap();
    assert_eq!(said["dealing"]["value"], "dust");
    assert_eq!(
        (&said["dealing"]["worth"], &said["dealing"]["phase"]),
        (&"2".into(), &"while".into())
    );
    assert_eq!(said["outcome"]["class"], "unsolicited_dust");
    assert_eq!(said["recorded"]["policy"], policy.label);
    assert!(explained.to_string().ends_with(&format!("in {id}, by {}", policy.label)));
    let other = "00".repeat(16).parse().unwrap();
    let error =
        check::recorded(&store, &policy, &assets, Manifests::none(), other).await.unwrap_err();
    assert!(matches!(error, AskError::NoAlert(_)), "{error}");
}
