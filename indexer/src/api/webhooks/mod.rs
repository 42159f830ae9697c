//! Who is told of findings: endpoints, made, changed and removed by admins, each change a row of
//! the audit log. Of an address only scheme and host are ever shown, a secret only once.

mod lines;
mod shapes;
#[cfg(test)]
mod tests;

pub(super) use lines::*;
pub(super) use shapes::Webhook;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use interdict_core::audit::{Event, Who};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use self::shapes::{Changed, Made, New, Rotated, Rotation, Webhooks, checked_kinds, checked_name};
use super::access::{Actor, Needs, Role};
use super::asked::Body;
use super::{ApiError, Pages};
use crate::deliver::{HoldsSealed, TargetError, VaultError, new_secret};
use crate::report::rfc3339;
use crate::store::{CONFIG_ENDPOINT, ENDPOINTS_MAX, Endpoint, EndpointState, Sealed, Wish};

/// Those who see endpoints.
pub(super) const LOOKERS: Needs = Needs::OneOf(&[Role::Admin, Role::Auditor]);
/// Length of the part of an endpoint's id that is drawn, in bytes.
const ID_BYTES: usize = 8;

/// All endpoints
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks",
    responses((status = 200, description = "All endpoints", body = Webhooks)))]
pub(super) async fn all(State(pages): State<Pages>) -> Result<Json<Webhooks>, ApiError> {
    let mut webhooks = Vec::new();
    for endpoint in pages.store.endpoints().await? {
        webhooks.push(shown(&pages, &endpoint).await?);
    }
    Ok(Json(Webhooks { webhooks }))
}

/// One endpoint
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, description = "The endpoint", body = Webhook)))]
pub(super) async fn one(
    State(pages): State<Pages>,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, ApiError> {
    Ok(Json(shown(&pages, &found(&pages, &id).await?).await?))
}

/// Make an endpoint
///
/// It is told of what happens from now on. The secret is shown here and never again.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", request_body = New, responses(
    (status = 201, description = "The endpoint and its secret", body = Made),
    (status = 409, description = "There are as many as there may be, or no secret can be kept")))]
pub(super) async fn make(
    State(pages): State<Pages>,
    actor: Actor,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let name = checked_name(&new.name)?;
    let kinds = checked_kinds(new.kinds)?;
    let holds = holds_sealed(&pages).await?;
    let (id, secret) = (new_id()?, new_secret().map_err(vault)?);
    let reached = pages.ways.reach(&id, &new.url, holds).map_err(target)?;
    let sealed = Sealed {
        url: Some(reached.url),
        secret: Some(pages.ways.seal_secret(&id, &secret, holds).map_err(vault)?),
        before: None,
    };
    let endpoint = Endpoint {
        id: id.clone(),
        name,
        shown: reached.shown.shown,
        receiver: reached.shown.receiver,
        sealed,
        shape: new.shape,
        wish: Wish { kinds, min_severity: new.min_severity },
        state: EndpointState::Active,
        removal_by: None,
        version: 1,
        seq: 0,
        delivered_at: None,
        last_error: None,
    };
    let event = event(&pages, actor, "webhook.created", told_of(&endpoint));
    if !pages.store.make_endpoint(&endpoint, event).await? {
        return Err(ApiError::refused(
            StatusCode::CONFLICT,
            "too_many_webhooks",
            format!("there are {ENDPOINTS_MAX} endpoints, and no more may be"),
            "remove one that is not needed",
        ));
    }
    let webhook = shown(&pages, &found(&pages, &id).await?).await?;
    let secret = secret.expose_secret().to_owned();
    Ok((StatusCode::CREATED, Json(Made { webhook, secret })))
}

/// Change an endpoint
///
/// What is left out stays. The endpoint of the configuration file can only be paused and resumed.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    request_body = Changed, responses(
    (status = 200, description = "The endpoint as it is now", body = Webhook),
    (status = 409, description = "It is another's to change, or somebody was faster")))]
pub(super) async fn change(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
    Body(changed): Body<Changed>,
) -> Result<Json<Webhook>, ApiError> {
    let mut to = found(&pages, &id).await?;
    if changed.is_more_than_state() {
        ours(&to)?;
    }
    if let Some(name) = &changed.name {
        to.name = checked_name(name)?;
    }
    if let Some(kinds) = changed.kinds {
        to.wish.kinds = checked_kinds(kinds)?;
    }
    to.wish.min_severity = changed.min_severity.unwrap_or(to.wish.min_severity);
    to.shape = changed.shape.unwrap_or(to.shape);
    if let Some(url) = &changed.url {
        let reached = pages.ways.reach(&id, url, HoldsSealed::Yes).map_err(target)?;
        to.shown = reached.shown.shown;
        to.receiver = reached.shown.receiver;
        to.sealed.url = Some(reached.url);
    }
    if let Some(state) = changed.state {
        to.state = state.into();
    }
    if changed.keep == Some(true) {
        to.removal_by = None;
    }
    let event = event(&pages, actor, "webhook.changed", told_of(&to));
    written(&pages, &to, event).await?;
    one(State(pages), Path(id)).await
}

/// Remove an endpoint
///
/// The first admin proposes it, a second one confirms it. Until then it is told as before; a change
/// with `keep` withdraws the proposal.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses(
    (status = 200, description = "It is removed; as it was", body = Webhook),
    (status = 202, description = "A second admin has to confirm it", body = Webhook),
    (status = 409, description = "It is another's to remove, or a second person is needed")))]
