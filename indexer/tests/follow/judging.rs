//! What people ask of policies and subjects, through the binary.

use std::path::Path;
use std::process::Stdio;

use interdict_core::policy::DEFAULT;
use serde_json::Value;
use tokio::process::Command;

use crate::keeping::{databases, error, folder, said, with_database};

/// The binary without a configuration.
fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict-indexer"));
    command.args(arguments).env_remove("INTERDICT_CONFIG").env_remove("DATABASE_URL");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_policy_is_checked_without_a_chain_or_a_database() {
    let told = said(&mut bare(&["policy", "check"])).await;
    assert!(told.starts_with("policy default-3, sha256 "), "{told}");
    assert!(told.contains("nothing is lighter than in the default policy"), "{told}");

    let dust = ["--direction", "inbound", "--worth", "2.5", "--signed-by", "other"];
    let told = said(bare(&["policy", "check"]).args(dust)).await;
    for line in [
        "after_delisting phase is while, not after",
        "spoof value is dust, not zero or unknown_token",
        "unsolicited_dust fits",
        "unsolicited_dust: informational, record, clock report_register",
        "or, together with earlier ones: unsolicited_dust.summed: high, case",
    ] {
        let words: Vec<_> = told.split_whitespace().collect();
        assert!(words.join(" ").contains(line), "{line}\n{told}");
    }
    assert!(told.contains(", program unknown, pending"), "{told}");
    let listed = ["--program", "CYBER2", "--finality", "finalized"];
    let final_one = said(bare(&["policy", "check"]).args(listed)).await;
    assert!(final_one.contains(", program CYBER2, finalized"), "{final_one}");
    let json = said(bare(&["policy", "check", "--json"]).args(dust)).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["schema_version"], &json["success"]), (&1.into(), &true.into()));
    let explained = &json["data"]["explanation"];
    assert_eq!(explained["outcome"]["class"], "unsolicited_dust");
    assert_eq!(explained["tried"][1]["unmet"][0]["condition"], "value");
    assert_eq!(explained["tried"][4]["fits"], true);

    let folder = tempfile::tempdir().unwrap();
    let dealing = written(folder.path(), "dealing.json", r#"{"phase":"boundary","worth":"50"}"#);
    let told = said(&mut bare(&["policy", "check", "--dealing", &dealing])).await;
    assert!(told.contains("boundary: medium, decide"), "{told}");
}

#[tokio::test]
async fn a_policy_that_cannot_be_relied_on_is_refused_with_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |text: &str, part: &str| {
        let path = written(folder.path(), "policy.toml", text);
        let output = bare(&["policy", "check", "--policy", &path]).output().await.unwrap();
        let told = error(&output);
        assert!(told.contains(part), "{part}\n{told}");
    };
    check(&DEFAULT.replacen("\"after\"", "\"later\"", 1), "line 22: unknown variant `later`").await;
    check(&DEFAULT.replacen("\"medium\"", "\"low\"", 1), "say why with `loosens`").await;
    let shadowed = format!("{}{}", &DEFAULT[..DEFAULT.rfind("[[rule]]").unwrap()], LAST);
    check(&shadowed, "never_heard can never fire").await;
    let output = bare(&["policy", "check", "--dealing", "-", "--phase", "after"]).output().await;
    assert_eq!(output.unwrap().status.code(), Some(2), "one or the other");
    let told = error(
        &bare(&["policy", "check", "--days-before", "3", "--phase", "while"])
            .output()
            .await
            .unwrap(),
    );
    assert!(told.contains("goes with the phase before"), "{told}");
    let told = error(&bare(&["policy", "replay", "--policy", "x"]).output().await.unwrap());
    assert!(told.contains("--config or INTERDICT_CONFIG"), "{told}");
}

