//! Keys are for their owner alone, and a file that is there is never written over.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use super::*;

#[test]
fn a_key_is_for_its_owner_alone_and_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.key");
    let public = key(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(key(&path), Err(AuditError::File { .. })), "nothing is written over");
    let read = read_key(&path).unwrap().verifying_key().to_bytes();
    assert_eq!(public_key(&public).unwrap().0, read);
    assert!(!std::fs::read_to_string(&path).unwrap().contains(&public));

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(read_key(&path), Err(AuditError::Open(_))));
    let none = folder.path().join("none");
    std::fs::File::options().write(true).create_new(true).mode(0o600).open(&none).unwrap();
    assert!(matches!(read_key(&none), Err(AuditError::NoKey(_))));
}
