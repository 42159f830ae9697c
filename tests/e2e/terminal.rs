//! The binary on a real terminal: progress that comes and goes, colour and tables where a person
//! reads them, and an end at any moment that leaves the terminal as it was.

#[path = "../bench/generate.rs"]
mod generate;

use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use alloy::primitives::keccak256;
use anyhow::Result;
use interdict_tests::cli::Cli;
use interdict_tests::council::{Council, Plan};
use interdict_tests::exit::{DONE, FAILED, HUNG_UP, INTERRUPTED, TERMINATED};
use interdict_tests::keys::Person;
use interdict_tests::publisher::{Publisher, Reply};
use interdict_tests::room::Room;
use interdict_tests::terminal::{CTRL_C, Left, Terminal, is_painted};
use interdict_tests::{assert_says, liar, publication};
use rustix::process::Signal;
use tempfile::TempDir;

/// Columns of a window that has room for everything, and of one that has not.
const WIDE: u16 = 250;
const NARROW: u16 = 40;

/// 20 MB, which takes longer than a second to read.
const MANY_PARTIES: u64 = 3_000;
const SEED: u64 = 20_260_102;

fn large_publication(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("advanced.xml");
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    generate::advanced(&mut out, MANY_PARTIES, SEED)?;
    out.flush()?;
    Ok(path)
}

/// The terminal is as it was, and whatever stands there has a line of its own.
fn assert_sane(left: &Left) {
    assert!(left.is_sane, "the terminal is left in another mode:\n{}", left.text);
    let stray = left.text.lines().find(|line| {
        ["error: ", "warning: ", "next: "].iter().any(|word| line.find(word).is_some_and(|n| n > 0))
    });
    assert_eq!(stray, None, "a line is written behind another:\n{}", left.text);
}

/// Nothing is left of what was drawn over.
fn assert_clean(left: &Left, gone: &str) {
    assert!(!left.text.contains(gone), "{gone:?} is left:\n{}", left.text);
    assert_sane(left);
}

/// It was interrupted, and says so; how far it had come may stand above.
fn assert_interrupted(left: &Left) {
    assert_ended(left, INTERRUPTED, "error: interrupted");
}

fn assert_ended(left: &Left, code: i32, words: &str) {
    assert_eq!(left.code, code, "{}", left.text);
    assert_eq!(left.text.lines().last(), Some(words), "{:?}", left.drawn);
    assert_sane(left);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_of_a_large_publication_is_seen_and_leaves_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path().join("none"));
    let path = large_publication(folder.path())?.display().to_string();
    let mut terminal = Terminal::start(&cli, WIDE, &["plan", &path])?;
    terminal.shows("· reading ").await?;
    terminal.shows("MiB/").await?;
    let left = terminal.ends().await?;
    assert_eq!(left.code, FAILED, "{}", left.text);
    assert!(left.drawn.matches("· reading ").count() > 1, "it did not move");
    assert!(left.text.starts_with("error: no answer from"), "{}", left.text);
    assert_clean(&left, "reading");

    let mut terminal = Terminal::start(&cli, WIDE, &["plan", &path])?;
    terminal.shows("MiB/").await?;
    terminal.types(CTRL_C).await?;
    assert_interrupted(&terminal.ends().await?);

    let run = cli.run(&["plan", &path]).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    assert!(run.stderr.starts_with("error: no answer from"), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}') && run.stdout.is_empty(), "{run:?}");
    Ok(())
}

/// A server that falls silent in the middle, and what it is asked for.
struct Slow {
    folder: TempDir,
    document: Vec<u8>,
    server: Publisher,
}

impl Slow {
    async fn open() -> Result<Self> {
        let document = std::fs::read(publication("sample_enhanced.xml"))?;
        let etag = "\"first\"";
        let server = Publisher::start([
            Reply::document(&document).with("etag", etag).stalled(700),
            Reply::part(&document, 700).with("etag", etag),
        ])
        .await?;
        Ok(Self { folder: tempfile::tempdir()?, document, server })
    }

    fn out(&self) -> String {
        self.folder.path().join("list.xml").display().to_string()
    }

