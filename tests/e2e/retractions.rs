//! A member is told that a retraction waits for their signature, and verifies it before they sign.
//! Whoever changed one has made it consistent again; the chain gives them away.

use alloy::primitives::{Address, B256, address};
use anyhow::{Context as _, Result, ensure};
use interdict_core::retraction::RetractionManifest;
use interdict_tests::council::{MAJORITY, Plan};
use interdict_tests::exit::{DONE, STALE, USAGE, WAITS};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, publication, read_json};
use serde_json::{Value, json};

/// Held under one person, and an address that looks like it.
const HELD: Address = address!("0x10ab0fe358f313e8ef57b5a9033940ef84525975");
const LOOK_ALIKE: Address = address!("0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975");

/// Held under two persons.
const TWICE: Address = address!("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6");

/// A council that holds what the sample publishes, and a retraction of two addresses.
struct Desk {
    room: Room,
    plan: Plan,
    honest: String,
}

impl Desk {
    async fn open() -> Result<Self> {
        let room = Room::open().await?;
        let plan = room.plan().await?;
        room.council.hold(&plan).await?;
        let honest = room.path("retraction.json");
        let named = [HELD.to_string(), TWICE.to_string()];
        let retract = ["retract", &named[0], &named[1], "--reason", "a mistake", "--out", &honest];
        room.council.cli.json(&retract, DONE).await?;
        Ok(Self { room, plan, honest })
    }

    /// The retraction after somebody has changed it and made it consistent again.
    fn forged(&self, change: impl FnOnce(&mut Value)) -> Result<String> {
        let mut file = read_json(&self.honest)?;
        let before = file.clone();
        change(&mut file);
        ensure!(file != before, "nothing was changed");
        let manifest: RetractionManifest = serde_json::from_value(file["manifest"].clone())?;
        file["manifest_hash"] = json!(manifest.hash()?);
        let path = self.room.path("forged.json");
        std::fs::write(&path, file.to_string())?;
        Ok(path)
    }

    /// As [`Self::forged`], by somebody who edits the file and looks no further.
    fn edited(&self, change: impl FnOnce(&mut Value)) -> Result<String> {
        let mut file = read_json(&self.honest)?;
        change(&mut file);
        let path = self.room.path("edited.json");
        std::fs::write(&path, file.to_string())?;
        Ok(path)
    }

    /// Whoever verifies the changed retraction is told of these differences, in these words.
    async fn told(
        &self,
        kinds: &[&str],
        words: &[&str],
        change: impl FnOnce(&mut Value),
    ) -> Result<()> {
        let forged = self.forged(change)?;
        let data = self.room.council.cli.json(&["verify", &forged], STALE).await?;
        let found = data["differences"].as_array().context("no differences")?;
        let text = |d: &Value, name: &str| d[name].as_str().unwrap_or_default().to_owned();
        let told: Vec<_> = found.iter().map(|d| text(d, "kind")).collect();
        assert_eq!(told, kinds, "{found:#?}");
        let all: String = found.iter().map(|d| text(d, "message") + "\n").collect();
        assert_says(&all, words);
        Ok(())
    }
}

