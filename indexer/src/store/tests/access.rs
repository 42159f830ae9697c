//! Who may come in: tokens and sessions, made, used, over and revoked; and that nothing is kept by
//! which somebody could come in.

use alloy_primitives::B256;
use interdict_core::audit::Who;
use secrecy::ExposeSecret;

use super::ground::{Ground, NOW};
use crate::access::{Made, reference_of, same, token_of};
use crate::actor::{Actor, Role};
use crate::store::access::{
    NewSession, NewToken, SESSION_IDLE_SECONDS, SESSION_MAX_SECONDS, TokenId,
};
use crate::store::backup::Cell;
use crate::store::{AuditFilter, Store};

const DAY: i64 = 24 * 3600;

fn admin() -> Who {
    Who { person: "ada".to_owned(), role: "admin".to_owned() }
}

/// A token of a person for a day; what lets in, and its id.
async fn token(store: &Store, person: &str, role: Role, now: i64) -> (String, TokenId) {
    let Made { name: id, shown, kept: secret } = Made::token().unwrap();
    let (person, made_by, expires_at) = (person.to_owned(), admin(), now + DAY);
    let token = NewToken { id, secret, person, role, made_by, expires_at };
    store.make_token(&token, now).await.unwrap();
    (shown.expose_secret().to_owned(), id)
}

/// A session; its cookie, and what is kept of it.
async fn session(store: &Store, token: Option<TokenId>, now: i64) -> (String, B256) {
    let Made { shown, kept: reference, .. } = Made::reference().unwrap();
    let actor = Actor { person: "bob".to_owned(), role: Role::Analyst };
    store.begin_session(&NewSession { reference, actor, token }, now).await.unwrap();
    (shown.expose_secret().to_owned(), reference)
}

async fn kinds(store: &Store) -> Vec<String> {
    let rows = store.audit(&AuditFilter::default(), None, 99).await.unwrap();
    rows.into_iter().rev().map(|row| row.kind).collect()
}

pub(super) async fn a_token_is_kept_as_it_was_made_and_for_whom(ground: &Ground) {
    let store = ground.open().await;
    assert!(!store.has_credentials(NOW).await.unwrap());
    let (_, first) = token(&store, "alice", Role::Analyst, NOW).await;
    let (_, second) = token(&store, "venue", Role::Viewer, NOW + 1).await;
    let kept = store.token(first).await.unwrap().unwrap();
    assert_eq!((kept.person.as_str(), kept.role), ("alice", Role::Analyst), "no more than that");
    assert_eq!((kept.made_by.as_str(), kept.made_at), ("ada", NOW));
    assert_eq!((kept.expires_at, kept.used_at, kept.revoked_at), (NOW + DAY, None, None));
    let all: Vec<_> = store.tokens().await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(all, [second, first], "the newest first");
    assert_eq!(store.token(TokenId::ZERO).await.unwrap(), None);
    for role in Role::ALL {
        let (_, id) = token(&store, "carol", role, NOW).await;
        assert_eq!(store.token(id).await.unwrap().unwrap().role, role);
    }
    assert_eq!(kinds(&store).await, ["token.created"; 6]);
}

pub(super) async fn a_token_is_over_at_its_time_and_not_before(ground: &Ground) {
    let store = ground.open().await;
    let (_, id) = token(&store, "alice", Role::Admin, NOW).await;
    let kept = store.token(id).await.unwrap().unwrap();
    assert!(kept.is_live(NOW + DAY - 1) && !kept.is_live(NOW + DAY));
    assert!(store.has_credentials(NOW + DAY - 1).await.unwrap());
    assert!(!store.has_credentials(NOW + DAY).await.unwrap());
    let (_, reference) = session(&store, Some(id), NOW + DAY - 60).await;
    assert!(store.session(reference, NOW + DAY - 1).await.unwrap().is_some());
    assert_eq!(store.session(reference, NOW + DAY).await.unwrap(), None, "it ends with its token");
}

pub(super) async fn a_revoked_token_lets_nobody_in_and_ends_its_sessions(ground: &Ground) {
    let store = ground.open().await;
    let (_, id) = token(&store, "bob", Role::Analyst, NOW).await;
    let (_, other) = token(&store, "bob", Role::Analyst, NOW).await;
    let (_, with_it) = session(&store, Some(id), NOW).await;
    let (_, with_other) = session(&store, Some(other), NOW).await;
    let (_, elsewhere) = session(&store, None, NOW).await;
    assert!(store.revoke_token(id, &admin(), NOW + 5).await.unwrap());
    assert!(!store.revoke_token(id, &admin(), NOW + 6).await.unwrap(), "it is already");
    assert!(!store.revoke_token(TokenId::ZERO, &admin(), NOW).await.unwrap(), "there is none");
    let kept = store.token(id).await.unwrap().unwrap();
    assert_eq!((kept.revoked_at, kept.is_live(NOW + 7)), (Some(NOW + 5), false));
    assert_eq!(store.session(with_it, NOW + 7).await.unwrap(), None);
    assert!(store.session(with_other, NOW + 7).await.unwrap().is_some());
    assert!(store.session(elsewhere, NOW + 7).await.unwrap().is_some());
    let revoked = kinds(&store).await.iter().filter(|kind| *kind == "token.revoked").count();
    assert_eq!(revoked, 1, "what changed nothing is not written down");
}