    fn fetch(&self, columns: u16, timeout: &str) -> Result<Terminal> {
        let (url, out) = (format!("{}/list", self.server.url), self.out());
        let args = ["fetch", &url, "--out", &out, "--timeout", timeout];
        Terminal::start(&Cli::without_network(self.folder.path().join("none")), columns, &args)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_download_is_seen_and_leaves_nothing() -> Result<()> {
    let slow = Slow::open().await?;
    let mut terminal = slow.fetch(NARROW, "2s")?;
    terminal.shows("· fetching ").await?;
    terminal.shows("700 B/").await?;
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert_eq!(std::fs::read(slow.out())?, slow.document);
    assert_says(&left.text, &["the server is silent", "sha256", &slow.out()]);
    assert_clean(&left, "fetching");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_unknown_length_shows_what_has_come_and_claims_no_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let document = std::fs::read(publication("sample_enhanced.xml"))?;
    let server = Publisher::start([
        Reply::document(&document).with("etag", "\"first\"").unannounced().stalled(700),
        Reply::document(&document).with("etag", "\"second\"").unannounced(),
    ])
    .await?;
    let (url, out) = (format!("{}/list", server.url), folder.path().join("list.xml"));
    let args = ["fetch", &url, "--out", &out.display().to_string(), "--timeout", "2s"];
    let mut terminal =
        Terminal::start(&Cli::without_network(folder.path().join("none")), WIDE, &args)?;
    terminal.shows("700 B ").await?;
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert!(!left.drawn.contains("/0 B"), "{:?}", left.drawn);
    assert_eq!(std::fs::read(out)?, document);
    assert_clean(&left, "fetching");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_download_and_leaves_the_terminal_as_it_was() -> Result<()> {
    for columns in [WIDE, NARROW] {
        let mut terminal = Slow::open().await?.fetch(columns, "1m")?;
        terminal.shows("700 B/").await?;
        terminal.types(CTRL_C).await?;
        assert_interrupted(&terminal.ends().await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn colour_is_for_a_terminal_that_wants_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path().join("none"));
    let address = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";
    for args in [&["--help"][..], &["check", "nobody"], &["check", address]] {
        let painted = |variables: &'static [(&str, &str)]| {
            let terminal = Terminal::start_with(&cli, WIDE, args, variables);
            async move { anyhow::Ok(terminal?.ends().await?.is_painted()) }
        };
        assert!(painted(&[]).await?, "{args:?} has no colour");
        // The convention is of a variable that has a value: https://no-color.org
        assert!(painted(&[("NO_COLOR", "")]).await?, "{args:?} has no colour");
        assert!(!painted(&[("NO_COLOR", "1")]).await?, "{args:?} is painted with NO_COLOR");
        // One decision for the help and for all else: https://bixense.com/clicolors
        assert!(!painted(&[("CLICOLOR", "0")]).await?, "{args:?} is painted with CLICOLOR=0");
        assert!(!painted(&[("TERM", "dumb")]).await?, "{args:?} is painted on a dumb terminal");
        let forced = &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")];
        assert!(painted(forced).await?, "{args:?} has no colour with CLICOLOR_FORCE");
        let both = &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
        assert!(!painted(both).await?, "{args:?} is painted with NO_COLOR");
        let run = cli.run(args).await?;
        assert!(!is_painted(&format!("{}{}", run.stdout, run.stderr)), "{run:?}");
    }
    Ok(())
}

/// What a command leaves on a terminal of so many columns.
async fn reads(cli: &Cli, columns: u16, args: &[&str]) -> Result<Left> {
    let left = Terminal::start(cli, columns, args)?.ends().await?;
    assert!(left.is_sane, "{}", left.text);
    Ok(left)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_columns_where_there_is_room_and_paragraphs_where_not() -> Result<()> {
    let room = Room::open().await?;
    let (cli, plan) = (&room.council.cli, room.plan().await?);
    room.council.hold(&plan).await?;
    let addresses: Vec<String> = plan.addresses().iter().map(ToString::to_string).collect();
    let mut check = vec!["check"];
    check.extend(addresses.iter().map(String::as_str));
    let header = |text: &str| {
        let row = |line: &&str| line.contains("ADDRESS ") && line.contains(" SOURCES ");
        text.lines().find(row).map(str::to_owned)
    };
    let piped = cli.run(&check).await?;
    let wide = reads(cli, WIDE, &check).await?;
    let narrow = reads(cli, NARROW, &check).await?;
    assert_eq!(header(&wide.text), header(&piped.stdout));
    assert!(header(&wide.text).is_some(), "{}", wide.text);
    assert_eq!(header(&narrow.text), None, "{}", narrow.text);
    for address in &addresses {
        let paragraph = |line: &str| line.starts_with("ADDRESS ") && line.ends_with(address);
        assert!(narrow.text.lines().any(paragraph), "{address} in {}", narrow.text);
        let row = |line: &str| line.starts_with("listed ") && line.contains(address);
        assert!(wide.text.lines().any(row), "{address} in {}", wide.text);
    }
    assert_eq!((wide.code, narrow.code), (piped.code, piped.code));
    Ok(())
}

/// A member before the terminal signs: a typed confirmation, then a password that is asked for.
async fn asked_for_a_password(council: &Council, plan: &Plan, out: &str) -> Result<Terminal> {
    let keystore = council.members[0].keystore.display().to_string();
    let args = ["sign", &plan.path, "--out", out, "--keystore", &keystore];
    let mut terminal = Terminal::start(&council.cli, WIDE, &args)?;
    terminal.shows("to sign:").await?;
    assert!(terminal.echoes()?, "a confirmation is shown");
    let held = plan.addresses().len();
    terminal.types(&format!("hold {held}\n")).await?;
    terminal.shows("Password of ").await?;
    while terminal.echoes()? {
        tokio::task::yield_now().await;
    }
    Ok(terminal)
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_a_password_is_not_shown() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let member = &council.members[0];
    let password = std::fs::read_to_string(&member.password_file)?;
    let out = room.path("typed.sig");
    let mut terminal = asked_for_a_password(council, &plan, &out).await?;
    terminal.types(&format!("{password}\n")).await?;
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert!(!left.drawn.contains(&password), "{}", left.text);
    assert_clean(&left, &password);
    let ours = council.sign(member, &plan.path).await?;
    assert_eq!(std::fs::read_to_string(&out)?, std::fs::read_to_string(ours)?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_at_a_prompt_leaves_the_terminal_as_it_was() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let out = room.path("never.sig");
    let ended = async |terminal: Terminal| -> Result<()> {
        assert_interrupted(&terminal.ends().await?);
        assert!(!Path::new(&out).exists(), "it signed all the same");
        Ok(())
    };
    let mut by_key = asked_for_a_password(council, &plan, &out).await?;
    by_key.types(CTRL_C).await?;
    ended(by_key).await?;
    let by_signal = asked_for_a_password(council, &plan, &out).await?;
    by_signal.interrupt()?;
    ended(by_signal).await?;
    for (signal, code, words) in [
        (Signal::TERM, TERMINATED, "error: asked to end"),
        (Signal::HUP, HUNG_UP, "error: the terminal is gone"),
    ] {
        let told = asked_for_a_password(council, &plan, &out).await?;
        told.tells(signal)?;
        assert_ended(&told.ends().await?, code, words);
        assert!(!Path::new(&out).exists(), "it signed all the same");
    }

    let mut unconfirmed =
        Terminal::start(&council.cli, WIDE, &["sign", &plan.path, "--out", &out])?;
    unconfirmed.shows("to sign:").await?;
    unconfirmed.types(CTRL_C).await?;
    ended(unconfirmed).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_what_would_go_on_for_ever() -> Result<()> {
    let room = Room::open().await?;
    room.plan().await?;
    let plans = room.folder().display().to_string();
    let mut terminal = Terminal::start(&room.council.cli, WIDE, &["watch", "--plans", &plans])?;
    terminal.shows("waits ").await?;
    terminal.types(CTRL_C).await?;
    assert_interrupted(&terminal.ends().await?);
    Ok(())
}

/// A file that is its owner's alone.
fn private(path: &Path, text: &str) -> Result<String> {
    std::fs::write(path, text)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(path.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_no_key_is_in_memory_that_others_can_look_into() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path().join("none"));
    let person = Person::new(folder.path(), "old")?;
    let old = person.keystore.display().to_string();
    let raw = alloy::hex::encode(person.signer.to_bytes());
    let raw = private(&folder.path().join("raw.key"), &raw)?;
    let new = folder.path().join("new").display().to_string();
    let ways: [(&[&str], &str); 4] = [
        (&["wallet", "new"], "New password"),
        (&["wallet", "import", "--private-key-file", &raw], "New password"),
        (&["wallet", "import", "--from", &old], "Password of "),
        (&["wallet", "import"], "Private key"),
    ];
    for (args, prompt) in ways {
        let args = [args, &["--keystore", &new]].concat();
        let mut terminal = Terminal::start(&cli, WIDE, &args)?;
        terminal.shows(prompt).await?;
        assert!(terminal.hides_memory()?, "{args:?}");
        terminal.types(CTRL_C).await?;
        assert_interrupted(&terminal.ends().await?);
    }
    Ok(())
}

/// `nohup` takes the hang-up away from a command; it must not take it back. What is typed makes a
/// key, which takes long enough to be seen.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_to_hear_of_a_hangup_goes_on_and_shows_that_it_works() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path().join("none"));
    let new = folder.path().join("new").display().to_string();
    let mut terminal = Terminal::start_unheard(&cli, WIDE, &["wallet", "new", "--keystore", &new])?;
    terminal.shows("New password").await?;
    terminal.tells(Signal::HUP)?;
    terminal.types("word\n").await?;
    terminal.shows("The same again").await?;
    terminal.types("word\n").await?;
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert!(left.drawn.contains("· encrypting the key"), "{:?}", left.drawn);
    assert_clean(&left, "encrypting");
    Ok(())
}

/// A node that keeps one kind of question waiting until the key to it is dropped.
async fn hesitating(url: &str, method: &'static str, data: String) -> Result<(String, Sender<()>)> {
    let (key, lock) = channel::<()>();
    let lock = Mutex::new(lock);
    let url = liar::open(url, move |asked, _| {
        let call = &asked["params"][0];
        let sent = call["input"].as_str().or(call["data"].as_str()).unwrap_or_default();
        if asked["method"] == method && sent.starts_with(&data) {
            // Nothing is ever sent: it ends when the other end is dropped.
            tokio::task::block_in_place(|| _ = lock.lock().map(|lock| lock.recv()));
        }
    });
    Ok((url.await?, key))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_waited_for_is_seen_on_a_terminal_only() -> Result<()> {
    let room = Room::open().await?;
    let (cli, node) = (&room.council.cli, &room.anvil.url);
    let (url, key) = hesitating(node, "eth_chainId", String::new()).await?;
    let mut terminal = Terminal::start(&cli.at(url), WIDE, &["doctor"])?;
    terminal.shows("· connecting").await?;
    drop(key);
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert_clean(&left, "connecting");

    let file = room.path("customers.txt");
    std::fs::write(&file, format!("0x{}\n", "77".repeat(20)).repeat(3))?;
    let asks = alloy::hex::encode_prefixed(&keccak256("areSanctioned(address[])")[..4]);
    let (url, key) = hesitating(node, "eth_call", asks).await?;
    let mut terminal = Terminal::start(&cli.at(url), WIDE, &["check", "--file", &file])?;
    terminal.shows("· asking the list").await?;
    terminal.shows(" 0/3").await?;
    drop(key);
    let left = terminal.ends().await?;
    assert_eq!(left.code, DONE, "{}", left.text);
    assert_clean(&left, "asking");
    let run = cli.run(&["check", "--file", &file]).await?;
    assert_eq!((run.code, run.stderr.as_str()), (DONE, ""), "{run:?}");
    Ok(())
}
