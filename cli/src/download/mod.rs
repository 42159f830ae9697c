//! Downloads: a publication from its authority's server into a file, whole or not at all.
//!
//! What breaks is gone on with; what the server changed meanwhile is begun anew; what is not the
//! publication is refused.

mod error;
mod headers;
pub(crate) mod known;
mod part;
mod route;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use alloy::primitives::B256;
use indicatif::ProgressBar;
use jiff::Timestamp;
use reqwest::{Client, Response, Url};
use serde::{Deserialize, Serialize};

use self::error::Stop;
use self::headers::{Hashed, Hashes, Verdict, Version};
use self::part::Part;
use self::route::{Answer, Rest};
use crate::{file, output, text};

pub(crate) use self::error::DownloadError;
pub(crate) use self::route::Transport;

/// The name of the record's format.
pub(crate) const SCHEMA: &str = "interdict.fetched/1";

/// Requests for one document, until it is there.
const ATTEMPTS_MAX: u32 = 6;

/// The pause before the second attempt; it doubles each time.
const BACK_OFF: Duration = Duration::from_millis(500);

/// The longest that a server may ask us to wait.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(5);

/// How much of a document is looked at to see what it is not.
const SNIFF_BYTES: usize = 1024;

const READ_BYTES: usize = 64 * 1024;

/// What is to be downloaded, and within which limits.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) url: Url,
    pub(crate) file: PathBuf,
    pub(crate) transport: Transport,
    pub(crate) bytes_max: u64,
    /// How long ago the document may have been modified.
    pub(crate) age_max_seconds: Option<u64>,
    /// How long the server may say nothing.
    pub(crate) silence: Duration,
    /// The one document that is wanted, whatever else the address has.
    pub(crate) sha256: Option<B256>,
}

/// Where a document came from: what stands beside it on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fetched {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    /// The address that was given, never one that it redirected to.
    pub(crate) url: String,
    #[serde(rename = "fetched_at")]
    pub(crate) at: Timestamp,
    pub(crate) bytes: u64,
    /// Of the exact bytes, computed here.
    pub(crate) sha256: B256,
    pub(crate) last_modified: Option<Timestamp>,
    pub(crate) etag: Option<String>,
    /// The server's own digest, as it was written; compared, if it is there.
    pub(crate) digest: Option<String>,
}

/// A download that succeeded.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) fetched: Fetched,
    pub(crate) record: PathBuf,
    pub(crate) attempts: u32,
    pub(crate) warnings: Vec<String>,
}

/// An address for people: its query may carry a token.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for addresses that have no credentials either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// Downloads, going on after what breaks.
pub(crate) async fn download(order: &Order) -> Result<Done, DownloadError> {
    route::check(&order.url, &order.url, order.transport)?;
    let client = route::client(&order.url, order.silence)?;
    let mut part = Part::open(order)?;
    let bar = output::fetching_bar(part.bytes);
    let mut attempts = 0;
    let ending = loop {
        attempts += 1;
        let (why, after) = match attempt(&client, order, &mut part, &bar).await {
            Ok(on_the_way) => break Ok(on_the_way),
            Err(Stop::Refused(error)) => break Err(error),
            Err(Stop::Again { why, after }) => (why, after),
        };
        if attempts == ATTEMPTS_MAX {
            break Err(DownloadError::GaveUp { attempts, why });
        }
        let pause = after.unwrap_or(BACK_OFF * (1 << (attempts - 1)));
        if pause > RETRY_AFTER_MAX {
            break Err(DownloadError::Wait { why, seconds: pause.as_secs() });
        }
        output::progress(&format!("{why}; again in {:.1} s", pause.as_secs_f64()));
        tokio::time::sleep(pause).await;
    };
    bar.finish_and_clear();
    match ending {
        Ok(on_the_way) => finish(order, part, &on_the_way, attempts),
        Err(error) => {
            if part.bytes == 0 || !leaves_a_part(&error) {
                part.discard();
            }
            Err(error)
        }
    }
}

/// Whether what has come is gone on with by the next run, because only the connection failed.
const fn leaves_a_part(error: &DownloadError) -> bool {
    use DownloadError::{GaveUp, Status, Wait};
    matches!(error, GaveUp { .. } | Wait { .. } | Status { .. })
}