pub(super) async fn remove(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Webhook>), ApiError> {
    let mut to = found(&pages, &id).await?;
    ours(&to)?;
    let (status, kind) = match &to.removal_by {
        Some(first) if *first == actor.person => {
            return Err(ApiError::refused(
                StatusCode::CONFLICT,
                "needs_second_person",
                "you have proposed this removal: somebody else has to confirm it".to_owned(),
                "ask another admin to remove it, or keep it with PATCH {\"keep\": true}",
            ));
        }
        Some(_) => (StatusCode::OK, "webhook.removed"),
        None => (StatusCode::ACCEPTED, "webhook.removal_proposed"),
    };
    let detail = told_of(&to);
    let last = shown(&pages, &to).await?;
    if status == StatusCode::OK {
        to.state = EndpointState::Removed;
        to.sealed = Sealed::default();
    } else {
        to.removal_by = Some(actor.person.clone());
    }
    let event = event(&pages, actor, kind, detail);
    written(&pages, &to, event).await?;
    let webhook = Webhook { removal_by: to.removal_by.clone(), ..last };
    Ok((status, Json(webhook)))
}

/// Give an endpoint a new secret
///
/// For the stated hours what it is told is signed with both. The new one is shown here and never
/// again.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", tag = "webhooks",
    params(("id" = String, Path)), request_body = Rotation, responses(
    (status = 200, description = "The endpoint and its new secret", body = Rotated),
    (status = 409, description = "It is another's to change, or somebody was faster")))]
pub(super) async fn rotate(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
    Body(rotation): Body<Rotation>,
) -> Result<Json<Rotated>, ApiError> {
    let mut to = found(&pages, &id).await?;
    ours(&to)?;
    let until = pages.clock.now() + rotation.seconds()?;
    let secret = new_secret().map_err(vault)?;
    let sealed = pages.ways.seal_secret(&id, &secret, HoldsSealed::Yes).map_err(vault)?;
    to.sealed.before = to.sealed.secret.replace(sealed).map(|before| (before, until));
    let detail = json!({ "webhook": id, "both_until": rfc3339(until) });
    let event = event(&pages, actor, "webhook.rotated", detail);
    written(&pages, &to, event).await?;
    let webhook = shown(&pages, &found(&pages, &id).await?).await?;
    let secret = secret.expose_secret().to_owned();
    Ok(Json(Rotated { webhook, secret, both_until: rfc3339(until) }))
}

/// The endpoint of this id.
async fn found(pages: &Pages, id: &str) -> Result<Endpoint, ApiError> {
    let none = || {
        ApiError::refused(
            StatusCode::NOT_FOUND,
            "no_webhook",
            format!("there is no endpoint {id}"),
            "take the id from /v1/webhooks",
        )
    };
    pages.store.endpoint(id).await?.ok_or_else(none)
}

async fn shown(pages: &Pages, endpoint: &Endpoint) -> Result<Webhook, ApiError> {
    let counts = pages.store.line_counts(&endpoint.id).await?;
    Ok(Webhook::of(endpoint, counts, pages.clock.now()))
}

/// Sees that an endpoint is not the operator's.
fn ours(endpoint: &Endpoint) -> Result<(), ApiError> {
    if endpoint.id != CONFIG_ENDPOINT {
        return Ok(());
    }
    Err(ApiError::refused(
        StatusCode::CONFLICT,
        "of_configuration",
        "this endpoint is the one of the configuration file".to_owned(),
        "change [webhook] there and restart; here it can be paused and resumed",
    ))
}

/// Writes a change, unless somebody was faster.
async fn written(pages: &Pages, to: &Endpoint, event: Event) -> Result<(), ApiError> {
    if pages.store.change_endpoint(to, event).await? {
        return Ok(());
    }
    Err(ApiError::refused(
        StatusCode::CONFLICT,
        "stale_version",
        "somebody has changed this endpoint meanwhile".to_owned(),
        "look at it again, then decide anew",
    ))
}

/// What an endpoint is, without what is secret of it.
fn told_of(endpoint: &Endpoint) -> Value {
    json!({
        "webhook": endpoint.id,
        "name": endpoint.name,
        "shown": endpoint.shown,
        "address_sha256": endpoint.receiver,
        "shape": endpoint.shape,
        "kinds": endpoint.wish.kinds,
        "min_severity": endpoint.wish.min_severity,
        "state": endpoint.state,
    })
}

fn event(pages: &Pages, actor: Actor, kind: &str, detail: Value) -> Event {
    let who = Who { person: actor.person, role: actor.role.to_string() };
    Event { who, at: pages.clock.now(), kind: kind.to_owned(), alert: None, detail }
}

async fn holds_sealed(pages: &Pages) -> Result<HoldsSealed, ApiError> {
    let any = pages.store.endpoints().await?.iter().any(|one| one.sealed.url.is_some());
    Ok(if any { HoldsSealed::Yes } else { HoldsSealed::No })
}

fn new_id() -> Result<String, ApiError> {
    let mut drawn = [0; ID_BYTES];
    getrandom::fill(&mut drawn).map_err(|_| vault(VaultError::Random))?;
    Ok(format!("ep_{}", hex::encode(drawn)))
}

fn vault(error: VaultError) -> ApiError {
    let (error, next) = (error.to_string(), "see to the key file, then ask again");
    ApiError::refused(StatusCode::CONFLICT, "no_key", error, next)
}

fn target(error: TargetError) -> ApiError {
    match error {
        TargetError::Vault(error) => vault(error),
        error => ApiError::refused(
            StatusCode::BAD_REQUEST,
            "address_refused",
            error.to_string(),
            "name another address, or have the operator allow it in the configuration file",
        ),
    }
}