const LAST: &str = "\
[[rule]]
class = \"never_heard\"
when = { exposure = [\"beside\"], value = [\"bare\"] }
severity = \"medium\"
action = \"case\"
says = \"Never.\"

[[rule]]
class = \"direct.inbound.while_listed\"
severity = \"high\"
action = \"case\"
says = \"The rest.\"
";

#[tokio::test]
async fn what_is_lighter_is_reported_with_its_reason_and_its_two_people() {
    let folder = tempfile::tempdir().unwrap();
    let lighter = DEFAULT
        .replacen("severity = \"medium\"", "severity = \"low\"\nloosens = \"agreed\"", 1)
        .replacen("reference", "approved_by = [\"Ann\", \"Bob\"]\nreference", 1);
    let path = written(folder.path(), "policy.toml", &lighter);
    let told = said(&mut bare(&["policy", "check", "--policy", &path])).await;
    assert!(told.contains("for which Ann and Bob answer"), "{told}");
    let words: Vec<_> = told.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(words[1..], ["boundary", "low", "boundary", "medium", "agreed"]);

    // A draft that nobody answers for is tried, and not judged by.
    let (folder, _) = crate::keeping::folder();
    let draft = DEFAULT.replacen("severity = \"medium\"", "severity = \"low\"", 1);
    let path = written(folder.path(), "draft.toml", &draft);
    said(with_database(folder.path(), None).args(["prune", "--dry-run"])).await;
    let mut replay = with_database(folder.path(), None);
    let told = said(replay.args(["policy", "replay", "--policy", &path])).await;
    assert!(told.starts_with("0 of 0 findings would be judged otherwise"), "{told}");
    let mut check = with_database(folder.path(), None);
    let output = check.args(["policy", "check", "--policy", &path]).output().await.unwrap();
    assert!(error(&output).contains("say why with `loosens`"));
}

#[tokio::test]
async fn subjects_are_imported_whole_or_not_at_all() {
    for url in databases().await {
        let (folder, _) = folder();
        let run = |arguments: &[&str]| {
            let mut command = with_database(folder.path(), url.as_deref());
            command.args(arguments);
            command
        };
        let told = error(&run(&["subjects", "list"]).output().await.unwrap());
        assert!(told.contains("start the indexer on it first"), "{told}");
        said(&mut run(&["prune", "--dry-run"])).await;
        assert!(said(&mut run(&["subjects", "list"])).await.contains("every counterparty"));

        let good = "address,kind,reference\n\
                    0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C,customer,K-17\n\
                    0x901bb9583b24d97e995513c6778dc6888ab6870e, pool ,\n";
        let file = written(folder.path(), "good.csv", good);
        let told = said(&mut run(&["subjects", "import", &file])).await;
        assert_eq!(told, "2 added, 0 changed, 0 as they were\n");
        let told = said(&mut run(&["subjects", "import", &file])).await;
        assert_eq!(told, "0 added, 0 changed, 2 as they were\n");

        for (row, part) in [
            ("0x12,customer,", "line 4: "),
            ("0x7F367cC41522cE07553e823bf3be79A889DEbe1B,friend,", "line 4: "),
            ("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C,pool,", "is there twice"),
            ("0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353C,pool,", "line 4: "),
        ] {
            let file = written(folder.path(), "bad.csv", &format!("{good}{row}\n"));
            let told = error(&run(&["subjects", "import", &file]).output().await.unwrap());
            assert!(told.contains(part) && told.contains("no subject was added"), "{told}");
        }
        let json = said(&mut run(&["subjects", "list", "--json"])).await;
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["data"]["subjects"].as_array().unwrap().len(), 2);
        assert_eq!(json["data"]["subjects"][0]["reference"], "K-17");
        let gone = "0x901bb9583b24d97e995513c6778dc6888ab6870e";
        said(&mut run(&["subjects", "remove", gone])).await;
        let told = error(&run(&["subjects", "remove", gone]).output().await.unwrap());
        assert!(told.contains("is no subject"), "{told}");
        let told = said(&mut run(&["subjects", "list"])).await;
        assert!(told.contains("K-17") && !told.contains("pool"), "{told}");
    }
}
