//! Logins elsewhere, against a provider of the test's own that speaks the real protocol and lies
//! where it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use openidconnect::PrivateSigningKey;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::access::Role;
use super::site::{Site, read};
use crate::config::{Api, Oidc};

/// What the provider is told to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    Nonce,
    Audience,
    TwoAudiences,
    Issuer,
    Expired,
    OtherKey,
    Unsigned,
    SharedSecret,
    NoToken,
    Altered,
}

struct Provider {
    url: String,
    key: CoreEdDsaPrivateSigningKey,
    other: CoreEdDsaPrivateSigningKey,
    lie: Lie,
    /// What the browser was sent with: nonce and challenge.
    asked: Option<(String, String)>,
    claims: Value,
}

type Shared = Arc<Mutex<Provider>>;

/// A new key, in the shape of PKCS 8 (RFC 8410): the fixed bytes before 32 of its own.
fn key(name: &str) -> CoreEdDsaPrivateSigningKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).unwrap();
    der.extend(secret);
    let pem = BASE64_STANDARD.encode(der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
    let name = openidconnect::JsonWebKeyId::new(name.to_owned());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(name)).unwrap()
}

impl Provider {
    fn token(&self) -> String {
        let (nonce, _) = self.asked.clone().unwrap();
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.url, "aud": "interdict", "sub": "1", "nonce": nonce,
            "iat": now, "exp": now + 300,
        });
        for (name, value) in self.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        match self.lie {
            Lie::Nonce => claims["nonce"] = "another".into(),
            Lie::Audience => claims["aud"] = "another".into(),
            Lie::TwoAudiences => claims["aud"] = json!(["interdict", "another"]),
            Lie::Issuer => claims["iss"] = "https://evil.example".into(),
            Lie::Expired => claims["exp"] = (now - 1).into(),
            _ => {}
        }
        let alg = match self.lie {
            Lie::Unsigned => "none",
            Lie::SharedSecret => "HS256",
            _ => "EdDSA",
        };
        let header = json!({ "alg": alg, "typ": "JWT", "kid": "one" });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let key = if self.lie == Lie::OtherKey { &self.other } else { &self.key };
        let signature = key.sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes()).unwrap();
        let signature = match self.lie {
            Lie::Unsigned => Vec::new(),
            Lie::SharedSecret => hmac(b"shared", signed.as_bytes()),
            _ => signature,
        };
        if self.lie == Lie::Altered {
            claims["groups"] = json!(["admins"]);
            let altered = format!("{}.{}", part(&header), part(&claims));
            return format!("{altered}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        }
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// HMAC-SHA-256 (RFC 2104) under a short key.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}

async fn provider() -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let claims = json!({ "email": "ana@bank.example", "groups": ["staff", "desk"] });
    let (key, other, lie, asked) = (key("one"), key("one"), Lie::None, None);
    let shared = Arc::new(Mutex::new(Provider { url, key, other, lie, asked, claims }));
    let pages = Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/keys", get(keys))
        .route("/token", post(exchange))
        .with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, pages).await });
    shared
}

