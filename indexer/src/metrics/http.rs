//! Who asks over HTTP, how long it takes, and who is refused. Routes are those of the table of the
//! API, as they are written there: no path that somebody makes up is a label.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Number;
use super::labels::{LimitLabels, RequestLabels, RouteLabels, ShownLabels};

/// Bounds of what it may take until an answer begins, in seconds; a request has ten.
const ANSWER_SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// What a request is called that fits no route.
pub const NO_ROUTE: &str = "none";

/// A bound that a request ran against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Too many in a time.
    Rate,
    /// Too many at once.
    AtOnce,
    /// Too many wrong credentials before it.
    Guesses,
    /// Too large a body.
    Body,
    /// Too long without an answer.
    Time,
    /// Too many that listen.
    Listeners,
}

impl Limit {
    const ALL: [Self; 6] =
        [Self::Rate, Self::AtOnce, Self::Guesses, Self::Body, Self::Time, Self::Listeners];

    const fn word(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::AtOnce => "at_once",
            Self::Guesses => "guesses",
            Self::Body => "body",
            Self::Time => "time",
            Self::Listeners => "listeners",
        }
    }
}

/// What somebody showed to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A token, with a request.
    Token,
    /// The cookie of a session.
    Session,
    /// A token, to begin a session.
    Login,
    /// What the provider of logins sent a browser back with.
    Provider,
}

impl Credentials {
    const ALL: [Self; 4] = [Self::Token, Self::Session, Self::Login, Self::Provider];

    const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Login => "login",
            Self::Provider => "provider",
        }
    }
}

/// The figures of the server.
#[derive(Debug)]
pub struct Http {
    requests: Family<RequestLabels, Counter>,
    took: Family<RouteLabels, Histogram, fn() -> Histogram>,
    under_way: Number,
    refused: Family<LimitLabels, Counter>,
    credentials_refused: Family<ShownLabels, Counter>,
    pub(super) listeners: Number,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            took: Family::new_with_constructor(|| Histogram::new(ANSWER_SECONDS)),
            under_way: Number::default(),
            refused: Family::default(),
            credentials_refused: Family::default(),
            listeners: Number::default(),
        }
    }
}

impl Http {
    pub(super) fn register(&self, r: &mut Registry) {
        let help = "Requests that were answered, by the route as the document of the API writes it";
        r.register("http_requests", help, self.requests.clone());
        let help = "From a request until its answer begins";
        r.register_with_unit("http_request_duration", help, Unit::Seconds, self.took.clone());
        let help = "Requests under way, those among them whose answer is still being read";
        r.register("http_requests_in_flight", help, self.under_way.clone());
        let help = "Requests that were refused because of a bound";
        r.register("http_refused", help, self.refused.clone());
        let help = "Credentials that were refused, by what was shown: a token, a session's cookie, \
                    a token for a new session, a login at the provider";
        r.register("credentials_refused", help, self.credentials_refused.clone());
        r.register("stream_listeners", "Who listens to the stream", self.listeners.clone());
    }

    pub(super) fn begin(&self) {
        for limit in Limit::ALL {
            drop(self.refused.get_or_create(&LimitLabels { limit: limit.word() }));
        }
        for shown in Credentials::ALL {
            drop(self.credentials_refused.get_or_create(&ShownLabels { shown: shown.word() }));
        }
    }

    /// A route that is served: its failures count from 0.
    pub fn serves(&self, method: &'static str, route: &str) {
        let (route, status) = (route.to_owned(), "5xx");
        drop(self.requests.get_or_create(&RequestLabels { route, method, status }));
    }

    /// A request begins; it is under way as long as this is kept.
    pub fn begun(&self) -> UnderWay {
        self.under_way.inc();
        UnderWay(self.under_way.clone())
    }

    /// The answer to a request begins.
    pub fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let labels = RequestLabels { route: route.to_owned(), method, status: class(status) };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { route: route.to_owned() };
        self.took.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A request was refused because of a bound.
    pub fn refused(&self, limit: Limit) {
        self.refused.get_or_create(&LimitLabels { limit: limit.word() }).inc();
    }

    /// Credentials were refused.
    pub fn credentials_refused(&self, shown: Credentials) {
        self.credentials_refused.get_or_create(&ShownLabels { shown: shown.word() }).inc();
    }
}

/// A request that is under way.
#[derive(Debug)]
pub struct UnderWay(Number);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

const fn class(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
