//! Whose dealings are looked after, and by what they are judged.

use interdict_core::audit::Who;
use interdict_core::policy::{DEFAULT, Policy};
use interdict_core::subject::{Subject, SubjectKind};

use super::ground::{Ground, NOW};
use crate::store::Imported;
use crate::world::account;

fn subject(n: u8, kind: SubjectKind, reference: &str) -> Subject {
    Subject { address: account(n), kind, reference: reference.to_owned() }
}

pub(super) async fn subjects_come_and_go_and_each_change_is_seen(ground: &Ground) {
    use SubjectKind::{Customer, Pool};
    let store = ground.open().await;
    assert!(store.subjects().await.unwrap().is_empty());
    assert_eq!(store.subjects_changed().await.unwrap(), 0);
    let (one, two) = (subject(1, Customer, "K-1"), subject(2, Pool, ""));
    let both = [two.clone(), one.clone()];
    let imported = store.import_subjects(&both, &Who::console(), NOW).await.unwrap();
    assert_eq!(imported, Imported { added: 2, ..Imported::default() });
    assert_eq!(store.subjects().await.unwrap(), [one.clone(), two.clone()]);
    let seen = store.subjects_changed().await.unwrap();

    // The same again is no change; another reference is, and nobody else is touched.
    let again = store.import_subjects(&both, &Who::console(), NOW + 1).await.unwrap();
    assert_eq!(again, Imported { unchanged: 2, ..Imported::default() });
    assert_eq!(store.subjects_changed().await.unwrap(), seen);
    let moved = subject(1, Customer, "K-2");
    let changed = store
        .import_subjects(std::slice::from_ref(&moved), &Who::console(), NOW + 2)
        .await
        .unwrap();
    assert_eq!(changed, Imported { changed: 1, ..Imported::default() });
    assert_eq!(store.subjects().await.unwrap(), [moved.clone(), two.clone()]);
    let later = store.subjects_changed().await.unwrap();
    assert!(later > seen);

    // Whoever goes is seen to go, and may come back.
    assert!(store.remove_subject(two.address, &Who::console(), NOW + 3).await.unwrap());
    assert!(!store.remove_subject(two.address, &Who::console(), NOW + 4).await.unwrap());
    assert!(!store.remove_subject(account(9), &Who::console(), NOW).await.unwrap());
    assert_eq!(store.subjects().await.unwrap(), [moved]);
    assert!(store.subjects_changed().await.unwrap() > later);
    assert_eq!(ground.rows("subjects").await.len(), 2, "the record stays");
    let back =
        store.import_subjects(std::slice::from_ref(&two), &Who::console(), NOW + 5).await.unwrap();
    assert_eq!(back, Imported { added: 1, ..Imported::default() });
    assert_eq!(store.subjects().await.unwrap().len(), 2);
}

pub(super) async fn a_policy_is_kept_once(ground: &Ground) {
    let store = ground.open().await;
    let policy = Policy::standard();
    store.keep_policy(&policy, NOW).await.unwrap();
    store.keep_policy(&policy, NOW + 9).await.unwrap();
    let other = Policy::parse(&format!("{DEFAULT}\n")).unwrap();
    store.keep_policy(&other, NOW).await.unwrap();
    assert_eq!(ground.rows("policies").await.len(), 2, "another byte is another document");
}
