//! A reviewer is handed a plan, or shown a proposal, that somebody has changed. The change is
//! consistent in itself; the reviewer has their own copy of the publication, and the chain.

use std::path::PathBuf;

use alloy::primitives::{Address, B256, address};
use anyhow::{Context, Result, ensure};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::forger::Forgery;
use interdict_tests::publication;
use serde_json::{Value, json};
use tempfile::TempDir;

const STALE: i32 = 4;

/// The first entry that the sample gives, and an address that looks like it.
const PUBLISHED: Address = address!("0x10ab0fe358f313e8ef57b5a9033940ef84525975");
const LOOK_ALIKE: Address = address!("0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975");

struct Desk {
    folder: TempDir,
    _anvil: Anvil,
    council: Council,
    genuine: PathBuf,
}

impl Desk {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        council.deploy().await?;
        let genuine = publication("sample_enhanced.xml");
        Ok(Self { folder, _anvil: anvil, council, genuine })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy of the sample in which one text stands for another.
    fn publication_with(&self, name: &str, old: &str, new: &str) -> Result<PathBuf> {
        let text = std::fs::read_to_string(publication("sample_enhanced.xml"))?;
        ensure!(text.contains(old), "the sample has no {old}");
        let path = self.path(name);
        std::fs::write(&path, text.replace(old, new))?;
        Ok(path)
    }

    async fn honest(&self) -> Result<Plan> {
        self.council.plan(&self.genuine, "honest.json").await
    }

    /// The honest plan after somebody has changed it and made it consistent again.
    async fn forged(&self, change: impl FnOnce(&mut Forgery) -> Result<()>) -> Result<String> {
        let honest = self.honest().await?;
        let mut forgery = Forgery::of(&honest.path)?;
        change(&mut forgery)?;
        let path = forgery.seal(&self.path("forged.json"))?;
        // What was not changed must pass, or the test would be of the forger's mistakes.
        let untouched = Forgery::of(&honest.path)?.seal(&self.path("untouched.json"))?;
        self.council.cli.json(&["verify", &untouched, "--publication", &self.mine()], 0).await?;
        Ok(path)
    }

    fn mine(&self) -> String {
        self.genuine.display().to_string()
    }

    /// The differences that the reviewer is told of, who compares what these arguments name.
    async fn differences(&self, what: &[&str]) -> Result<Vec<(String, String)>> {
        let mine = self.mine();
        let mut args = vec!["verify"];
        args.extend(what);
        args.extend(["--publication", mine.as_str()]);
        let data = self.council.cli.json(&args, STALE).await?;
        let differences = data["differences"].as_array().context("no differences")?;
        let text = |d: &Value, name: &str| d[name].as_str().unwrap_or_default().to_owned();
        Ok(differences.iter().map(|d| (text(d, "kind"), text(d, "message"))).collect())
    }