/// One request: takes what comes, and says what the redirects stated about it.
async fn attempt(
    client: &Client,
    order: &Order,
    part: &mut Part,
    bar: &ProgressBar,
) -> Result<Vec<String>, Stop> {
    let rest = part.rest().map(|(from, validator)| Rest { from, validator });
    let asked = route::ask(client, &order.url, order.transport, rest).await?;
    let Answer { mut response, on_the_way } = asked;
    let whole = begin(order, part, &response)?;
    bar.set_position(part.bytes);
    output::fetching_whole(bar, whole);
    while let Some(bytes) = response.chunk().await.map_err(Stop::broken)? {
        if part.bytes + bytes.len() as u64 > order.bytes_max {
            return Err(DownloadError::TooLong(order.bytes_max).into());
        }
        part.push(&bytes)?;
        bar.set_position(part.bytes);
    }
    match whole {
        Some(whole) if whole != part.bytes => {
            Err(Stop::again(format!("{} of {whole} bytes came", part.bytes)))
        }
        _ => Ok(on_the_way),
    }
}

/// Reads the head of an answer: begins anew, goes on, or stops. Gives the length of the whole.
fn begin(order: &Order, part: &mut Part, response: &Response) -> Result<Option<u64>, Stop> {
    let headers = response.headers();
    let version = Version::of(headers);
    let whole = match response.status().as_u16() {
        200 => {
            check_age(order, &version)?;
            part.restart(version)?;
            headers::length(headers)
        }
        206 => {
            let range = headers::range(headers);
            let Some((_, whole)) = range.filter(|(first, _)| *first == part.bytes) else {
                part.restart(Version::default())?;
                return Err(Stop::again("another part came than the one asked for"));
            };
            if !part.version.is_same(&version) {
                part.restart(Version::default())?;
                return Err(Stop::again("the document changed while it was downloaded"));
            }
            check_age(order, &part.version)?;
            part.version.digests.extend(version.digests);
            whole
        }
        416 => {
            part.restart(Version::default())?;
            return Err(Stop::again("the document is shorter than what had come of it"));
        }
        status @ (408 | 429 | 500 | 502 | 503 | 504) => {
            let after = headers::retry_after(headers, SystemTime::now());
            return Err(Stop::Again { why: format!("the server answers {status}"), after });
        }
        status => return Err(DownloadError::Status(status).into()),
    };
    match whole {
        Some(whole) if whole > order.bytes_max => {
            Err(DownloadError::TooLong(order.bytes_max).into())
        }
        whole => Ok(whole),
    }
}

fn check_age(order: &Order, version: &Version) -> Result<(), DownloadError> {
    let Some(max) = order.age_max_seconds else { return Ok(()) };
    let modified = version.modified().ok_or(DownloadError::NoDate)?;
    let age = Timestamp::now().as_second().saturating_sub(modified.as_second());
    if i128::from(age) > i128::from(max) {
        return Err(DownloadError::TooOld { modified, age: text::duration(max) });
    }
    Ok(())
}

/// Looks at the whole document, and gives it its name if it is one.
fn finish(
    order: &Order,
    part: Part,
    on_the_way: &[String],
    attempts: u32,
) -> Result<Done, DownloadError> {
    let is_other = |hashed: &Hashed| order.sha256.is_some_and(|wanted| wanted != hashed.sha256);
    let judged = judge(&part, on_the_way).and_then(|judged| {
        if is_other(&judged.0) {
            return Err(DownloadError::Other(B256::new(judged.0.sha256)));
        }
        Ok(judged)
    });
    let (hashed, digest, warnings) = match judged {
        Ok(judged) => judged,
        Err(error) => {
            part.discard();
            return Err(error);
        }
    };
    let fetched = Fetched {
        schema: SCHEMA.to_owned(),
        url: order.url.to_string(),
        at: Timestamp::now(),
        bytes: part.bytes,
        sha256: B256::new(hashed.sha256),
        last_modified: part.version.modified(),
        etag: part.version.etag.clone(),
        digest,
    };
    let record = part::beside(&order.file, ".fetched.json");
    // What an earlier download recorded is not true of this document, wherever this run may end.
    match std::fs::remove_file(&record) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(DownloadError::Disk(format!("{}: {error}", record.display())));
        }
        _ => {}
    }
    part.finish(&order.file)?;
    write_record(&record, &fetched)?;
    Ok(Done { fetched, record, attempts, warnings })
}