async fn metadata(State(provider): State<Shared>) -> Json<Value> {
    let url = provider.lock().unwrap().url.clone();
    Json(json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(State(provider): State<Shared>) -> Json<Value> {
    let key = provider.lock().unwrap().key.as_verification_key();
    Json(json!({ "keys": [key] }))
}

async fn exchange(State(provider): State<Shared>, body: String) -> (StatusCode, Json<Value>) {
    let form: Url = format!("http://form.invalid/?{body}").parse().unwrap();
    let form: BTreeMap<_, _> = form.query_pairs().into_owned().collect();
    let provider = provider.lock().unwrap();
    let (_, challenge) = provider.asked.clone().unwrap();
    let proved = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if form["code"] != "the-code" || proved != challenge {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    let mut told = json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60 });
    if provider.lie != Lie::NoToken {
        told["id_token"] = provider.token().into();
    }
    (StatusCode::OK, Json(told))
}

struct Login {
    site: Site,
    provider: Shared,
    browser: reqwest::Client,
}

impl Login {
    async fn ready() -> Self {
        let provider = provider().await;
        let issuer = provider.lock().unwrap().url.clone();
        let role = |group: &str, role| (group.to_owned(), role);
        let oidc = Oidc {
            issuer: issuer.parse().unwrap(),
            client_id: "interdict".to_owned(),
            client_secret: Some("shared".into()),
            redirect_url: "http://127.0.0.1/v1/oidc/callback".parse().unwrap(),
            scopes: vec!["email".to_owned()],
            person_claim: "email".to_owned(),
            role_claim: "groups".to_owned(),
            roles: [
                role("desk", Role::Analyst),
                role("all", Role::Viewer),
                role("admins", Role::Admin),
            ]
            .into(),
        };
        let api = Api { anonymous: None, ..Api::loopback() };
        let site = Site::made(api, Some(oidc), vec![]).await;
        let browser = reqwest::Client::builder().no_proxy();
        let browser = browser.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { site, provider, browser }
    }

    /// Begins a login: the cookie and the state.
    async fn begin(&self) -> (String, String) {
        let asked = self.browser.get(format!("{}/v1/oidc/login", self.site.url));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"));
        let to: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        let asked: BTreeMap<_, _> = to.query_pairs().into_owned().collect();
        assert_eq!((&*asked["code_challenge_method"], &*asked["scope"]), ("S256", "openid email"));
        assert_eq!((&*asked["response_type"], &*asked["client_id"]), ("code", "interdict"));
        let both = (asked["nonce"].clone(), asked["code_challenge"].clone());
        self.provider.lock().unwrap().asked = Some(both);
        (cookie.split(';').next().unwrap().to_owned(), asked["state"].clone())
    }

    async fn back(&self, cookie: &str, query: &str) -> reqwest::Response {
        let asked = self.browser.get(format!("{}/v1/oidc/callback?{query}", self.site.url));
        let answer = asked.header("cookie", cookie).send().await.unwrap();
        self.site.clock.turn(std::time::Duration::from_mins(1));
        answer
    }

    async fn whole(&self) -> reqwest::Response {
        let (cookie, state) = self.begin().await;
        self.back(&cookie, &format!("code=the-code&state={state}")).await
    }

    async fn refused(&self, reason: &str) {
        let answer = self.whole().await;
        assert!(answer.headers().get("set-cookie").is_none());
        let (status, said) = read(answer).await;
        assert_eq!((status.as_u16(), &said["code"]), (401, &json!("login_refused")), "{said}");
        assert!(said["error"].as_str().unwrap().contains(reason), "{reason}: {said}");
    }
}

#[tokio::test]
async fn who_comes_back_from_a_login_has_a_session_in_the_role_of_the_claim() {
    let login = Login::ready().await;
    let answer = login.whole().await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/".parse().unwrap())
    );
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    let cookies: Vec<_> = cookies.iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(cookies[1].starts_with("__Host-interdict-login=;") && cookies[1].contains("Max-Age=0"));
    let session = cookies[0].split(';').next().unwrap();
    let mine = login.site.in_session(session, Method::GET, "/v1/session").send().await.unwrap();
    let (_, who) = read(mine).await;
    assert_eq!(who["person"], "ana@bank.example");
    assert_eq!((&who["role"], &who["via"]), (&json!("analyst"), &json!("session")));
    let rows = login.site.store.audit(&Default::default(), None, 1).await.unwrap();
    assert_eq!((&*rows[0].kind, &*rows[0].person), ("session.begun", "ana@bank.example"));
    assert_eq!(rows[0].detail, r#"{"by":"oidc"}"#);
}

#[tokio::test]
async fn no_lie_of_a_provider_is_believed() {
    let login = Login::ready().await;
    for (lie, reason) in [
        (Lie::Nonce, "nonce"),
        (Lie::Audience, "audience"),
        (Lie::TwoAudiences, "audience"),
        (Lie::Issuer, "issuer"),
        (Lie::Expired, "expired"),
        (Lie::OtherKey, "ignature"),
        (Lie::Altered, "ignature"),
        (Lie::Unsigned, "not believed"),
        (Lie::SharedSecret, "not believed"),
        (Lie::NoToken, "no ID token"),
    ] {
        login.provider.lock().unwrap().lie = lie;
        login.refused(reason).await;
    }
    login.provider.lock().unwrap().lie = Lie::None;
    assert_eq!(login.whole().await.status().as_u16(), 303, "the truth still is");
}

#[tokio::test]
async fn a_login_ends_in_the_browser_that_began_it_and_once() {
    let login = Login::ready().await;
    let (cookie, state) = login.begin().await;
    let good = format!("code=the-code&state={state}");
    let other = format!("code=the-code&state={}", "A".repeat(state.len()));
    for (cookie, query) in [
        ("", &*good),
        ("__Host-interdict-login=x", &*good),
        (&*cookie, &*other),
        (&*cookie, "code=the-code"),
        (&*cookie, &*format!("code=another&state={state}")),
        (&*cookie, &*format!("state={state}")),
        (&*cookie, "error=access_denied"),
    ] {
        let (status, said) = read(login.back(cookie, query).await).await;
        assert_eq!((status.as_u16(), &said["code"]), (401, &json!("login_refused")), "{query}");
    }
    // Somebody else's verifier does not go with this code.
    let (theirs, _) = login.begin().await;
    let (_, state) = login.begin().await;
    let verifier = theirs.rsplit('.').next().unwrap();
    let (mixed, _) = cookie.rsplit_once('.').unwrap();
    let mixed = format!("{mixed}.{verifier}");
    let (status, _) = read(login.back(&mixed, &format!("code=the-code&state={state}")).await).await;
    assert_eq!(status.as_u16(), 401);
    assert_eq!(login.back(&cookie, &good).await.status().as_u16(), 401, "its code was another's");
}

#[tokio::test]
async fn a_role_is_given_by_the_claim_or_not_at_all() {
    let login = Login::ready().await;
    let with = |claims: Value| login.provider.lock().unwrap().claims = claims;
    with(json!({ "email": "ana@bank.example", "groups": ["staff"] }));
    login.refused("groups gives no role").await;
    with(json!({ "email": "ana@bank.example", "groups": ["desk", "admins"] }));
    login.refused("more than one role").await;
    with(json!({ "email": "ana@bank.example", "groups": ["desk"], "email_verified": false }));
    login.refused("not verified").await;
    with(json!({ "email": "<b>", "groups": ["desk"] }));
    login.refused("is no name").await;
    with(json!({ "groups": ["desk"] }));
    login.refused("no email").await;
    for groups in [json!("desk"), json!(["all", "desk"])] {
        with(json!({ "email": "ana@bank.example", "groups": groups }));
        assert_eq!(login.whole().await.status().as_u16(), 303);
    }
}

#[tokio::test]
async fn a_provider_that_is_gone_is_nobody_s_guess() {
    let login = Login::ready().await;
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let other = Login::ready().await;
    drop(login);
    other.provider.lock().unwrap().url = format!("http://{dead}");
    let asked = other.browser.get(format!("{}/v1/oidc/login", other.site.url));
    let (status, said) = read(asked.send().await.unwrap()).await;
    assert_eq!((status.as_u16(), &said["code"]), (502, &json!("no_provider")), "another issuer");
    let site = Site::closed().await;
    let (status, said) = site.json("/v1/oidc/login").await;
    assert_eq!((status.as_u16(), &said["code"]), (404, &json!("no_oidc")));
}