    /// The reviewer is told of this one difference, in these words, and of nothing else.
    async fn told(&self, what: &[&str], kind: &str, words: &[&str]) -> Result<()> {
        let found = self.differences(what).await?;
        let kinds: Vec<_> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, [kind], "{found:#?}");
        for word in words {
            assert!(found[0].1.contains(word), "no {word:?} in {:?}", found[0].1);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_swapped_for_a_look_alike() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["address"] = json!(LOOK_ALIKE);
            Ok(())
        })
        .await?;
    let (right, wrong) = (PUBLISHED.to_string(), LOOK_ALIKE.to_string());
    desk.told(&[&forged], "look_alike", &[&right, &wrong, "It is a look-alike"]).await?;

    // A person reads the same, and what to do.
    let mine = desk.mine();
    let run = desk.council.cli.run(&["verify", &forged, "--publication", &mine]).await?;
    assert_eq!(run.code, STALE);
    for word in ["different: ", "It is a look-alike", &right, &wrong] {
        assert!(run.stdout.contains(word), "no {word:?} in {}", run.stdout);
    }
    assert!(run.stderr.contains("do not sign"), "{}", run.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_slipped_in() -> Result<()> {
    let desk = Desk::open().await?;
    let enemy = desk.council.guardian.address();
    let forged = desk.forged(|forgery| forgery.slip_in(0, enemy)).await?;
    desk.told(&[&forged], "slipped_in", &[&enemy.to_string(), "slipped in"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_left_out() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk.forged(|forgery| forgery.leave_out(0)).await?;
    desk.told(&[&forged], "left_out", &[&PUBLISHED.to_string(), "left out"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_hidden_among_additions() -> Result<()> {
    let desk = Desk::open().await?;
    // One person's address is listed; the next publication names it still, and others besides.
    let first = desk.path("first.csv");
    let row = format!("address,uid,designated_on,programs,tickers\n{PUBLISHED},900001,,,ETH\n");
    std::fs::write(&first, row)?;
    let first = first.display().to_string();
    let out = desk.path("first.json").display().to_string();
    let stated = ["--source", "OFAC-SDN", "--data-as-of", "2026-01-01T00:00:00Z"];
    let mut args = vec!["plan", first.as_str(), "--out", out.as_str()];
    args.extend(stated);
    desk.council.cli.json(&args, 3).await?;
    let file = Forgery::of(&out)?.plan;
    let manifest = serde_json::from_value(file["manifest"].clone())?;
    let plan = Plan { path: out, said: Value::Null, manifest };
    desk.council.hold(&plan).await?;
    let proposal = desk.council.propose(&plan).await?;
    desk.council.pass(&proposal).await?;

    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["delist"] =
                json!([{ "address": PUBLISHED, "uid": uid(forgery, 900_001) }]);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "hidden_removal", &[&PUBLISHED.to_string(), "a removal is hidden"]).await
}

/// A uid as this version of the manifest writes it.
fn uid(forgery: &mut Forgery, uid: u64) -> Value {
    if forgery.entry(0)["uid"].is_string() { json!(uid.to_string()) } else { json!(uid) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uid_changed() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["uid"] = uid(forgery, 900_777);
            if !forgery.entry(0)["authority_id"].is_null() {
                forgery.entry(0)["authority_id"] = json!("900777");
            }
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "uid", &[&PUBLISHED.to_string(), "900777", "900001"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_changed() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["designated_on"] = json!("2012-03-04");
            Ok(())
        })
        .await?;
    let words = [&PUBLISHED.to_string(), "date of designation", "2012-03-04", "2021-03-04"];
    desk.told(&[&forged], "date", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_changed() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["programs"] = json!(["EXAMPLE9"]);
            Ok(())
        })
        .await?;
    let words = [&PUBLISHED.to_string(), "the programs", "EXAMPLE9", "EXAMPLE1"];
    desk.told(&[&forged], "evidence", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_publication_behind_the_same_entries() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["publication"]["sha256"] = json!(B256::repeat_byte(7));
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "publication", &[&B256::repeat_byte(7).to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_contract() -> Result<()> {
    let desk = Desk::open().await?;
    let other = Address::repeat_byte(0x5b);
    let forged = desk
        .forged(|forgery| {
            forgery.plan["blocklist"] = json!(other);
            forgery.plan["manifest"]["blocklist"] = json!(other);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "contract", &["changes a list at", &other.to_string()]).await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["signed_act"] = json!(other);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "contract", &["would sign for", &other.to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["chain_id"] = json!(1);
            forgery.plan["manifest"]["chain_id"] = json!(1);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "chain", &["another chain", "chain 1", "31337"]).await?;
    let genesis = B256::repeat_byte(9);
    let forged = desk
        .forged(|forgery| {
            forgery.plan["genesis_hash"] = json!(genesis);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "genesis", &["another chain", &genesis.to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn other_code() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["code_hash"] = json!(B256::repeat_byte(9));
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "code", &["other code", &B256::repeat_byte(9).to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_nonce_deadline_or_head() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk.forged(|forgery| set(forgery, &[("nonce", json!(1))])).await?;
    desk.told(&[&forged], "nonce", &["another nonce", "under 1", "was 0"]).await?;

    let far = "2030-01-01T00:00:00Z";
    let late: jiff::Timestamp = far.parse()?;
    let both = [("deadline", json!(late.as_second())), ("expires_at", json!(far))];
    let forged = desk.forged(|forgery| set(forgery, &both[..1])).await?;
    desk.told(&[&forged], "deadline", &["another deadline", far]).await?;
    let forged = desk.forged(|forgery| set(forgery, &both)).await?;
    desk.told(&[&forged], "deadline", &["another deadline", far, "7 days"]).await?;

    let head = B256::repeat_byte(9);
    let forged = desk.forged(|forgery| set(forgery, &[("head", json!(head))])).await?;
    desk.told(&[&forged], "head", &["another state of the list", &head.to_string()]).await?;
    let forged = desk.forged(|forgery| set(forgery, &[("act_count", json!(7))])).await?;
    desk.told(&[&forged], "head", &["after act 7"]).await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["at_block"]["hash"] = json!(head);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "block", &["another block", &head.to_string()]).await?;
    let block = json!({ "number": 1_000_000, "hash": head });
    let forged = desk.forged(|forgery| set(forgery, &[("at_block", block)])).await?;
    desk.told(&[&forged], "block", &["another block", "1000000"]).await
}

fn set(forgery: &mut Forgery, fields: &[(&str, Value)]) -> Result<()> {
    for (name, value) in fields {
        ensure!(!forgery.plan[name].is_null(), "the plan has no {name}");
        forgery.plan[name] = value.clone();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_slipped_in() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["overrides"] = json!(["shrink"]);
            Ok(())
        })
        .await?;
    desk.told(&[&forged], "override", &["slipped in", "--allow-shrink", "it is not"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_hidden() -> Result<()> {
    let mut desk = Desk::open().await?;
    let burn = "0x000000000000000000000000000000000000dEaD";
    desk.genuine = desk.publication_with("odd.xml", &format!("{PUBLISHED:#x}"), burn)?;
    let (mine, out) = (desk.mine(), desk.path("honest.json").display().to_string());
    let args = ["plan", mine.as_str(), "--out", out.as_str(), "--allow-never-list"];
    desk.council.cli.json(&args, 3).await?;
    let mut forgery = Forgery::of(&out)?;
    forgery.plan["manifest"]["overrides"] = json!([]);
    let forged = forgery.seal(&desk.path("forged.json"))?;
    desk.told(&[&forged], "override", &["an override is hidden", "--allow-never-list"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_row_removed() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            let rows = forgery.plan["quarantine"].as_array_mut().context("no quarantine")?;
            ensure!(rows.pop().is_some(), "the sample has nothing in quarantine");
            Ok(())
        })
        .await?;
    let words = ["left out of the quarantine", "0xC0f74EEd632E96C35a22d67AB4aa481Da852E4FA"];
    desk.told(&[&forged], "quarantine", &words).await
}

/// Proposes what a plan says, whoever is warned by that, and gives the proposal's id.
async fn propose(desk: &Desk, plan: &str) -> Result<String> {
    let args = ["propose", plan, "--public"];
    let said = desk.council.cli.json_as(&desk.council.relayer, &args, 0).await?;
    Ok(said["proposal"].as_str().context("no proposal")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_that_is_not_the_publications() -> Result<()> {
    let desk = Desk::open().await?;
    // Made by the honest tool from a doctored copy; nothing in it is inconsistent.
    let doctored = desk.publication_with(
        "doctored.xml",
        &format!("{PUBLISHED:#x}"),
        &format!("{LOOK_ALIKE:#x}"),
    )?;
    let doctored = desk.council.plan(&doctored, "doctored.json").await?;
    let proposal = propose(&desk, &doctored.path).await?;
    let found = desk.differences(&["--proposal", &proposal]).await?;
    let kinds: Vec<_> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["look_alike", "manifest"], "{found:#?}");
    assert!(found[0].1.contains(&LOOK_ALIKE.to_string()), "{found:#?}");

    // The honest plan's file at its side does not make the proposal any better.
    let honest = desk.honest().await?;
    let with_plan = desk.differences(&[&honest.path, "--proposal", &proposal]).await?;
    assert_eq!(with_plan, found);

    // Whoever looks only afterwards is told too.
    desk.council.pass(&proposal).await?;
    let acts = desk.council.cli.json(&["status"], 0).await?;
    let act = acts["acts"].as_u64().context("status has no number of acts")?.to_string();
    assert_eq!(desk.differences(&["--act", &act]).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_whose_evidence_is_another() -> Result<()> {
    let desk = Desk::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["programs"] = json!(["EXAMPLE9"]);
            Ok(())
        })
        .await?;
    let proposal = propose(&desk, &forged).await?;
    let words = ["another manifest", "the evidence behind them"];
    desk.told(&["--proposal", &proposal], "manifest", &words).await?;

    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["overrides"] = json!(["shrink"]);
            Ok(())
        })
        .await?;
    let proposal = propose(&desk, &forged).await?;
    let words = ["another manifest", "says --allow-shrink", "yours says no override"];
    desk.told(&["--proposal", &proposal], "manifest", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_it_should_be_passes_in_every_way() -> Result<()> {
    let desk = Desk::open().await?;
    let (council, mine) = (&desk.council, desk.mine());
    let plan = desk.honest().await?;
    let verify = async |what: &[&str]| -> Result<Value> {
        let mut args = vec!["verify"];
        args.extend(what);
        args.extend(["--publication", mine.as_str()]);
        council.cli.json(&args, 0).await
    };
    let fresh = verify(&[&plan.path]).await?;
    assert_eq!(fresh["message"], Forgery::of(&plan.path)?.plan["message"]);
    council.hold(&plan).await?;
    verify(&[&plan.path]).await?;
    verify(&["--act", "2"]).await?;
    let proposal = council.propose(&plan).await?;
    verify(&["--proposal", &proposal]).await?;
    verify(&[&plan.path, "--proposal", &proposal]).await?;
    for member in &council.members[..MAJORITY] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], 0).await?;
    }
    council.cli.json_as(&council.relayer, &["execute", &proposal], 0).await?;
    verify(&[&plan.path, "--act", "3"]).await?;
    Ok(())
}
