//! A backup holds everything, fits both databases, and is whole or refused.

use std::os::unix::fs::PermissionsExt;

use super::ground::{Contents, Ground, NOW, first, home, intake, lined, paying};
use crate::store::{BackupError, CONFIG_ENDPOINT, Home, Place, Retry, Store, backup, restore};
use crate::world::genesis;

/// Bytes of gzip's sums, at its end.
const GZIP_SUMS_BYTES: usize = 8;

/// Four blocks with payments; two deliveries are over.
async fn filled(ground: &Ground) -> Store {
    let store = ground.begun().await;
    let mut below = genesis();
    for _ in 0..4 {
        let block = paying(below, 2);
        store.apply(intake(&block)).await.unwrap();
        below = block.header;
    }
    lined(&store).await;
    store.delivered(CONFIG_ENDPOINT, &[first(1)], NOW).await.unwrap();
    store.failed(CONFIG_ENDPOINT, first(2), "HTTP status 500", Retry::Never).await.unwrap();
    store.confirm_to(paying(genesis(), 2).header, NOW).await.unwrap();
    store
}

async fn grounds() -> [Ground; 2] {
    [Ground::sqlite(), Ground::postgres().await]
}

#[tokio::test]
async fn what_is_restored_is_what_was_backed_up_in_either_database() {
    for source in grounds().await {
        let store = filled(&source).await;
        let file = source.folder().join("backup");
        // The indexer has it open meanwhile.
        let made = backup(source.place(), &file, NOW).await.unwrap();
        assert!(made.rows > 20 && made.sha256.len() == 64, "{made:?}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        for target in grounds().await {
            assert_eq!(restore(target.place(), &file, home()).await.unwrap(), made);
            assert_eq!(target.contents().await, source.contents().await);
            let again = target.folder().join("again");
            let second = backup(target.place(), &again, NOW).await.unwrap();
            assert_eq!(second.rows, made.rows);
            // It is used like any other.
            target.open().await.close().await;
        }
        store.close().await;
    }
}

#[tokio::test]
async fn f52_yesterdays_backup_goes_on_to_the_same_end() {
    for source in grounds().await.into_iter().chain(grounds().await).zip([0, 0, 1, 1]) {
        let (source, crossed) = source;
        let [file, server] = grounds().await;
        let is_file = matches!(source.place(), Place::File(_));
        let target = if is_file == (crossed == 0) { file } else { server };
        goes_on(&source, &target).await;
    }
}

/// From a backup of one into the other, while the first goes on.
async fn goes_on(source: &Ground, target: &Ground) {
    let store = filled(source).await;
    let file = target.folder().join("yesterday");
    backup(source.place(), &file, NOW).await.unwrap();
    let tip = *store.trail().await.unwrap().1.last().unwrap();
    let today = [paying(tip, 3), paying(paying(tip, 3).header, 1)];
    for block in &today {
        store.apply(intake(block)).await.unwrap();
    }
    store.close().await;
    let end: Contents = source.contents().await.without_deliveries();

    restore(target.place(), &file, home()).await.unwrap();
    let restored = target.open().await;
    for block in &today {
        restored.apply(intake(block)).await.unwrap();
    }
    assert_eq!(target.contents().await.without_deliveries(), end, "ids and numbers too");
    restored.close().await;
}

#[tokio::test]
async fn a_restore_overwrites_nothing() {
    for ground in grounds().await {
        let store = filled(&ground).await;
        let file = ground.folder().join("backup");
        backup(ground.place(), &file, NOW).await.unwrap();
        store.close().await;
        drop(store);
        let before = ground.contents().await;
        let error = restore(ground.place(), &file, home()).await.unwrap_err();
        assert!(matches!(error, BackupError::NotEmpty(_)), "{error}");
        assert_eq!(ground.contents().await, before);
        let error = backup(ground.place(), &file, NOW).await.unwrap_err();
        assert!(matches!(error, BackupError::Exists(_)), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_whole_or_not_ours_is_refused_before_anything_is_written() {
    let source = Ground::sqlite();
    let store = filled(&source).await;
    let file = source.folder().join("backup");
    backup(source.place(), &file, NOW).await.unwrap();
    store.close().await;
    let whole = std::fs::read(&file).unwrap();
    let lines = unpacked(&whole);

    for target in grounds().await {
        let bad = target.folder().join("bad");
        let refused = async |bytes: &[u8]| {
            std::fs::write(&bad, bytes).unwrap();
            restore(target.place(), &bad, home()).await.unwrap_err()
        };
        for length in (0..whole.len()).step_by(whole.len() / 20) {
            let error = refused(&whole[..length]).await;
            let known = matches!(error, BackupError::Damaged(_) | BackupError::NoBackup);
            assert!(known, "cut at {length}: {error}");
        }
        // The last byte before gzip's own sums has bits that say nothing.
        let says_nothing = whole.len() - GZIP_SUMS_BYTES - 1;
        let places = (20..whole.len()).step_by(whole.len() / 40);
        for at in places.filter(|at| *at != says_nothing) {
            let mut altered = whole.clone();
            altered[at] ^= 0x10;
            let error = refused(&altered).await;
            // The first line is believed before the rest has proved it.
            let known = matches!(
                error,
                BackupError::Damaged(_)
                    | BackupError::NoBackup
                    | BackupError::Format(_)
                    | BackupError::Newer { .. }
                    | BackupError::OtherHome { .. }
            );
            assert!(known, "altered at {at}: {error}");
        }
        // Well packed, and a word or a line of it is another.
        let altered = lines.replacen("HTTP status 500", "HTTP status 200", 1);
        assert!(matches!(refused(&packed(&altered)).await, BackupError::Damaged(_)));
        let without: Vec<_> =
            lines.lines().enumerate().filter(|(n, _)| *n != 5).map(|(_, line)| line).collect();
        let without = without.join("\n") + "\n";
        assert!(matches!(refused(&packed(&without)).await, BackupError::Damaged(_)));
        let newer = lines.replacen("\"schema\":", "\"schema\":9", 1);
        assert!(matches!(refused(&packed(&newer)).await, BackupError::Newer { .. }));
        let later = lines.replacen("interdict-backup-1", "interdict-backup-2", 1);
        assert!(matches!(refused(&packed(&later)).await, BackupError::Format(_)));
        assert!(matches!(refused(b"no backup at all").await, BackupError::NoBackup));

        let other = Home { chain_id: 5, ..home() };
        let error = restore(target.place(), &file, other).await.unwrap_err();
        assert!(matches!(error, BackupError::OtherHome { .. }), "{error}");
        // After all that it is as empty as it was.
        restore(target.place(), &file, home()).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_was_never_used_has_no_backup() {
    for ground in grounds().await {
        let file = ground.folder().join("backup");
        assert!(backup(ground.place(), &file, NOW).await.is_err());
        assert!(!file.exists(), "nothing is left of it");
        assert_eq!(std::fs::read_dir(ground.folder()).unwrap().count(), 0);
    }
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, text.as_bytes()).unwrap();
    packer.finish().unwrap()
}
