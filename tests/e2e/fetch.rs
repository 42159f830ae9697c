//! `interdict fetch` against a server that does everything wrong that servers do. The network is
//! never touched.

use std::path::PathBuf;

use anyhow::{Context, Result};
use interdict_tests::cli::{Cli, Run};
use interdict_tests::exit::{DONE, FAILED, USAGE};
use interdict_tests::publisher::{Publisher, Reply};
use interdict_tests::{assert_says, publication};
use serde_json::Value;
use tempfile::TempDir;

const ETAG: &str = "\"first\"";
const MODIFIED: &str = "Fri, 02 Jan 2026 15:00:00 GMT";

/// SHA-256 of nothing, which is the digest of no publication.
const WRONG_DIGEST: &str = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

struct Desk {
    folder: TempDir,
    cli: Cli,
    document: Vec<u8>,
}

impl Desk {
    fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // A node would be a mistake: nothing listens there.
        let cli = Cli::without_network(folder.path().join("deployments"));
        let document = std::fs::read(publication("sample_enhanced.xml"))?;
        Ok(Self { folder, cli, document })
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("list.xml")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        PathBuf::from(format!("{}{ending}", self.out().display()))
    }

    fn reply(&self) -> Reply {
        Reply::document(&self.document).with("etag", ETAG).with("last-modified", MODIFIED)
    }

    async fn fetch(&self, server: &Publisher, more: &[&str]) -> Result<Run> {
        let (url, out) = (format!("{}/list", server.url), self.out().display().to_string());
        let mut args = vec!["fetch", url.as_str(), "--out", out.as_str(), "--timeout", "2s"];
        args.extend(more);
        self.cli.run(&args).await
    }

    /// The document is there, whole, with a record that says so, and nothing else is.
    fn assert_whole(&self, run: &Run) -> Result<Value> {
        assert_eq!(run.code, DONE, "{run:?}");
        assert_eq!(std::fs::read(self.out())?, self.document, "another document");
        assert!(!self.beside(".part").exists() && !self.beside(".part.json").exists());
        let record = std::fs::read(self.beside(".fetched.json")).context("there is no record")?;
        let record: Value = serde_json::from_slice(&record)?;
        assert_eq!(record["schema"], "interdict.fetched/1");
        assert_eq!(record["bytes"], self.document.len());
        Ok(record)
    }

    /// Nothing has the document's name, and the error has each of these words and a next step.
    fn assert_refused(&self, run: &Run, words: &[&str]) {
        assert_eq!(run.code, FAILED, "{run:?}");
        assert_says(&run.stderr, words);
        assert!(run.stderr.contains("next: "), "{}", run.stderr);
        assert!(!self.out().exists() && !self.beside(".fetched.json").exists());
        assert_eq!(run.stdout, "");
    }

    async fn refuses(&self, replies: Vec<Reply>, more: &[&str], words: &[&str]) -> Result<()> {
        let server = Publisher::start(replies).await?;
        let run = self.fetch(&server, more).await?;
        self.assert_refused(&run, words);
        assert!(!self.beside(".part").exists(), "a part was kept that is of no use");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_and_never_recorded() -> Result<()> {
    let desk = Desk::open()?;
    let digest = "SHA-256=CjkKsGtOUdN8wFOiJT5VA+Z4k3rgpC5iF0x4hDlNJ1k=";
    let server = Publisher::start([
        Reply::redirect("/presigned?X-Amz-Signature=secret").with("digest", digest),
        Reply::redirect("/again?X-Amz-Signature=secret"),
        desk.reply(),
    ])
    .await?;
    let run = desk.fetch(&server, &[]).await?;
    let record = desk.assert_whole(&run)?;
    assert_eq!(record["url"], format!("{}/list", server.url));
    assert_eq!(record["last_modified"], "2026-01-02T15:00:00Z");
    assert_eq!(record["etag"], ETAG);
    assert_eq!(record["digest"], Value::Null);
    assert!(!record.to_string().contains("secret") && !run.stderr.contains("secret"));
    assert!(run.stderr.contains("warning: a redirect carries the digest"), "{}", run.stderr);
    let asked = server.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/list", "/presigned", "/again"]);
    for asked in &asked {
        assert!(asked.header("user-agent").is_some_and(|who| who.starts_with("interdict/")));
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
        assert_eq!(asked.header("referer"), None);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_end() -> Result<()> {
    let desk = Desk::open()?;
    let there_and_back = vec![Reply::redirect("/b"), Reply::redirect("/list")];
    desk.refuses(there_and_back, &[], &["circle", "/list"]).await?;
    let on_and_on = (0..20).map(|n| Reply::redirect(&format!("/{n}"))).collect();
    desk.refuses(on_and_on, &[], &["more than 5 times"]).await?;
    desk.refuses(vec![Reply::status(302)], &[], &["without saying where"]).await?;
    let outward = vec![Reply::redirect("http://list.example/list")];
    desk.refuses(outward, &[], &["http://list.example/list is not https"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_digest_is_compared() -> Result<()> {
    let desk = Desk::open()?;
    desk.refuses(vec![desk.reply().with("digest", WRONG_DIGEST)], &[], &["sha-256 digest"]).await?;
    let wrong = WRONG_DIGEST.replacen('=', "=:", 1) + ":";
    let reply = desk.reply().with("repr-digest", &wrong);
    desk.refuses(vec![reply], &[], &["sha-256 digest"]).await?;

    let server = Publisher::start([desk.reply()]).await?;
    let record = desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    let sha256 = record["sha256"].as_str().context("no sha256")?.trim_start_matches("0x");
    let digest = format!("SHA-256={}", base64(&alloy::primitives::hex::decode(sha256)?));
    let server = Publisher::start([desk.reply().with("digest", &digest)]).await?;
    let record = desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    assert_eq!(record["digest"], digest);
    Ok(())
}

/// By hand, so that the test does not share the code that it tests.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = (0..3).fold(0, |w, i| w << 8 | u32::from(*group.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let symbol = ALPHABET[(word >> (18 - 6 * i)) as usize & 63] as char;
            text.push(if i <= group.len() { symbol } else { '=' });
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_download_goes_on_where_it_broke() -> Result<()> {
    let desk = Desk::open()?;
    let server = Publisher::start([
        desk.reply().cut(1000),
        Reply::part(&desk.document, 1000).with("etag", ETAG),
    ])
    .await?;
    desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    let asked = server.asked();
    assert_eq!(asked[0].header("range"), None);
    assert_eq!(asked[1].header("range"), Some("bytes=1000-"));
    assert_eq!(asked[1].header("if-range"), Some(ETAG));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_goes_on_too() -> Result<()> {
    let desk = Desk::open()?;
    let busy = Reply::status(429).with("retry-after", "3600");
    let server = Publisher::start([desk.reply().cut(1000), busy]).await?;
    let run = desk.fetch(&server, &[]).await?;
    desk.assert_refused(&run, &["429", "asks to wait 3600 s"]);
    assert_eq!(std::fs::read(desk.beside(".part"))?, desk.document[..1000]);
    // What is broken off of one address is nothing to another.
    let other = Publisher::start([desk.reply().cut(10), Reply::status(404)]).await?;
    let elsewhere = desk.fetch(&other, &[]).await?;
    desk.assert_refused(&elsewhere, &["404"]);
    assert_eq!(other.asked()[0].header("range"), None);

    server.then([desk.reply().cut(500), Reply::status(404)]);
    desk.assert_refused(&desk.fetch(&server, &[]).await?, &["404"]);
    server.then([Reply::part(&desk.document, 500)]);
    desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    let last = server.asked();
    let last = last.last().context("nothing was asked")?;
    assert_eq!((last.header("range"), last.header("if-range")), (Some("bytes=500-"), Some(ETAG)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_version_there_is_no_going_on() -> Result<()> {
    let desk = Desk::open()?;
    let server = Publisher::start([
        Reply::document(&desk.document).with("etag", "W/\"weak\"").cut(1000),
        desk.reply(),
    ])
    .await?;
    desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    assert_eq!(server.asked()[1].header("range"), None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_two_versions_are_never_joined() -> Result<()> {
    let desk = Desk::open()?;
    let old = vec![b'x'; desk.document.len()];
    let first = || Reply::document(&old).with("etag", ETAG).cut(1000);
    let second = || Reply::document(&desk.document).with("etag", "\"second\"");
    // A server that keeps to the condition sends the whole, as does one that knows no ranges.
    let server = Publisher::start([first(), second()]).await?;
    desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    // One that does not keep to it names the new version.
    let mixed = Reply::part(&desk.document, 1000).with("etag", "\"second\"");
    let server = Publisher::start([first(), mixed, second()]).await?;
    let run = desk.fetch(&server, &[]).await?;
    desk.assert_whole(&run)?;
    assert!(run.stderr.contains("changed while it was downloaded"), "{}", run.stderr);
    assert_eq!(server.asked()[2].header("range"), None);
    // Another part than the one asked for, and none at all.
    for odd in [Reply::part(&desk.document, 900), Reply::status(416)] {
        let server = Publisher::start([first(), odd, second()]).await?;
        desk.assert_whole(&desk.fetch(&server, &[]).await?)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_is_asked_again() -> Result<()> {
    let desk = Desk::open()?;
    let busy = Reply::status(429).with("retry-after", "1");
    let server = Publisher::start([busy, Reply::status(503), desk.reply()]).await?;
    let run = desk.fetch(&server, &[]).await?;
    desk.assert_whole(&run)?;
    assert!(run.stderr.contains("answers 429; again in 1.0 s"), "{}", run.stderr);
    assert_eq!(server.asked().len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_end() -> Result<()> {
    let desk = Desk::open()?;
    let server =
        Publisher::start((0..20).map(|_| Reply::status(500).with("retry-after", "0"))).await?;
    desk.assert_refused(&desk.fetch(&server, &[]).await?, &["after 6 attempts", "500"]);
    assert_eq!(server.asked().len(), 6);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_left() -> Result<()> {
    let desk = Desk::open()?;
    let rest = Reply::part(&desk.document, 700).with("etag", ETAG);
    let server = Publisher::start([desk.reply().stalled(700), rest]).await?;
    let run = desk.fetch(&server, &["--timeout", "1s"]).await?;
    assert_eq!(run.code, USAGE, "a flag twice: {run:?}");
    let run = desk.fetch(&server, &[]).await?;
    desk.assert_whole(&run)?;
    assert!(run.stderr.contains("the server is silent"), "{}", run.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_publication_is_refused() -> Result<()> {
    let desk = Desk::open()?;
    let page = Reply::document(b"<!DOCTYPE html><html>Log in</html>");
    desk.refuses(vec![page], &[], &["web page", "not the page about it"]).await?;
    let zip = Reply::document(b"PK\x03\x04rest");
    desk.refuses(vec![zip], &[], &["zip", "ofac-enhanced"]).await?;
    desk.refuses(vec![Reply::document(b"")], &[], &["empty"]).await?;
    desk.refuses(vec![Reply::status(404)], &[], &["404"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_or_too_old_is_refused() -> Result<()> {
    let desk = Desk::open()?;
    let short = &["--max-bytes", "1000"];
    desk.refuses(vec![desk.reply()], short, &["longer than 1000 bytes"]).await?;
    // The length may come without being announced.
    desk.refuses(vec![desk.reply().unannounced()], short, &["longer than 1000 bytes"]).await?;
    let fresh = &["--max-age", "1d"];
    desk.refuses(vec![desk.reply()], fresh, &["2026-01-02T15:00:00Z", "1 d ago"]).await?;
    let undated = Reply::document(&desk.document);
    desk.refuses(vec![undated], fresh, &["how old"]).await?;
    let server = Publisher::start([desk.reply()]).await?;
    desk.assert_whole(&desk.fetch(&server, &["--max-age", "36500d"]).await?)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_must_be_one_that_may_be_asked() -> Result<()> {
    let desk = Desk::open()?;
    let out = desk.out().display().to_string();
    let run = desk.cli.run(&["fetch", "http://list.example/list.xml", "--out", &out]).await?;
    desk.assert_refused(&run, &["not https", "--allow-http"]);
    let zip = "https://list.example/api/download/SDN_ENHANCED.ZIP";
    desk.assert_refused(&desk.cli.run(&["fetch", zip, "--out", &out]).await?, &["ofac-enhanced"]);
    let secret = "https://name:word@list.example/list.xml";
    let run = desk.cli.run(&["fetch", secret, "--out", &out]).await?;
    desk.assert_refused(&run, &["user name"]);
    assert!(!run.stderr.contains("word@"), "{}", run.stderr);
    let run = desk.cli.run(&["fetch", "no such name"]).await?;
    assert_eq!(run.code, USAGE, "{run:?}");
    assert!(run.stderr.contains("ofac-enhanced") && run.stderr.contains("uk"), "{}", run.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_document_that_is_wanted_comes_or_none() -> Result<()> {
    let desk = Desk::open()?;
    let server = Publisher::start([desk.reply(), desk.reply()]).await?;
    let other = format!("0x{}", "17".repeat(32));
    let run = desk.fetch(&server, &["--sha256", &other]).await?;
    desk.assert_refused(&run, &["SHA-256 is 0x", "not the one that was asked for"]);
    let told = run.stderr.split("SHA-256 is ").nth(1).and_then(|rest| rest.split(',').next());
    let right = told.context("no SHA-256 is told")?.to_owned();
    let run = desk.fetch(&server, &["--sha256", right.trim_start_matches("0x")]).await?;
    assert_eq!(desk.assert_whole(&run)?["sha256"], right);
    Ok(())
}
