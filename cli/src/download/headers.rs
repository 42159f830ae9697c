//! What the headers of an answer say about the document: its version, its age, its digest, and when
//! to ask again. Pure.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

/// RFC 9530, and its predecessor RFC 3230, which OFAC uses. Both are about the whole document, also
/// in an answer that carries a part of it. `Content-Digest` would be about the part.
const DIGESTS: [HeaderName; 2] =
    [HeaderName::from_static("repr-digest"), HeaderName::from_static("digest")];

/// Which version of the document an answer carries, as its server tells versions apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) etag: Option<String>,
    /// As the server wrote it.
    pub(crate) last_modified: Option<String>,
    /// `Repr-Digest` and `Digest`, as the server wrote them.
    pub(crate) digests: Vec<String>,
}

impl Version {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let digests = DIGESTS.into_iter().flat_map(|name| headers.get_all(name));
        Self {
            etag: text(headers, &ETAG),
            last_modified: text(headers, &LAST_MODIFIED),
            digests: digests.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect(),
        }
    }

    /// What `If-Range` may carry: a strong entity tag, else the date (RFC 9110 §13.1.5).
    pub(crate) fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }

    /// Whether an answer to a request for the rest is about the same version. A part that does not
    /// say its version is believed: it was asked for under the condition that nothing changed.
    pub(crate) fn is_same(&self, part: &Self) -> bool {
        let same = |mine: &Option<String>, theirs: &Option<String>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        };
        same(&self.etag, &part.etag) && same(&self.last_modified, &part.last_modified)
    }

    pub(crate) fn modified(&self) -> Option<Timestamp> {
        self.last_modified.as_deref().and_then(moment)
    }
}

/// How many bytes an answer says that it carries.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, &CONTENT_LENGTH)?.parse().ok()
}

/// Where the part of a 206 begins, and how long the whole is: `bytes 100-199/200`.
pub(crate) fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let value = text(headers, &CONTENT_RANGE)?;
    let (range, whole) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, whole.trim().parse().ok()))
}

/// How long the server asks us to wait, in seconds or until a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(value.trim()).ok()?;
    Some(then.duration_since(now).unwrap_or_default())
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text.trim()).ok()?).ok()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|value| value.trim().to_owned())
}

/// Both digests that a server may state, computed as the bytes pass.
#[derive(Clone, Default)]
pub(crate) struct Hashes {
    sha256: Sha256,
    sha512: Sha512,
}

impl Hashes {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.sha512.update(bytes);
    }

    pub(crate) fn finish(self) -> Hashed {
        Hashed { sha256: self.sha256.finalize().into(), sha512: self.sha512.finalize().to_vec() }
    }
}

/// What a document hashes to.
#[derive(Clone, Debug)]
pub(crate) struct Hashed {
    pub(crate) sha256: [u8; 32],
    sha512: Vec<u8>,
}

/// What a stated digest says of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The header's algorithms that were compared.
    Matches(&'static str),
    /// It states another digest under this algorithm.
    Differs(&'static str),
    /// It states none that we can compute.
    Unknown,
}

/// Compares a `Digest` (`SHA-256=<base64>`) or `Repr-Digest` (`sha-256=:<base64>:`) header.
pub(crate) fn compare(header: &str, hashed: &Hashed) -> Verdict {
    let mut verdict = Verdict::Unknown;
    for member in header.split(',') {
        let Some((algorithm, value)) = member.trim().split_once('=') else { continue };
        let (name, ours) = match algorithm.trim().to_ascii_lowercase().as_str() {
            "sha-256" => ("sha-256", hashed.sha256.as_slice()),
            "sha-512" => ("sha-512", hashed.sha512.as_slice()),
            _ => continue,
        };
        let value = value.trim().trim_matches(':');
        match STANDARD.decode(value) {
            Ok(stated) if stated == ours => verdict = Verdict::Matches(name),
            // What is no base64 is no digest of this document either.
            _ => return Verdict::Differs(name),
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    fn hashed(bytes: &[u8]) -> Hashed {
        let mut hashes = Hashes::default();
        hashes.update(bytes);
        hashes.finish()
    }

    #[test]
    fn digests_are_compared_in_both_notations() {
        // printf abc | openssl dgst -binary -sha256 | base64
        let sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        let check = |header: &str, expected| {
            assert_eq!(compare(header, &hashed(b"abc")), expected, "{header}");
        };
        check(&format!("SHA-256={sha256}"), Verdict::Matches("sha-256"));
        check(&format!("sha-256=:{sha256}:"), Verdict::Matches("sha-256"));
        check(&format!("md5=AAAA, sha-256={sha256}"), Verdict::Matches("sha-256"));
        check("SHA-256=AAAA", Verdict::Differs("sha-256"));
        check("sha-512=:AAAA:", Verdict::Differs("sha-512"));
        check(&format!("SHA-256={sha256},sha-512=AAAA"), Verdict::Differs("sha-512"));
        check("SHA-256=not base64", Verdict::Differs("sha-256"));
        check("md5=AAAA", Verdict::Unknown);
        check("", Verdict::Unknown);
    }

    #[test]
    fn only_what_names_one_version_may_condition_a_range() {
        let check = |lines: &[(&'static str, &str)], expected: Option<&str>| {
            assert_eq!(Version::of(&headers(lines)).validator(), expected);
        };
        let date = "Thu, 20 Aug 2026 14:02:11 GMT";
        check(&[("etag", "\"a\""), ("last-modified", date)], Some("\"a\""));
        check(&[("etag", "W/\"a\""), ("last-modified", date)], Some(date));
        check(&[("etag", "W/\"a\"")], None);
        check(&[], None);
        let of = |etag: &str| Version::of(&headers(&[("etag", etag)]));
        assert!(of("\"a\"").is_same(&of("\"a\"")) && !of("\"a\"").is_same(&of("\"b\"")));
        assert!(of("\"a\"").is_same(&Version::default()));
    }

    #[test]
    fn ranges_and_waits_are_read_or_refused() {
        let range_of = |value: &str| range(&headers(&[("content-range", value)]));
        assert_eq!(range_of("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(range_of("bytes 100-199/*"), Some((100, None)));
        assert_eq!(range_of("bytes */200"), None);
        assert_eq!(range_of("lines 1-2/3"), None);
        let now = httpdate::parse_http_date("Thu, 20 Aug 2026 14:00:00 GMT").unwrap();
        let wait = |value: &str| retry_after(&headers(&[("retry-after", value)]), now);
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Thu, 20 Aug 2026 14:00:05 GMT"), Some(Duration::from_secs(5)));
        assert_eq!(wait("Thu, 20 Aug 2026 13:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
