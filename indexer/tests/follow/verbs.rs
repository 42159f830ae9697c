//! The verbs of those who keep an installation, as they are run: tokens, and what proves the audit
//! log. What they say on stdout is the result, what they refuse is one sentence, and how they end
//! says which.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::cluster;
use crate::keeping::{databases, error, folder, said, with_database};

/// Characters of `idx_`, the id, a line and the secret.
const TOKEN_CHARS: usize = 4 + 16 + 1 + 64;

/// A folder with a configuration, and its database.
struct Desk {
    folder: tempfile::TempDir,
    url: Option<String>,
}

impl Desk {
    /// One over each kind of database.
    async fn each() -> Vec<Self> {
        let urls = databases().await.into_iter();
        urls.map(|url| Self { folder: folder().0, url }).collect()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a verb prints that does as it is told.
    async fn does(&self, arguments: &[&str]) -> String {
        said(with_database(self.path(), self.url.as_deref()).args(arguments)).await
    }

    async fn ends(&self, arguments: &[&str]) -> Output {
        let mut command = with_database(self.path(), self.url.as_deref());
        command.args(arguments).output().await.unwrap()
    }

    /// What a verb says that does not.
    async fn refuses(&self, arguments: &[&str]) -> String {
        let said = error(&self.ends(arguments).await);
        assert!(said.starts_with("error: ") && said.lines().count() == 1, "{said}");
        said
    }

    /// A new token.
    async fn token(&self, person: &str) -> String {
        let made = self.does(&["tokens", "create", "--person", person, "--role", "analyst"]).await;
        let token = made.strip_suffix('\n').unwrap();
        assert!(token.starts_with("idx_") && token.len() == TOKEN_CHARS, "nothing but the token");
        token.to_owned()
    }

    /// Has statements done past every verb, as somebody with the database in hand can.
    async fn execute(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        if let Some(url) = &self.url {
            let url = url.clone().into();
            cluster::connect(&url).await.execute(statements).await.unwrap();
            return;
        }
        let file = self.path().join("interdict.sqlite");
        let options = SqliteConnectOptions::new().filename(file);
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        db.execute(statements).await.unwrap();
        db.close().await.unwrap();
    }

    /// The log is no longer kept from being changed.
    async fn unlock(&self) {
        self.execute(match self.url {
            Some(_) => "DROP TRIGGER audit_rows_stay ON audit",
            None => "DROP TRIGGER audit_rows_stay; DROP TRIGGER audit_rows_stay_as_they_are",
        })
        .await;
    }
}

fn id(token: &str) -> &str {
    token.split('_').nth(1).unwrap()
}

#[tokio::test]
async fn a_token_is_shown_once_listed_without_what_lets_in_and_revoked_once() {
    for desk in Desk::each().await {
        let token = desk.token("alice").await;
        let secret = token.rsplit('_').next().unwrap();
        let table = desk.does(&["tokens", "list"]).await;
        for word in [id(&token), "alice", "analyst", "live", "console", "never"] {
            assert!(table.contains(word), "{word} is not in\n{table}");
        }
        assert!(!table.contains(secret), "{table}");
        let listed: Value =
            serde_json::from_str(&desk.does(&["tokens", "list", "--json"]).await).unwrap();
        let tokens = listed["data"]["tokens"].as_array().unwrap();
        assert_eq!((tokens.len(), &tokens[0]["state"]), (1, &"live".into()));
        assert!(!listed.to_string().contains(secret));

        let revoked = desk.does(&["tokens", "revoke", id(&token)]).await;
        assert_eq!(revoked, format!("{} lets nobody in any more\n", id(&token)));
        assert!(desk.does(&["tokens", "list"]).await.contains("revoked"));
        for gone in [id(&token), "0011223344556677"] {
            let refused = desk.refuses(&["tokens", "revoke", gone]).await;
            let expected = format!("there is no live token {gone}: see `interdict-indexer tokens");
            assert!(refused.contains(&expected), "{refused}");
        }
        let said = desk.does(&["verify-audit"]).await;
        assert!(said.starts_with("2 rows, each as it was written\n"), "{said}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_a_wrong_use_or_refused() {
    let desk = Desk { folder: folder().0, url: None };
    let create = |person, role, days| {
        ["tokens", "create", "--person", person, "--role", role, "--days", days]
    };
    for arguments in [
        &create("alice", "boss", "9")[..],
        &create("alice", "admin", "0"),
        &create("alice", "admin", "367"),
        &["tokens", "create", "--role", "admin"],
        &["tokens", "revoke", "zz"],
        &["tokens", "revoke"],
    ] {
        let ended = desk.ends(arguments).await;
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.stdout.is_empty() && !ended.stderr.is_empty());
    }
    for person in ["console", "anonymous", "", "<b>"] {
        let refused = desk.refuses(&create(person, "admin", "9")).await;
        assert!(refused.contains("--person is no name"), "{refused}");
    }
    let none = desk.does(&["tokens", "list"]).await;
    assert!(none.contains("there are no tokens"), "{none}");
}

#[tokio::test]
async fn whoever_looks_for_a_database_that_is_not_there_makes_none() {
    let desk = Desk { folder: folder().0, url: None };
    let key = desk.path().join("audit.key");
    desk.does(&["audit", "key", key.to_str().unwrap()]).await;
    let out = desk.path().join("point.json");
    let checkpoint = ["audit", "checkpoint", "--key", key.to_str().unwrap(), out.to_str().unwrap()];
    for arguments in [
        &["verify-audit"][..],
        &["tokens", "list"],
        &["tokens", "revoke", "0011223344556677"],
        &checkpoint,
    ] {
        let refused = desk.refuses(arguments).await;
        assert!(refused.contains("there is no database "), "{arguments:?}: {refused}");
        assert!(refused.contains("interdict.sqlite: start the indexer"), "{refused}");
        assert!(!desk.path().join("interdict.sqlite").exists() && !out.exists());
    }
    // A server has databases without tables.
    let desk = Desk { folder: folder().0, url: databases().await[1].clone() };
    let refused = desk.refuses(&["verify-audit"]).await;
    assert!(refused.contains("start the indexer on it first"), "{refused}");
}

#[tokio::test]
async fn a_key_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk { folder: crate::keeping::folder().0, url: None };
    let path = folder.path().join("audit.key");
    let key = ["audit", "key", path.to_str().unwrap()];
    let public = desk.does(&key).await;
    assert_eq!((public.trim().len(), hex::decode(public.trim()).unwrap().len()), (64, 32));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(&path).unwrap().contains(public.trim()));
    let before = std::fs::read(&path).unwrap();
    let refused = desk.refuses(&key).await;
    assert!(refused.contains("audit.key") && refused.contains("name another file"), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), before, "nothing is written over");
    for none in ["none/audit.key", "audit.key/audit.key"] {
        let none = folder.path().join(none);
        let refused = desk.refuses(&["audit", "key", none.to_str().unwrap()]).await;
        assert!(refused.contains("see its folder") && !none.exists(), "{refused}");
    }
}