/// Where the manifest names an address first.
fn place(file: &Value, address: Address) -> usize {
    let rows = file["manifest"]["retract"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().position(|row| row["address"] == json!(address)).unwrap_or(usize::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_verified_signed_and_landed() -> Result<()> {
    let desk = Desk::open().await?;
    let (council, paper) = (&desk.room.council, desk.honest.as_str());
    let said = council.cli.json(&["verify", paper], DONE).await?;
    let removals = said["removals"].as_array().context("no removals")?;
    assert_eq!(removals.len(), 2, "{said:#}");
    let twice = removals.iter().filter_map(Value::as_str).find(|r| r.contains(&TWICE.to_string()));
    assert!(twice.is_some_and(|line| line.contains("uid 900001 and 900003: listed no more")));
    let run = council.cli.run(&["verify", paper]).await?;
    assert_says(&run.stdout, &["same: ", &HELD.to_string(), "a mistake", "EIP-712 Digest"]);
    assert!(run.stderr.contains("interdict sign"), "{}", run.stderr);

    let plans = desk.room.folder().display().to_string();
    let watched = async |member: &str, code: i32| {
        let said =
            council.cli.json(&["watch", "--once", "--plans", &plans, "--as", member], code).await?;
        let all = said["waiting"].as_array().context("nothing")?.clone();
        let ours = |item: &&Value| item["key"] == format!("retraction {paper}");
        anyhow::Ok(all.iter().find(ours).cloned())
    };
    let who: Vec<String> = council.members.iter().map(|m| m.address().to_string()).collect();
    let item = watched(&who[0], WAITS).await?.context("it does not wait")?;
    assert_eq!((&item["kind"], &item["mine"]), (&json!("signature"), &json!(true)), "{item}");
    assert_eq!(item["says"], format!("your signature: the retraction {paper} has 0 of 3"));

    let mut act = vec!["act".to_owned(), paper.to_owned()];
    for member in &council.members[..MAJORITY] {
        let out = format!("{paper}.{}.sig", member.name);
        let sign = ["sign", paper, "--yes", "--out", &out];
        let signed = council.cli.json_as(member, &sign, DONE).await?;
        assert_eq!(signed["signature"]["digest"], said["message"]["eip712_digest"]);
        act.push(out);
    }
    let item = watched(&who[4], DONE).await?.context("it does not wait")?;
    assert_eq!((&item["kind"], &item["mine"]), (&json!("execution"), &json!(false)), "{item}");
    council.cli.json_as(&council.relayer, &act, DONE).await?;
    assert_eq!(watched(&who[4], DONE).await?, None, "it has landed");
    let run = council.cli.run(&["verify", paper]).await?;
    assert!(run.code == DONE && run.stderr.contains("it has landed as act "), "{run:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_person_list_or_reason() -> Result<()> {
    let desk = Desk::open().await?;
    let (right, wrong) = (HELD.to_string(), LOOK_ALIKE.to_string());
    desk.told(&["not_held"], &[&wrong, "is not listed now", "look-alike", &right], |file| {
        let at = place(file, HELD);
        file["manifest"]["retract"][at]["address"] = json!(LOOK_ALIKE);
    })
    .await?;
    let stranger = desk.room.council.guardian.address();
    desk.told(&["not_held"], &[&stranger.to_string()], |file| {
        let mut row = file["manifest"]["retract"][0].clone();
        row["address"] = json!(stranger);
        if let Some(rows) = file["manifest"]["retract"].as_array_mut() {
            rows.push(row);
        }
    })
    .await?;
    desk.told(&["uid", "left_out"], &[&right, "900777", "900001"], |file| {
        let at = place(file, HELD);
        let uid = &mut file["manifest"]["retract"][at]["uid"];
        *uid = if uid.is_string() { json!("900777") } else { json!(900_777) };
    })
    .await?;
    desk.told(&["left_out"], &[&TWICE.to_string(), "is held under uid"], |file| {
        let at = place(file, TWICE);
        if let Some(rows) = file["manifest"]["retract"].as_array_mut() {
            rows.remove(at);
        }
    })
    .await?;
    desk.told(&["source"], &["takes off EU"], |file| {
        file["manifest"]["sources"] = json!(["OFAC-SDN", "EU"]);
    })
    .await?;
    desk.told(&["reason"], &["control characters"], |file| {
        file["manifest"]["reason"] = json!("a mistake\u{1b}[2K");
    })
    .await?;
    desk.told(&["order"], &["in another order"], |file| {
        if let Some(rows) = file["manifest"]["retract"].as_array_mut() {
            rows.reverse();
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_contract_or_state_of_the_list() -> Result<()> {
    let desk = Desk::open().await?;
    let other = Address::repeat_byte(0x5b);
    let word = B256::repeat_byte(9);
    let set = |name: &'static str, value: Value| move |file: &mut Value| file[name] = value;
    desk.told(&["chain"], &["the retraction is for chain 1", "31337"], |file| {
        file["chain_id"] = json!(1);
        file["manifest"]["chain_id"] = json!(1);
    })
    .await?;
    desk.told(&["genesis"], &[&word.to_string()], set("genesis_hash", json!(word))).await?;
    desk.told(&["contract"], &["changes a list at", &other.to_string()], |file| {
        file["blocklist"] = json!(other);
        file["manifest"]["blocklist"] = json!(other);
    })
    .await?;
    desk.told(&["contract"], &["would sign for"], set("signed_act", json!(other))).await?;
    desk.told(&["code"], &[&word.to_string()], set("code_hash", json!(word))).await?;
    desk.told(&["nonce"], &["under 7", "was 1"], set("nonce", json!(7))).await?;
    desk.told(&["deadline"], &["2100-"], set("deadline", json!(4_102_444_800_u64))).await?;
    desk.told(&["head"], &[&word.to_string()], set("head", json!(word))).await?;
    desk.told(&["head"], &["after act 7"], set("act_count", json!(7))).await?;
    desk.told(&["block"], &[&word.to_string()], |file| file["at_block"]["hash"] = json!(word))
        .await?;
    let far = json!({ "number": 1_000_000, "hash": word });
    desk.told(&["block"], &["1000000"], set("at_block", far)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_has_moved_on_and_a_needless_publication() -> Result<()> {
    let desk = Desk::open().await?;
    let (council, paper) = (&desk.room.council, desk.honest.as_str());
    let sample = publication("sample_enhanced.xml").display().to_string();
    let run = council.cli.run(&["verify", paper, "--publication", &sample]).await?;
    assert!(run.code == USAGE && run.stderr.contains("comes of no publication"), "{run:?}");
    let run = council.cli.run(&["verify", &desk.plan.path]).await?;
    assert!(run.code == USAGE && run.stderr.contains("--publication is not given"), "{run:?}");

    let proposal = council.propose(&desk.plan).await?;
    council.pass(&proposal).await?;
    let run = council.cli.run(&["verify", paper]).await?;
    assert_eq!(run.code, STALE, "{run:?}");
    let words = ["the list has changed since the retraction", "interdict retract"];
    assert_says(&run.stderr, &words);
    // One for another chain is not taken for one of another day.
    desk.told(&["chain"], &["the retraction is for chain 1", "31337"], |file| {
        file["chain_id"] = json!(1);
        file["manifest"]["chain_id"] = json!(1);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_leaves_the_rest_as_it_was() -> Result<()> {
    let desk = Desk::open().await?;
    let (right, wrong) = (HELD.to_string(), LOOK_ALIKE.to_string());
    let reworded = desk.edited(|file| file["manifest"]["reason"] = json!("another"))?;
    let words = ["does not agree with itself", "its manifest hashes to"];
    let told = async |path: &str, kinds: &[&str], words: &[&str]| {
        let data = desk.room.council.cli.json(&["verify", path], STALE).await?;
        let all = data["differences"].as_array().context("no differences")?;
        let found: Vec<_> = all.iter().filter_map(|d| d["kind"].as_str()).collect();
        assert_eq!(found, kinds, "{data:#}");
        assert_says(&data.to_string(), words);
        anyhow::Ok(())
    };
    told(&reworded, &["not_whole"], &words).await?;
    let swapped = desk.edited(|file| {
        let at = place(file, HELD);
        file["manifest"]["retract"][at]["address"] = json!(LOOK_ALIKE);
    })?;
    told(&swapped, &["not_held", "not_whole"], &[&right, &wrong, words[0], words[1]]).await
}
