//! Signed with another tool: cast's signatures, cast's keystores, a Safe's transactions, a machine
//! without a network.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use alloy::primitives::{Address, B256};
use alloy::rpc::types::TransactionRequest;
use anyhow::{Context as _, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Cli;
use interdict_tests::council::{Council, MAJORITY};
use interdict_tests::exit::{DONE, FAILED, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::room::Room;
use interdict_tests::{assert_says, cast, program, publication, read_json};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// What scrypt of a keystore must be at least.
const SCRYPT_N_MIN: u64 = 1 << 18;

async fn cast_signs(typed: &str, person: &Person) -> Result<String> {
    let keystore = person.keystore.display().to_string();
    let password = person.password_file.display().to_string();
    let args = ["wallet", "sign", "--data", "--from-file", typed, "--keystore", &keystore];
    cast::run(&args.into_iter().chain(["--password-file", &password]).collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn casts_signature_is_ours_and_counts() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let (typed, sig, out) =
        (room.path("typed.json"), room.path("cast.sig"), room.path("cast.json"));
    council.cli.json(&["sign", &plan.path, "--typed-data", &typed], DONE).await?;
    let member = &council.members[0];
    let signature = cast_signs(&typed, member).await?;
    std::fs::write(&sig, format!("{signature}\n"))?;
    let take = ["sign", &plan.path, "--signature-file", &sig, "--out", &out];
    council.cli.json(&take, DONE).await?;
    let ours = council.sign(member, &plan.path).await?;
    assert_eq!(std::fs::read_to_string(&out)?, std::fs::read_to_string(&ours)?);

    // A stranger's signature is right in form and has no seat.
    let stranger = cast_signs(&typed, &council.relayer).await?;
    let run = council.cli.run(&["sign", &plan.path, "--signature", &stranger]).await?;
    run.assert_refused(FAILED, &["has no seat", &council.relayer.address().to_string()]);

    let mut act = vec!["act".to_owned(), plan.path.clone(), out];
    for member in &council.members[1..MAJORITY] {
        act.push(council.sign(member, &plan.path).await?);
    }
    council.cli.json_as(&council.relayer, &act, DONE).await?;
    Ok(())
}

/// Code that takes every signature for its own: it returns the magic value of ERC-1271.
const TAKES_ALL: [u8; 41] = {
    let mut code = [0; 41];
    let (push, magic) = (0x7f, [0x16, 0x26, 0xba, 0x7e]);
    (code[0], code[1], code[2], code[3], code[4]) = (push, magic[0], magic[1], magic[2], magic[3]);
    // PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    (code[33], code[34], code[35], code[36]) = (0x5f, 0x52, 0x60, 0x20);
    (code[37], code[38]) = (0x5f, 0xf3);
    code
};

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_is_a_contract_is_asked_for_its_signature() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let seat = council.members[0].address();
    let (shown, out) = (seat.to_string(), room.path("contract.json"));
    let take = ["sign", &plan.path, "--signer", &shown, "--signature", "0x1234", "--out", &out];
    council.cli.run(&take).await?.assert_refused(FAILED, &["not 65 bytes"]);
    council.chain.set_code(seat, &[0x00]).await?;
    council.cli.run(&take).await?.assert_refused(FAILED, &["ERC-1271", &shown]);
    council.chain.set_code(seat, &TAKES_ALL).await?;
    council.cli.json(&take, DONE).await?;
    let mut act = vec!["act".to_owned(), plan.path.clone(), out];
    for member in &council.members[1..MAJORITY] {
        act.push(council.sign(member, &plan.path).await?);
    }
    council.cli.json_as(&council.relayer, &act, DONE).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn casts_signature_under_a_retraction_is_ours() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    council.hold(&plan).await?;
    let held = plan.addresses()[0].to_string();
    let (paper, typed) = (room.path("retraction.json"), room.path("typed.json"));
    let retract = ["retract", &held, "--reason", "held by mistake", "--out", &paper];
    council.cli.json(&retract, DONE).await?;
    council.cli.json(&["sign", &paper, "--typed-data", &typed], DONE).await?;
    let member = &council.members[0];
    let signature = cast_signs(&typed, member).await?;
    let said = council.cli.json_as(member, &["sign", &paper, "--yes"], DONE).await?;
    assert_eq!(said["signature"]["signature"], signature);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_the_same_is_signed_and_what_was_not_checked_is_said() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let member = &council.members[0];
    let offline = Cli::without_network(room.file("none"));
    let out = room.path("offline.json");
    let args = ["sign", &plan.path, "--offline", "--yes", "--out", &out];
    let run = offline.run_as(member, &args).await?;
    assert_eq!(run.code, DONE, "{run:?}");
    assert_says(&run.stderr, &["not checked", "nonce", "seat", "the chain's own time"]);
    for address in plan.addresses() {
        assert!(run.stderr.contains(&address.to_string()), "{address} is not shown");
    }
    let ours = council.sign(member, &plan.path).await?;
    assert_eq!(std::fs::read_to_string(&out)?, std::fs::read_to_string(&ours)?);

    let online = offline.run(&["sign", &plan.path, "--yes"]).await?;
    online.assert_refused(FAILED, &["no answer from"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_keystores_are_hard_private_and_open_in_cast() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let offline = Cli::without_network(folder.path().join("none"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (keystore, password) = (path("alice"), path("password"));
    std::fs::write(&password, "a word of alice\n")?;
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600))?;
    let new = ["wallet", "new", "--keystore", &keystore, "--password-file", &password];
    let made = offline.json(&new, DONE).await?;
    let bits = std::fs::metadata(&keystore)?.permissions().mode() & 0o777;
    assert_eq!(bits, 0o600, "{bits:o}");
    let file = read_json(&keystore)?;
    let n = file["crypto"]["kdfparams"]["n"].as_u64().context("no n")?;
    assert!(n >= SCRYPT_N_MIN, "N = {n}");

    let args = ["wallet", "address", "--keystore", &keystore, "--password-file", &password];
    let address: Address = cast::run(&args).await?.parse()?;
    assert_eq!(made["address"], address.to_string().to_lowercase());

    let again = offline.run(&new).await?;
    again.assert_refused(USAGE, &["is there already", "next: "]);
    assert_eq!(read_json(&keystore)?, file);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_a_key_is_imported_from_a_file_or_descriptor_and_never_from_argv() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let offline = Cli::without_network(folder.path().join("none"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let person = Person::new(folder.path(), "old")?;
    let key = alloy::hex::encode(person.signer.to_bytes());
    let (old, old_password) = (path("old"), person.password_file.display().to_string());
    let (raw, password) = (path("raw.key"), path("new-password"));
    for (file, text) in [(&raw, key.as_str()), (&password, "another word")] {
        std::fs::write(file, text)?;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    }
    let import = |name: &str, more: &[&str]| -> Vec<String> {
        let to = ["wallet", "import", "--keystore", &path(name), "--password-file", &password]
            .map(str::to_owned);
        to.into_iter().chain(more.iter().map(|arg| (*arg).to_owned())).collect()
    };
    let address = person.address().to_string();

    let from = ["--from", &old, "--from-password-file", &old_password];
    offline.json(&import("a", &from), DONE).await?;
    offline.json(&import("b", &["--private-key-file", &raw]), DONE).await?;
    let line = import("c", &["--private-key-file", "/dev/fd/3"]).join("' '");
    let script = format!("'{}' '{line}' 3<<<\"$SECRET\"", program("interdict")?.display());
    let mut shell = tokio::process::Command::new("bash");
    shell.args(["-c", &script]).env("SECRET", &key).stdin(Stdio::null());
    let output = shell.output().await?;
    assert!(output.status.success(), "{output:?}");
    for name in ["a", "b", "c"] {
        let file = read_json(path(name))?;
        assert!(file["crypto"]["kdfparams"]["n"].as_u64() >= Some(SCRYPT_N_MIN), "{name}");
        let open = ["wallet", "address", "--keystore", &path(name), "--password-file", &password];
        assert_eq!(cast::run(&open).await?, address, "{name}");
    }

    // What others can read, what is no key, and a key as an argument.
    std::fs::set_permissions(&raw, std::fs::Permissions::from_mode(0o644))?;
    let run = offline.run(&import("d", &["--private-key-file", &raw])).await?;
    run.assert_refused(USAGE, &["others can read the key", "chmod 600"]);
    let run = offline.run(&import("d", &["--private-key-file", &password])).await?;
    run.assert_refused(USAGE, &["is no private key"]);
    assert!(!run.stderr.contains("another word"), "{}", run.stderr);
    for flag in ["--private-key", "--key", "--from-password"] {
        let run = offline.run(&import("d", &[flag, &key])).await?;
        run.assert_refused(USAGE, &["unexpected argument"]);
    }
    assert!(!folder.path().join("d").exists(), "a keystore was written all the same");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn casts_keystore_opens_here() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let keys = room.path("cast-keys");
    std::fs::create_dir(&keys)?;
    let said = cast::run(&["wallet", "new", &keys, "bob", "--unsafe-password", "bobs"]).await?;
    let (keystore, password) = (format!("{keys}/bob"), room.path("bobs"));
    std::fs::write(&password, "bobs")?;
    let args = ["sign", &plan.path, "--offline", "--yes", "--keystore", &keystore];
    let args: Vec<&str> = args.into_iter().chain(["--password-file", &password]).collect();
    let said_here = council.cli.json(&args, DONE).await?;
    let signer: Address =
        said_here["signature"]["signer"].as_str().context("no signer")?.parse()?;
    assert!(said.contains(&signer.to_string()), "{signer} is not the key that cast made: {said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_a_password_comes_from_a_descriptor_and_a_key_from_the_terminal() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let member = &council.members[0];
    let interdict = program("interdict")?.display().to_string();
    let (out, typed_out) = (room.path("fd.json"), room.path("typed-key.json"));
    let keystore = member.keystore.display().to_string();
    let password = std::fs::read_to_string(&member.password_file)?;
    let shell = |script: String| {
        let mut shell = tokio::process::Command::new("bash");
        shell.args(["-c", &script]).stdin(Stdio::null()).kill_on_drop(true);
        shell.env("ETH_RPC_URL", &council.cli.rpc_url);
        shell.env("INTERDICT_DEPLOYMENTS", &council.cli.deployments).env("SECRET", &password);
        shell
    };
    let sign = format!("'{interdict}' sign '{}' --yes", plan.path);
    let run = format!(
        "{sign} --keystore '{keystore}' --out '{out}' --password-file /dev/fd/3 3<<<\"$SECRET\""
    );
    let output = shell(run).output().await?;
    assert!(output.status.success(), "{output:?}");

    // `script` gives the command a terminal, where the key is typed once it is asked for.
    let run = format!("script -qec \"{sign} --interactive --out {typed_out}\" /dev/null");
    let mut terminal = shell(run).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut keyboard, mut screen) = (
        terminal.stdin.take().context("no keyboard")?,
        terminal.stdout.take().context("no screen")?,
    );
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("Private key") {
        let read = screen.read_buf(&mut shown).await?;
        assert!(read > 0, "it ended: {}", String::from_utf8_lossy(&shown));
    }
    let key = alloy::hex::encode(member.signer.to_bytes());
    keyboard.write_all(format!("{key}\n").as_bytes()).await?;
    screen.read_to_end(&mut shown).await?;
    assert!(terminal.wait().await?.success(), "{}", String::from_utf8_lossy(&shown));
    assert_eq!(std::fs::read_to_string(&out)?, std::fs::read_to_string(&typed_out)?);

    let run = council.cli.run(&["sign", &plan.path, "--yes", "--interactive"]).await?;
    run.assert_refused(USAGE, &["there is no terminal"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_key_is_for_a_local_chain_and_its_owner_only() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let key = room.path("raw.key");
    std::fs::write(&key, alloy::hex::encode(council.members[0].signer.to_bytes()))?;
    let sign = ["sign", &plan.path, "--yes", "--private-key-file", &key];
    council.cli.run(&sign).await?.assert_refused(USAGE, &["others can read", "chmod 600"]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
    council.cli.json(&sign, DONE).await?;

    // On a chain where things have a worth.
    let sepolia = Anvil::start_as(Pace::OnDemand, 11_155_111).await?;
    let member = council.members[0].address().to_string();
    let deploy = ["deploy", "--member", &member, "--yes", "--private-key-file", &key];
    let deploy: Vec<&str> = deploy.into_iter().chain(["--rpc-url", &sepolia.url]).collect();
    let run = council.cli.run(&deploy).await?;
    run.assert_refused(USAGE, &["on chain 31337 only", "chain 11155111", "wallet import"]);
    Ok(())
}

/// A Safe stands here for any contract: what its owners load is what the chain is asked to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_safes_file_does_what_the_command_would_do() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    council.hold(&plan).await?;
    let file = room.path("safe.json");
    let member = &council.members[0];
    let safe = member.address().to_string();
    let with = |args: &[&str]| -> Vec<String> {
        let more = ["--safe-transaction", &file, "--safe", &safe];
        args.iter().chain(&more).map(|arg| (*arg).to_owned()).collect()
    };

    // Loaded by its owners, the file proposes; the same, run as a command, finds it proposed.
    council.cli.json(&with(&["propose", &plan.path]), DONE).await?;
    let written = read_json(&file)?;
    let first = std::fs::read_to_string(&file)?;
    council.cli.json(&with(&["propose", &plan.path]), DONE).await?;
    assert_eq!(first, std::fs::read_to_string(&file)?, "the same block gives the same file");
    for (place, expected) in [("/version", "1.0"), ("/chainId", "31337")] {
        assert_eq!(written.pointer(place).and_then(Value::as_str), Some(expected));
    }
    let checksum = written["meta"]["checksum"].as_str().context("no checksum")?;
    checksum.parse::<B256>()?;
    send(council, &written, member.address()).await?;
    let run = council.cli.run(&with(&["propose", &plan.path])).await?;
    run.assert_refused(FAILED, &["this is proposed already"]);

    let status = council.cli.json(&["status"], DONE).await?;
    let proposal = status["open_proposals"][0]["proposal"].as_str().context("none")?.to_owned();
    council.cli.json(&with(&["vote", &proposal, "--for"]), DONE).await?;
    send(council, &read_json(&file)?, member.address()).await?;
    let run = council.cli.run(&with(&["vote", &proposal, "--for"])).await?;
    run.assert_refused(FAILED, &["has voted on this proposal already"]);
    for member in &council.members[1..MAJORITY] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], DONE).await?;
    }
    council.cli.json(&with(&["execute", &proposal]), DONE).await?;
    send(council, &read_json(&file)?, member.address()).await?;
    assert_eq!(council.count().await?, plan.addresses().len() as u64);

    let alone = ["vote", &proposal, "--for", "--safe-transaction", &file];
    assert_eq!(council.cli.run(&alone).await?.code, USAGE, "whose Safe?");
    Ok(())
}

/// The guardian and the keeper may be Safes as well: each loads a file that the command writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_safe_cancels_and_attests_by_its_file() -> Result<()> {
    let room = Room::convene().await?;
    let council = &room.council;
    let keeper = council.relayer.address().to_string();
    council.deploy_with(&["--keeper", &keeper]).await?;
    let sample = publication("sample_enhanced.xml");
    council.govern(&sample, "plan.json").await?;
    let file = room.path("safe.json");
    let with = |args: &[&str], safe: &str| -> Vec<String> {
        let more = ["--safe-transaction", &file, "--safe", safe];
        args.iter().chain(&more).map(|arg| (*arg).to_owned()).collect()
    };

    let (sample, out) = (sample.display().to_string(), room.path("attestation.json"));
    let attest = ["attest", &sample, "--out", &out];
    let guardian = council.guardian.address().to_string();
    let run = council.cli.run(&with(&attest, &guardian)).await?;
    run.assert_refused(FAILED, &["may not attest", &keeper]);
    let acts = council.cli.json(&["status"], DONE).await?["acts"].clone();
    council.cli.json(&with(&attest, &keeper), DONE).await?;
    assert_eq!(council.cli.json(&["status"], DONE).await?["acts"], acts, "nothing was sent yet");
    send(council, &read_json(&file)?, keeper.parse()?).await?;
    let status = council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["last_acts"][0]["kind"], "attest");

    let leaver = council.members[4].address().to_string();
    let remove = ["--remove-member", &leaver, "--reason", "a lost key"];
    let proposal = council.propose_as(&council.members[0], &remove).await?;
    council.pass(&proposal).await?;
    let cancel = ["cancel", &proposal];
    let run = council.cli.run(&with(&cancel, &keeper)).await?;
    run.assert_refused(5, &["may cancel nothing"]);
    council.cli.json(&with(&cancel, &guardian), DONE).await?;
    send(council, &read_json(&file)?, guardian.parse()?).await?;
    let run = council.cli.run(&["execute", &proposal]).await?;
    run.assert_refused(FAILED, &["is canceled"]);
    Ok(())
}

/// What a Safe does with the file: each call, with its value and its data.
async fn send(council: &Council, batch: &Value, from: Address) -> Result<()> {
    for call in batch["transactions"].as_array().context("no transactions")? {
        let text = |name: &str| call[name].as_str().with_context(|| format!("no {name}"));
        assert_eq!(text("value")?, "0");
        let request = TransactionRequest::default()
            .to(text("to")?.parse()?)
            .input(alloy::hex::decode(text("data")?)?.into());
        let receipt = council.chain.send_as(from, request).await?;
        assert!(receipt.status(), "{call}");
    }
    Ok(())
}