#[tokio::test]
async fn a_checkpoint_is_signed_and_agrees_with_the_log_that_goes_on() {
    for desk in Desk::each().await {
        for person in ["alice", "bob", "carol"] {
            desk.token(person).await;
        }
        let (key, out) = (desk.path().join("audit.key"), desk.path().join("point.json"));
        let (key, out) = (key.to_str().unwrap(), out.to_str().unwrap());
        let public = desk.does(&["audit", "key", key]).await;
        let checkpoint = ["audit", "checkpoint", "--key", key, out];
        let made = desk.does(&checkpoint).await;
        assert!(made.starts_with("row 3, hash 0x") && made.contains("elsewhere"), "{made}");
        assert!(desk.refuses(&checkpoint).await.contains("point.json"), "it is there already");
        desk.token("dora").await;
        let verify = ["verify-audit", "--public-key", public.trim(), "--checkpoint", out];
        let said = desk.does(&verify).await;
        assert!(said.starts_with("4 rows, each as it was written\nhead 0x"), "{said}");
        assert!(said.ends_with("agrees with 1 of 1 checkpoints\n"), "{said}");
        let alone = desk.does(&["verify-audit"]).await;
        assert!(alone.contains("that its end was not cut off or written anew is not proved"));
        let json: Value =
            serde_json::from_str(&desk.does(&[&verify[..], &["--json"]].concat()).await).unwrap();
        assert_eq!((&json["data"]["rows"], &json["data"]["checkpoints"]), (&4.into(), &1.into()));

        let other = "00".repeat(32);
        let of_other = ["verify-audit", "--public-key", &other, "--checkpoint", out];
        assert!(desk.refuses(&of_other).await.contains("point.json proves nothing"));
        let no_key = ["verify-audit", "--public-key", "zz", "--checkpoint", out];
        assert!(desk.refuses(&no_key).await.contains("is no public key"));
        assert_eq!(desk.ends(&["verify-audit", "--checkpoint", out]).await.status.code(), Some(2));
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let second = desk.path().join("second.json");
        let open = ["audit", "checkpoint", "--key", key, second.to_str().unwrap()];
        assert!(desk.refuses(&open).await.contains("chmod 600"));
        assert!(!second.exists());
    }
}

#[tokio::test]
async fn a_log_that_was_tampered_with_is_found_with_its_row() {
    for desk in Desk::each().await {
        for person in ["alice", "bob", "carol", "dora"] {
            desk.token(person).await;
        }
        let (key, out) = (desk.path().join("audit.key"), desk.path().join("point.json"));
        let (key, out) = (key.to_str().unwrap(), out.to_str().unwrap());
        let public = desk.does(&["audit", "key", key]).await;
        desk.does(&["audit", "checkpoint", "--key", key, out]).await;
        let against = ["verify-audit", "--public-key", public.trim(), "--checkpoint", out];
        desk.unlock().await;

        // The end is cut off: the rows that are left are as they were written.
        desk.execute("CREATE TABLE kept AS SELECT * FROM audit").await;
        desk.execute("DELETE FROM audit WHERE number = 4").await;
        assert!(desk.does(&["verify-audit"]).await.starts_with("3 rows, each as it was"));
        let found = desk.refuses(&against).await;
        assert!(found.contains("the audit log was tampered with, row 4"), "{found}");
        desk.execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept").await;
        desk.does(&against).await;

        desk.execute("UPDATE audit SET person = 'mallory' WHERE number = 2").await;
        for verb in [&against[..], &["verify-audit"], &["verify-audit", "--json"]] {
            let found = desk.refuses(verb).await;
            assert!(found.contains("the audit log was tampered with, row 2"), "{found}");
            assert!(found.contains("compare with a backup"), "{found}");
        }
        let second = desk.path().join("second.json");
        let checkpoint = ["audit", "checkpoint", "--key", key, second.to_str().unwrap()];
        assert!(desk.refuses(&checkpoint).await.contains("row 2"));
        assert!(!second.exists(), "nobody signs that");
    }
}
