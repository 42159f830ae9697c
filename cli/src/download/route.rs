//! From the address that was given to the one that answers: each redirect looked at before it is
//! followed. Where they lead is used and forgotten; it may carry a signature that lasts an hour.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, IF_RANGE, LOCATION, RANGE};
use reqwest::{Client, Response, Url};

use super::error::Stop;
use super::headers::Version;
use super::{DownloadError, shown};

/// OFAC sends one; more than a few is a mistake of the server.
const REDIRECTS_MAX: usize = 5;

/// OFAC refuses a request that does not say who asks.
const USER_AGENT: &str = concat!("interdict/", env!("CARGO_PKG_VERSION"));

/// A whole answer, however slowly it comes.
const ANSWER_TIMEOUT: Duration = Duration::from_hours(1);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// https, and this machine itself.
    Secure,
    /// Plain http too.
    Any,
}

/// The part that is wanted: from this byte on, if the document is still of this version.
pub(super) struct Rest<'a> {
    pub(super) from: u64,
    pub(super) validator: &'a str,
}

/// What answered in the end, and what the redirects before it stated about the document.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) on_the_way: Vec<String>,
}

pub(super) fn client(first: &Url, silence: Duration) -> Result<Client, DownloadError> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        // A referrer would tell the next server the address, with whatever token is in it.
        .referer(false)
        // The bytes that are hashed are the bytes that were published.
        .gzip(false)
        .connect_timeout(CONNECT_TIMEOUT.min(silence))
        .read_timeout(silence)
        .timeout(ANSWER_TIMEOUT);
    let builder = if is_loopback(first) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| DownloadError::Client(error.to_string()))
}

/// Refuses what may not be asked, at the beginning and at every redirect.
pub(super) fn check(url: &Url, first: &Url, transport: Transport) -> Result<(), DownloadError> {
    let place = || shown(url);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(DownloadError::Credentials(place()));
    }
    match url.scheme() {
        "https" => {}
        "http" if transport == Transport::Any || is_loopback(url) => {}
        "http" => return Err(DownloadError::Plain(place())),
        _ => return Err(DownloadError::Scheme(place())),
    }
    if is_loopback(url) && !is_loopback(first) {
        return Err(DownloadError::Inward(place()));
    }
    if first.scheme() == "https" && url.scheme() == "http" {
        return Err(DownloadError::Plain(place()));
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Asks, and follows redirects as far as they may lead.
pub(super) async fn ask(
    client: &Client,
    first: &Url,
    transport: Transport,
    rest: Option<Rest<'_>>,
) -> Result<Answer, Stop> {
    let mut seen: Vec<Url> = Vec::new();
    let mut on_the_way = Vec::new();
    let mut url = first.clone();
    loop {
        check(&url, first, transport)?;
        if seen.contains(&url) {
            return Err(DownloadError::RedirectLoop(shown(&url)).into());
        }
        if seen.len() > REDIRECTS_MAX {
            return Err(DownloadError::Redirects(REDIRECTS_MAX).into());
        }
        let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some(rest) = &rest {
            let range = format!("bytes={}-", rest.from);
            request = request.header(RANGE, range).header(IF_RANGE, rest.validator);
        }
        let response = request.send().await.map_err(Stop::broken)?;
        let Some(next) = redirect(&response, &url)? else {
            return Ok(Answer { response, on_the_way });
        };
        on_the_way.extend(Version::of(response.headers()).digests);
        seen.push(url);
        url = next;
    }
}

fn redirect(response: &Response, from: &Url) -> Result<Option<Url>, DownloadError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let nowhere = || DownloadError::RedirectNowhere(shown(from));
    let location = response.headers().get(LOCATION).ok_or_else(nowhere)?;
    let location = location.to_str().map_err(|_| nowhere())?;
    from.join(location).map(Some).map_err(|_| nowhere())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secure_addresses_and_this_machine_are_asked() {
        let check = |url: &str, first: &str, transport, allowed: bool| {
            let asked = check(&url.parse().unwrap(), &first.parse().unwrap(), transport);
            assert_eq!(asked.is_ok(), allowed, "{url} from {first}: {asked:?}");
        };
        let (secure, any) = (Transport::Secure, Transport::Any);
        let (https, http) = ("https://a.example/x", "http://a.example/x");
        let here = "http://127.0.0.1:8000/x";
        check(https, https, secure, true);
        check(http, http, secure, false);
        check(http, http, any, true);
        check(here, here, secure, true);
        check("http://localhost:1/x", here, secure, true);
        check("http://[::1]/x", here, secure, true);
        check("http://[::ffff:127.0.0.1]/x", here, secure, true);
        check("http://127.0.0.1.example/x", here, secure, false);
        check("ftp://a.example/x", https, any, false);
        check("file:///etc/passwd", https, any, false);
        check("https://name:word@a.example/x", https, any, false);
        // A redirect leads neither to this machine nor out of https.
        check(here, https, any, false);
        check(http, https, any, false);
        check(https, here, secure, true);
    }
}