pub(super) async fn the_last_use_is_written_down(ground: &Ground) {
    let store = ground.open().await;
    let (_, used) = token(&store, "alice", Role::Viewer, NOW).await;
    let (_, other) = token(&store, "bob", Role::Viewer, NOW).await;
    store.token_used(used, NOW + 60).await.unwrap();
    store.token_used(used, NOW + 120).await.unwrap();
    let used_at = async |id| store.token(id).await.unwrap().unwrap().used_at;
    assert_eq!((used_at(used).await, used_at(other).await), (Some(NOW + 120), None));
    let (_, reference) = session(&store, None, NOW).await;
    store.session_used(reference, NOW + 90).await.unwrap();
    let on = store.session(reference, NOW + 91).await.unwrap().unwrap();
    assert_eq!((on.begun_at, on.used_at), (NOW, NOW + 90));
    assert_eq!((on.actor.person.as_str(), on.actor.role), ("bob", Role::Analyst));
}

pub(super) async fn a_session_ends_when_it_is_idle_too_old_or_ended(ground: &Ground) {
    let store = ground.open().await;
    let is_on = async |reference, now| store.session(reference, now).await.unwrap().is_some();
    let (_, idle) = session(&store, None, NOW).await;
    assert!(is_on(idle, NOW + SESSION_IDLE_SECONDS - 1).await);
    assert!(!is_on(idle, NOW + SESSION_IDLE_SECONDS).await);
    // Whoever is never idle is asked again in the end.
    let (_, busy) = session(&store, None, NOW).await;
    store.session_used(busy, NOW + SESSION_MAX_SECONDS - 1).await.unwrap();
    assert!(is_on(busy, NOW + SESSION_MAX_SECONDS - 1).await);
    store.session_used(busy, NOW + SESSION_MAX_SECONDS).await.unwrap();
    assert!(!is_on(busy, NOW + SESSION_MAX_SECONDS).await);
    let (_, ended) = session(&store, None, NOW).await;
    store.end_session(ended, &admin(), NOW + 1).await.unwrap();
    assert!(!is_on(ended, NOW + 1).await);
    // No use brings it back, and it ends once.
    store.session_used(ended, NOW + 2).await.unwrap();
    store.end_session(ended, &admin(), NOW + 3).await.unwrap();
    assert!(!is_on(ended, NOW + 2).await && !is_on(B256::ZERO, NOW).await);
    let ends = kinds(&store).await.iter().filter(|kind| *kind == "session.ended").count();
    assert_eq!(ends, 1);
}

pub(super) async fn nothing_is_kept_by_which_somebody_could_come_in(ground: &Ground) {
    let store = ground.open().await;
    let (shown, id) = token(&store, "alice", Role::Admin, NOW).await;
    let (cookie, reference) = session(&store, Some(id), NOW).await;
    let secret = shown.rsplit('_').next().unwrap().to_owned();
    let (raw_secret, raw_cookie) = (hex::decode(&secret).unwrap(), hex::decode(&cookie).unwrap());
    for (table, rows) in ground.contents().await.0 {
        for cell in rows.into_iter().flatten() {
            let (text, bytes) = match cell {
                Cell::Text(text) => (text.clone(), text.into_bytes()),
                Cell::Bytes { hex } => (hex::encode(&hex), hex.to_vec()),
                Cell::Number(_) | Cell::Null => continue,
            };
            for (known, raw) in [(&secret, &raw_secret), (&cookie, &raw_cookie)] {
                let there = text.contains(&**known) || bytes.windows(32).any(|part| part == raw);
                assert!(!there, "{} has it", table.table);
            }
        }
    }
    // And it is known again all the same.
    let (named, hashed) = token_of(&shown).unwrap();
    assert_eq!(named, id);
    let kept = store.token(id).await.unwrap().unwrap().secret;
    assert!(same(&kept, &hashed) && !same(&kept, &B256::ZERO));
    assert_eq!(reference_of(&cookie), Some(reference));
}
