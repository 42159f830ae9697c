//! Sessions of browsers: a reference in a cookie that no script can read, that only this host can
//! set (`__Host-`), and that no other site's forms send along (`SameSite`).

use axum::http::{HeaderMap, HeaderValue, Method, header};

use crate::api::ApiError;
use crate::store::access::SESSION_MAX_SECONDS;

/// The header that a page of this server sends with what changes something; a form cannot.
const OURS: &str = "x-interdict";

/// A cookie of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Cookie {
    /// The reference of a session.
    Session,
    /// What a login elsewhere must come back with.
    Login,
}

/// How long a login may take, in seconds.
const LOGIN_SECONDS: i64 = 600;

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "__Host-interdict",
            Self::Login => "__Host-interdict-login",
        }
    }

    /// What the browser sends in it.
    pub(in crate::api) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let cookies = headers.get_all(header::COOKIE).iter();
        let cookies = cookies.filter_map(|line| line.to_str().ok());
        let mut cookies = cookies.flat_map(|line| line.split(';'));
        cookies.find_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        })
    }

    /// The header that sets it, or takes it away if there is nothing in it.
    pub(in crate::api) fn set(self, value: &str) -> Result<HeaderValue, ApiError> {
        let age = match self {
            _ if value.is_empty() => 0,
            Self::Session => SESSION_MAX_SECONDS,
            Self::Login => LOGIN_SECONDS,
        };
        let name = self.name();
        let text = format!("{name}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax");
        HeaderValue::try_from(text).map_err(|_| ApiError::Unknown)
    }
}

/// Sees that a browser asks from a page of this server, where that matters: what changes something
/// must not be asked by another site in the name of who is logged in here (CSRF).
pub(in crate::api) fn from_our_page(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = word("origin").map(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_some() && host == word("host")
    });
    let same = match (word("sec-fetch-site"), origin) {
        (Some(site), None | Some(true)) => site == "same-origin",
        (Some(_), Some(false)) => false,
        (None, origin) => origin == Some(true),
    };
    if same && word(OURS) == Some("1") { Ok(()) } else { Err(ApiError::CrossSite) }
}

/// Whether a browser asks; other programs say nothing of where they ask from.
pub(in crate::api) fn is_browser(headers: &HeaderMap) -> bool {
    ["sec-fetch-site", "origin"].iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(named: &[(&'static str, &'static str)]) -> HeaderMap {
        named
            .iter()
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn t37_what_changes_something_is_asked_from_a_page_of_this_server() {
        let ours = ("x-interdict", "1");
        let host = ("host", "a.example");
        let check = |named: &[(&'static str, &'static str)], fits: bool| {
            let answer = from_our_page(&Method::POST, &headers(named));
            assert_eq!(answer.is_ok(), fits, "{named:?}");
        };
        check(&[host, ours, ("sec-fetch-site", "same-origin")], true);
        check(&[host, ours, ("origin", "https://a.example")], true);
        check(
            &[host, ours, ("origin", "https://a.example"), ("sec-fetch-site", "same-origin")],
            true,
        );
        check(&[host, ("sec-fetch-site", "same-origin")], false);
        check(&[host, ours], false);
        check(&[host, ours, ("sec-fetch-site", "same-site")], false);
        check(&[host, ours, ("sec-fetch-site", "cross-site")], false);
        check(&[host, ours, ("sec-fetch-site", "none")], false);
        check(&[host, ours, ("origin", "https://evil.example")], false);
        check(&[host, ours, ("origin", "null")], false);
        check(&[host, ours, ("origin", "https://a.example.evil")], false);
        check(&[host, ours, ("origin", "https://evil"), ("sec-fetch-site", "same-origin")], false);
        assert!(from_our_page(&Method::GET, &headers(&[])).is_ok());
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        let sent = headers(&[("cookie", "a=1; __Host-interdict-login=x; __Host-interdict=ab")]);
        assert_eq!(Cookie::Session.read(&sent), Some("ab"));
        assert_eq!(Cookie::Login.read(&sent), Some("x"));
        assert_eq!(Cookie::Session.read(&headers(&[("cookie", "x__Host-interdict=ab")])), None);
        let given = Cookie::Session.set("ab").unwrap();
        for word in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=43200"] {
            assert!(given.to_str().unwrap().contains(word), "{word}");
        }
        assert!(Cookie::Login.set("a\nb").is_err());
    }
}
