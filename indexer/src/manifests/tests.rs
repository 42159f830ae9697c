//! What manifests say of programs, and that no file is believed for its name.

use interdict_core::ledger::{Kind, Ledger};
use interdict_core::manifest::{AccountKind, ManifestEntry, Publication};
use interdict_core::source::Source;
use interdict_core::uid;

use super::*;
use crate::world::{Script, account, place};

const LISTED: u8 = 0xaa;

/// A manifest that lists an address under a person, by these programs.
fn manifest(authority_id: &str, programs: &[&str]) -> Manifest {
    Manifest {
        schema: SCHEMA.to_owned(),
        chain_id: 1,
        blocklist: account(0xb1),
        publication: Publication {
            source: Source::OfacSdn,
            format: "ofac-enhanced".to_owned(),
            sha256: B256::repeat_byte(7),
            comments_sha256: None,
            data_as_of: "2026-08-20T14:02:11Z".parse().unwrap(),
        },
        overrides: Vec::new(),
        list: vec![ManifestEntry {
            address: account(LISTED),
            uid: uid::of(authority_id),
            authority_id: authority_id.to_owned(),
            designated_on: None,
            valid_until: None,
            programs: programs.iter().map(|code| (*code).to_owned()).collect(),
            published: Vec::new(),
            tickers: Vec::new(),
            features: Vec::new(),
            kind: AccountKind::Eoa,
        }],
        delist: Vec::new(),
    }
}

/// The list after acts that list the address as these manifests say, under these lists.
fn ledger(acts: &[(&Manifest, u16)]) -> Ledger {
    let mut script = Script::default();
    for ((manifest, sources), block) in acts.iter().zip(50..) {
        let below = script.0.last().map(|act| act.head).unwrap_or_default();
        script = script.act(Kind::List, place(block, 0, 0), &[account(LISTED)]);
        let act = script.0.last_mut().unwrap();
        (act.manifest, act.sources) = (manifest.hash().unwrap(), *sources);
        act.entries[0].uid = manifest.list[0].uid;
        act.head = act.fold(below);
    }
    script.ledger()
}

fn of(manifests: &Manifests, ledger: &Ledger) -> String {
    let episode = ledger.get(account(LISTED)).unwrap().episodes.last().unwrap();
    let uids: Vec<_> = episode.uids.iter().map(|known| known.uid).collect();
    manifests.programs(account(LISTED), episode, &uids).to_string()
}

fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn programs_are_those_of_the_manifest_that_the_act_has() {
    let one = manifest("26014", &["CYBER2", "DPRK3"]);
    let other = manifest("26014", &["SDGT"]);
    let ledger = ledger(&[(&one, 1)]);
    // Set for people, it is the same: what counts is what it says.
    let pretty = serde_json::to_vec_pretty(&one).unwrap();
    let files = [("a.json", pretty), ("b.json", other.to_bytes().unwrap()), ("c.txt", vec![1])];
    let folder = folder(&files);
    let manifests = Manifests::of(Some(folder.path())).unwrap();
    assert!(manifests.has(one.hash().unwrap()) && manifests.has(other.hash().unwrap()));
    assert_eq!(of(&manifests, &ledger), "CYBER2 and DPRK3");
    assert_eq!(of(Manifests::none(), &ledger), "unknown");
    // One that says something else of the same address is another.
    let mut forged = Manifests::default();
    forged.add(other).unwrap();
    assert_eq!(of(&forged, &ledger), "unknown");
    assert_eq!(Manifests::of(None).unwrap(), Manifests::default());
}

#[test]
fn each_person_has_programs_of_their_own_and_the_last_manifest_counts() {
    let (one, two) = (manifest("26014", &["CYBER2"]), manifest("30000", &["DPRK3"]));
    let both = ledger(&[(&one, 1), (&two, 1)]);
    let mut manifests = Manifests::default();
    manifests.add(one.clone()).unwrap();
    assert_eq!(of(&manifests, &both), "CYBER2, others unknown");
    manifests.add(two).unwrap();
    assert_eq!(of(&manifests, &both), "CYBER2 and DPRK3");
    let redesignated = manifest("26014", &["SDGT"]);
    let again = ledger(&[(&one, 1), (&redesignated, 1)]);
    assert_eq!(of(&manifests, &again), "unknown");
    manifests.add(redesignated).unwrap();
    assert_eq!(of(&manifests, &again), "SDGT");
    // Two lists that have one number for two persons: neither manifest tells of both.
    let shared = ledger(&[(&one, 1), (&one, 2)]);
    assert_eq!(of(&manifests, &shared), "unknown");
}

#[test]
fn a_folder_is_read_anew_when_it_changes_and_kept_when_it_is_spoilt() {
    let one = manifest("26014", &["CYBER2"]);
    let folder = folder(&[("a.json", one.to_bytes().unwrap())]);
    let mut open = Folder::open(Some(folder.path().to_owned())).unwrap();
    assert!(!open.mind().unwrap());
    let two = manifest("30000", &["DPRK3"]);
    std::fs::write(folder.path().join("b.json"), two.to_bytes().unwrap()).unwrap();
    assert!(open.mind().unwrap());
    assert!(open.manifests.has(two.hash().unwrap()));
    let spoilt = folder.path().join("c.json");
    std::fs::write(&spoilt, "{}").unwrap();
    let error = open.mind().unwrap_err().to_string();
    assert!(error.contains("c.json is no manifest of an act"), "{error}");
    assert!(!open.mind().unwrap(), "said once");
    assert!(open.manifests.has(two.hash().unwrap()), "what was read stays");
    let other = Manifest { schema: "interdict.manifest/2".to_owned(), ..one };
    std::fs::write(&spoilt, serde_json::to_vec(&other).unwrap()).unwrap();
    assert!(open.mind().unwrap_err().to_string().contains("its schema is"));
    assert!(Folder::open(Some(folder.path().to_owned())).is_err(), "nobody starts on it");
    assert!(Folder::open(Some(folder.path().join("none"))).is_err());
    assert!(!Folder::open(None).unwrap().mind().unwrap());
}
