//! `interdict init`: an address book is believed only when the chain agrees with it.

use anyhow::{Context as _, Result};
use interdict_tests::cli::Cli;
use interdict_tests::exit::{DONE, FAILED, STALE};
use interdict_tests::publisher::{Publisher, Reply};
use interdict_tests::room::Room;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_begins_with_a_checked_address_book() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let book = council.deployment_file().display().to_string();
    let text = std::fs::read_to_string(&book)?;
    let own = Cli { rpc_url: room.anvil.url.clone(), deployments: room.file("own/deployments") };
    let mine = own.deployments.join("31337.json");

    let member = council.members[0].address().to_string();
    let said = own.json(&["init", "--book", &book, "--member", &member], DONE).await?;
    assert_eq!((&said["has_seat"], &said["chain_id"]), (&json!(true), &json!(31337)));
    assert_eq!(std::fs::read_to_string(&mine)?, text);
    let status = own.json(&["status"], DONE).await?;
    assert_eq!(status["blocklist"], said["blocklist"]);

    // From a server, and again: the same is no other.
    let server = Publisher::start([Reply::document(text.as_bytes())]).await?;
    let url = format!("{}/31337.json", server.url);
    let stranger = council.relayer.address().to_string();
    let said = own.json(&["init", "--book", &url, "--member", &stranger], DONE).await?;
    assert_eq!(said["has_seat"], false);

    // Another is not written over it in passing.
    std::fs::write(&mine, text.replace("\"term_seconds\"", "\"term_seconds\" "))?;
    let run = own.run(&["init", "--book", &book]).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    assert!(run.stderr.contains("--replace"), "{}", run.stderr);
    own.json(&["init", "--book", &book, "--replace"], DONE).await?;
    assert_eq!(std::fs::read_to_string(&mine)?, text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_book_that_the_chain_contradicts_is_not_written() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let text = std::fs::read_to_string(council.deployment_file())?;
    let own = Cli { rpc_url: room.anvil.url.clone(), deployments: room.file("own") };
    let changed = room.file("changed.json");
    let path = changed.display().to_string();
    let check = async |change: &dyn Fn(&mut Value), code: i32, why: &str| -> Result<()> {
        let mut book: Value = serde_json::from_str(&text)?;
        change(&mut book);
        std::fs::write(&changed, book.to_string())?;
        let run = own.run(&["init", "--book", &path]).await?;
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains(why) && run.stderr.contains("next: "), "{}", run.stderr);
        assert!(!own.deployments.exists(), "an address book was written");
        Ok(())
    };
    let hash = format!("0x{}", "11".repeat(32));
    check(&|book| book["chain_id"] = json!(1), STALE, "is for chain 1").await?;
    check(&|book| book["genesis_hash"] = json!(hash), STALE, "begins with block").await?;
    check(&|book| book["blocklist"]["code_hash"] = json!(hash), STALE, "blocklist").await?;
    let elsewhere = |book: &mut Value| {
        book["blocklist"] = book["seats"].clone();
    };
    check(&elsewhere, FAILED, "").await?;
    let guardian = council.relayer.address();
    let other = move |book: &mut Value| book["parameters"]["guardian"] = json!(guardian);
    check(&other, FAILED, "").await?;
    check(&|book| *book = json!({}), FAILED, "is no address book").await?;
    let missing = own.run(&["init", "--book", "absent.json"]).await?;
    assert_eq!(missing.code, FAILED, "{missing:?}");
    assert!(missing.stderr.contains("absent.json"), "{}", missing.stderr);
    std::fs::metadata(&changed).context("the test wrote no book")?;
    Ok(())
}