fn write_record(path: &Path, fetched: &Fetched) -> Result<(), DownloadError> {
    let disk = |error: String| DownloadError::Disk(format!("{}: {error}", path.display()));
    let text = serde_json::to_string_pretty(fetched).map_err(|e| disk(e.to_string()))?;
    file::write(path, format!("{text}\n").as_bytes()).map_err(|e| disk(format!("{e:#}")))
}

type Judged = (Hashed, Option<String>, Vec<String>);

/// Compares the document with its digests, and refuses what is no publication at all.
fn judge(part: &Part, on_the_way: &[String]) -> Result<Judged, DownloadError> {
    let disk = |error: std::io::Error| DownloadError::Disk(error.to_string());
    let mut file = part.reopened()?;
    let mut hashes = Hashes::default();
    let mut buffer = vec![0; READ_BYTES];
    let mut beginning = Vec::with_capacity(SNIFF_BYTES);
    loop {
        let n = file.read(&mut buffer).map_err(disk)?;
        if n == 0 {
            break;
        }
        hashes.update(&buffer[..n]);
        let room = SNIFF_BYTES.saturating_sub(beginning.len());
        beginning.extend_from_slice(&buffer[..n.min(room)]);
    }
    sniff(&beginning)?;
    let found = hashes.finish();
    let mut digest = None;
    for header in &part.version.digests {
        match headers::compare(header, &found) {
            Verdict::Matches(_) => digest = Some(header.clone()),
            Verdict::Unknown => {}
            Verdict::Differs(algorithm) => {
                return Err(DownloadError::Digest { algorithm, header: header.clone() });
            }
        }
    }
    // By RFC 9530 a redirect's digest is the redirect's own; where it is the document's it counts.
    let mut warnings = Vec::new();
    for header in on_the_way {
        match headers::compare(header, &found) {
            Verdict::Matches(_) => digest = digest.or_else(|| Some(header.clone())),
            Verdict::Unknown => {}
            Verdict::Differs(_) => warnings
                .push(format!("a redirect carries the digest {header:?}, which is another's")),
        }
    }
    Ok((found, digest, warnings))
}

/// What a publication never begins with.
fn sniff(beginning: &[u8]) -> Result<(), DownloadError> {
    match beginning {
        [] => return Err(DownloadError::Empty),
        [0x1f, 0x8b, ..] => return Err(DownloadError::Compressed("gzip")),
        [b'P', b'K', 3 | 5, ..] => return Err(DownloadError::Compressed("zip")),
        _ => {}
    }
    let text = String::from_utf8_lossy(beginning).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err(DownloadError::Empty);
    }
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        return Err(DownloadError::WebPage);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_publication_is_told_from_its_beginning() {
        let check = |beginning: &[u8], expected: Option<&str>| {
            let found = sniff(beginning).err().map(|error| error.to_string());
            assert!(
                found.as_deref().unwrap_or_default().contains(expected.unwrap_or_default())
                    && found.is_some() == expected.is_some(),
                "{found:?}"
            );
        };
        check(b"<?xml version=\"1.0\"?><sanctionsData/>", None);
        check(b"36,\"AEROCARIBBEAN AIRLINES\"", None);
        check(b"", Some("empty"));
        check(b" \r\n", Some("empty"));
        check(b"\x1f\x8b\x08", Some("gzip"));
        check(b"PK\x03\x04", Some("zip"));
        check(b"\xef\xbb\xbf\n<!DOCTYPE html>", Some("web page"));
        check(b"<HTML lang=en>", Some("web page"));
    }

    #[test]
    fn no_token_and_no_credentials_are_shown() {
        let url: Url = "https://name:word@a.example/list.xml?token=4567#part".parse().unwrap();
        assert_eq!(shown(&url), "https://a.example/list.xml");
    }
}
