//! Logins elsewhere: `OpenID` Connect Core 1.0, the code flow with PKCE (RFC 7636). What the
//! provider says is believed only if it is signed by a key of its own, for this server, for this
//! login, and not long ago.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use super::{Actor, Role};
use crate::actor::person;
use crate::api::ApiError;
use crate::clock::Clock;
use crate::config;

/// Time for one request to the provider.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(4);
/// Largest answer of the provider, in bytes.
const ANSWER_MAX_BYTES: usize = 256 << 10;
/// How long what the provider says of itself, and its keys, are taken for granted.
const METADATA_KEPT: Duration = Duration::from_mins(5);
/// Signatures that only the provider can make: none by the secret that this server has too.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider.
#[derive(Debug)]
pub(in crate::api) struct Oidc {
    config: config::Oidc,
    http: Http,
    clock: Arc<dyn Clock>,
    /// What it said of itself, and when.
    metadata: Mutex<Option<(Duration, CoreProviderMetadata)>>,
}

/// How the provider is asked.
#[derive(Debug)]
struct Http {
    client: reqwest::Client,
    /// A provider on this machine may do without TLS.
    plain: bool,
}

impl Http {
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let request = reqwest::Request::try_from(request)?;
        if request.url().scheme() != "https" && !self.plain {
            return Err(Unanswered::Plain);
        }
        let mut answer = self.client.execute(request).await?;
        let mut told = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            told = told.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_MAX_BYTES {
                return Err(Unanswered::Long);
            }
        }
        Ok(told.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// A login that has begun.
#[derive(Debug)]
pub(in crate::api) struct Begun {
    /// Where the browser goes.
    pub(in crate::api) url: String,
    /// What it must come back with, in a cookie.
    pub(in crate::api) cookie: String,
}

/// Why the provider gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Shape(#[from] http::Error),
    #[error("the answer is longer than {ANSWER_MAX_BYTES} bytes")]
    Long,
    #[error("it names an address that is not asked over TLS")]
    Plain,
}

fn refused(reason: impl std::fmt::Display) -> ApiError {
    ApiError::Login(reason.to_string())
}

/// What the provider was asked in vain is the provider's fault, and nobody's guess.
fn unanswered(reason: impl std::fmt::Display) -> ApiError {
    tracing::error!(%reason, "the login provider cannot be used");
    ApiError::Provider
}

impl Oidc {
    pub(super) fn new(config: config::Oidc, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(REQUEST_TIMEOUT)
            .build()?;
        let plain = config.issuer.scheme() == "http";
        let http = Http { client, plain };
        Ok(Self { config, http, clock, metadata: Mutex::default() })
    }

    /// Begins a login.
    pub(in crate::api) async fn begin(&self) -> Result<Begun, ApiError> {
        let client = self.provider().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut asked = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        );
        for scope in &self.config.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = asked.set_pkce_challenge(challenge).url();
        // None of the three has a dot in it.
        let cookie = format!("{}.{}.{}", state.secret(), nonce.secret(), verifier.secret());
        Ok(Begun { url: url.into(), cookie })
    }

    /// Ends a login: who it is that comes back with a code.
    pub(in crate::api) async fn end(
        &self,
        cookie: &str,
        state: &str,
        code: String,
    ) -> Result<Actor, ApiError> {
        let parts: Vec<_> = cookie.split('.').collect();
        let [began, nonce, verifier] = parts[..] else {
            return Err(refused("the cookie of the login is none"));
        };
        if !bool::from(began.as_bytes().ct_eq(state.as_bytes())) {
            return Err(refused("the state is not that of this browser's login"));
        }
        let client = self.provider().await?;
        let told = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(unanswered)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.http)
            .await
            .map_err(|error| refused(format!("the provider does not take the code: {error}")))?;
        let token = told.id_token().ok_or_else(|| refused("the provider gave no ID token"))?;
        let trusted = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        if let Err(error) = token.claims(&trusted, &Nonce::new(nonce.to_owned())) {
            // It may have new keys.
            *self.metadata.lock().await = None;
            return Err(refused(format!("the ID token is not believed: {error}")));
        }
        self.actor(&claims(token)?)
    }

    async fn provider(&self) -> Result<Client, ApiError> {
        let mut kept = self.metadata.lock().await;
        let now = self.clock.elapsed();
        let fresh = kept.as_ref().filter(|(at, _)| now.saturating_sub(*at) < METADATA_KEPT);
        let metadata = match fresh {
            Some((_, metadata)) => metadata.clone(),
            None => {
                let issuer = self.config.issuer.as_str();
                // A URL without a path is written with a slash, which the issuer's name may lack.
                let bare = self.config.issuer.path() == "/";
                let issuer = if bare { issuer.trim_end_matches('/') } else { issuer };
                let issuer = IssuerUrl::new(issuer.to_owned()).map_err(unanswered)?;
                let metadata = CoreProviderMetadata::discover_async(issuer, &self.http);
                let metadata = metadata.await.map_err(unanswered)?;
                *kept = Some((now, metadata.clone()));
                metadata
            }
        };
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let redirect = RedirectUrl::from_url(self.config.redirect_url.clone());
        let client = ClientId::new(self.config.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, client, secret).set_redirect_uri(redirect))
    }

    /// The person and the role that claims give.
    fn actor(&self, claims: &Value) -> Result<Actor, ApiError> {
        let name = &self.config.person_claim;
        if name == "email" && claims["email_verified"] == false {
            return Err(refused("the provider has not verified the email address"));
        }
        let named = claims[name].as_str().ok_or_else(|| refused(format!("there is no {name}")))?;
        let person = person(named).map_err(|error| refused(format!("{name} {error}")))?;
        Ok(Actor { person, role: self.role(&claims[&self.config.role_claim])? })
    }

    /// One role of those that a claim gives. Whoever may read and do something else does that;
    /// two other roles in one hand are what roles are to prevent.
    fn role(&self, claim: &Value) -> Result<Role, ApiError> {
        let values: Vec<_> = match claim {
            Value::String(value) => vec![&**value],
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let given = |value: &&str| self.config.roles.get(*value).copied();
        let mut roles: Vec<Role> = values.iter().filter_map(given).collect();
        roles.sort_unstable();
        roles.dedup();
        if roles.len() > 1 {
            roles.retain(|role| *role != Role::Viewer);
        }
        match roles[..] {
            [role] => Ok(role),
            [] => Err(refused(format!("{} gives no role here", self.config.role_claim))),
            [..] => Err(refused(format!("{} gives more than one role", self.config.role_claim))),
        }
    }
}

/// What a token says that has been verified.
fn claims(token: &CoreIdToken) -> Result<Value, ApiError> {
    let text = token.to_string();
    let payload = text.split('.').nth(1).unwrap_or_default();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(refused)?;
    serde_json::from_slice(&bytes).map_err(refused)
}
