//! Why there is no document, for good or for now.

use std::path::PathBuf;
use std::time::Duration;

use alloy::primitives::B256;
use jiff::Timestamp;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error("{0} is not https: whoever is in between could write the list")]
    Plain(String),
    #[error("{0} is neither https nor http")]
    Scheme(String),
    #[error("{0} has a user name or password in it, which the record would keep")]
    Credentials(String),
    #[error("the server redirects to this machine itself, {0}")]
    Inward(String),
    #[error("the server redirects in a circle, back to {0}")]
    RedirectLoop(String),
    #[error("the server redirects more than {0} times")]
    Redirects(usize),
    #[error("{0} redirects without saying where to")]
    RedirectNowhere(String),
    #[error("the HTTP client does not start: {0}")]
    Client(String),
    #[error("the server answers {0}")]
    Status(u16),
    #[error("no document after {attempts} attempts: {why}")]
    GaveUp { attempts: u32, why: String },
    #[error("{why}, and asks to wait {seconds} s")]
    Wait { why: String, seconds: u64 },
    #[error("the document is longer than {0} bytes")]
    TooLong(u64),
    #[error("the document is as of {modified}, more than {age} ago")]
    TooOld { modified: Timestamp, age: String },
    #[error("the server does not say how old the document is (no readable Last-Modified)")]
    NoDate,
    #[error("the server states another {algorithm} digest than the document has, {header:?}")]
    Digest { algorithm: &'static str, header: String },
    #[error("the document's SHA-256 is {0}, not the one that was asked for")]
    Other(B256),
    #[error("a web page came instead of the publication")]
    WebPage,
    #[error("a compressed file came ({0}), which is not read")]
    Compressed(&'static str),
    #[error("an empty document came")]
    Empty,
    #[error("another download into {0} is running")]
    Locked(PathBuf),
    #[error("cannot write: {0}")]
    Disk(String),
}

/// How an attempt ends that gives no document.
pub(super) enum Stop {
    /// For good.
    Refused(DownloadError),
    /// For now.
    Again { why: String, after: Option<Duration> },
}

impl From<DownloadError> for Stop {
    fn from(error: DownloadError) -> Self {
        Self::Refused(error)
    }
}

impl Stop {
    pub(super) fn again(why: impl Into<String>) -> Self {
        Self::Again { why: why.into(), after: None }
    }

    /// A connection that failed, in words, without the address: it may be a signed one.
    pub(super) fn broken(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            return Self::again("the server is silent");
        }
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            why = inner.to_string();
            cause = inner.source();
        }
        Self::again(format!("the connection broke: {why}"))
    }
}
