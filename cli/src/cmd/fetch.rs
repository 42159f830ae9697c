//! `fetch`: downloads a publication, and records where it came from.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use reqwest::Url;
use serde_json::json;

use crate::args::FetchArgs;
use crate::download::known::{self, KNOWN, Known};
use crate::download::{self, Done, DownloadError, Order, Transport};
use crate::exit::{Exit, Failure, Report};
use crate::text;

pub(crate) async fn run(args: FetchArgs) -> Result<Report> {
    let (url, out) = place(&args)?;
    if known::is_archive(&url) {
        let message = format!("{} is a compressed file, which is not read", download::shown(&url));
        return Err(Failure::new(Exit::Failed, "compressed", message).next(exports()).into());
    }
    let order = Order {
        url,
        file: out,
        transport: if args.allow_http { Transport::Any } else { Transport::Secure },
        bytes_max: args.max_bytes,
        age_max_seconds: args.max_age,
        silence: Duration::from_secs(args.timeout),
        sha256: args.sha256,
    };
    let done = download::download(&order).await.map_err(|error| failure(&error, &order))?;
    Ok(report(&order, done))
}

/// The address to ask, and the file to write.
fn place(args: &FetchArgs) -> Result<(Url, PathBuf)> {
    let usage = |message: String| Failure::new(Exit::Usage, "usage", message);
    if let Some(known) = known::by_name(&args.publication) {
        let url = known.url.parse()?;
        return Ok((url, args.out.clone().unwrap_or_else(|| known.file.into())));
    }
    let url: Url = args.publication.parse().map_err(|_| {
        let name = text::printable(&args.publication);
        usage(format!("{name:?} is neither an address nor a known publication"))
            .next(format!("give a URL, or one of: {}", names()))
    })?;
    let out = args.out.clone().ok_or_else(|| {
        usage("--out is not given: an address says nothing about its file's name".to_owned())
            .next("add --out <FILE>")
    })?;
    Ok((url, out))
}

fn names() -> String {
    KNOWN.iter().map(|known| known.name).collect::<Vec<_>>().join(", ")
}

/// Where OFAC has the same as plain XML.
fn exports() -> String {
    let xml = ["ofac-enhanced", "ofac-advanced", "ofac-sdn"].into_iter().filter_map(known::by_name);
    let line = |known: &Known| format!("\n  interdict fetch {:<14} {}", known.name, known.what);
    format!("OFAC publishes the same as plain XML:{}", xml.map(line).collect::<String>())
}

fn failure(error: &DownloadError, order: &Order) -> Failure {
    let (code, next) = match error {
        DownloadError::Plain(_) => {
            ("insecure", "find the https address, or add --allow-http and compare its digest")
        }
        DownloadError::Scheme(_) | DownloadError::Credentials(_) => {
            ("address", "give an https address without credentials")
        }
        DownloadError::Inward(_)
        | DownloadError::RedirectLoop(_)
        | DownloadError::Redirects(_)
        | DownloadError::RedirectNowhere(_) => {
            ("redirect", "look at the authority's page for the address that it gives now")
        }
        DownloadError::Status(_) => {
            ("status", "look at the authority's page for the address that it gives now")
        }
        DownloadError::GaveUp { .. } => ("broken", "run again: it goes on where it broke"),
        DownloadError::Wait { .. } => ("busy", "run again then"),
        DownloadError::TooLong(_) => ("too_long", "check the address, or raise --max-bytes"),
        DownloadError::TooOld { .. } | DownloadError::NoDate => (
            "stale_publication",
            "see on the authority's page whether it published since; if not, raise --max-age",
        ),
        DownloadError::Digest { .. } => {
            ("digest", "nothing was kept; run again, and if it stays so, tell the authority")
        }
        DownloadError::Other(_) => (
            "another_document",
            "nothing was kept; ask whoever gave you the SHA-256 when they downloaded it",
        ),
        DownloadError::WebPage => ("web_page", "download the file itself, not the page about it"),
        DownloadError::Compressed(_) => {
            let message = error.to_string();
            return Failure::new(Exit::Failed, "compressed", message).next(exports());
        }
        DownloadError::Empty => ("empty", "run again later: an authority has no empty list"),
        DownloadError::Locked(_) => ("locked", "wait for it, or choose another --out"),
        DownloadError::Disk(_) => ("disk", "check --out, and that there is room"),
        DownloadError::Client(_) => ("failed", "check this machine's certificates and proxy"),
    };
    let message = format!("{}: {error}", download::shown(&order.url));
    Failure::new(Exit::Failed, code, message).next(next)
}

fn report(order: &Order, done: Done) -> Report {
    let Done { fetched, record, attempts, warnings } = done;
    let file = order.file.display();
    let data = json!({
        "file": order.file,
        "record": record,
        "attempts": attempts,
        "fetched": fetched,
    });
    let unsaid = || "not said by the server".to_owned();
    let digest = match &fetched.digest {
        Some(digest) => format!("{}, which the document has", text::printable(digest)),
        None => unsaid(),
    };
    let facts = text::facts(&[
        ("fetched", download::shown(&order.url)),
        ("file", file.to_string()),
        ("bytes", fetched.bytes.to_string()),
        ("sha256", fetched.sha256.to_string()),
        ("modified", fetched.last_modified.map_or_else(unsaid, |time| time.to_string())),
        ("digest", digest),
        ("record", record.display().to_string()),
    ]);
    let mut report = Report::done(data, facts).next(format!("`interdict plan {file}`"));
    report.warnings = warnings;
    report
}
