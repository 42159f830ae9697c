//! The whole document, asked by a fuzzer that knows it (schemathesis), in each role. It needs that
//! program, which is no part of the repository: `tests/api/fuzz` names it in `SCHEMATHESIS`. What
//! every build checks instead is in `roles`, `threats` and `nouns`.

use std::process::Stdio;
use std::time::Duration;

use interdict_core::audit::Who;
use interdict_core::subject::{Subject, SubjectKind};

use super::super::access::Role;
use super::super::routes;
use super::site::Site;
use crate::config::Api;
use crate::world::{TOKEN, account, tx};

/// What is looked at: no failure of the server, and no answer outside of the document.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,allow_header_conformance";
/// Cases of each operation.
const CASES: &str = "40";

#[tokio::test]
async fn a_fuzzer_finds_no_answer_outside_of_the_document() {
    let Some(program) = std::env::var_os("SCHEMATHESIS") else {
        eprintln!("skipped: SCHEMATHESIS names no program (see tests/api/fuzz)");
        return;
    };
    let api = Api { requests_per_second: 10_000.try_into().unwrap(), ..Api::loopback() };
    let payment = |n| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000);
    let site = Site::with(api, (0..50).map(payment).collect()).await;
    site.follows();
    let subject =
        |n| Subject { address: account(n), kind: SubjectKind::Customer, reference: "K".to_owned() };
    let subjects: Vec<_> = (10..20).map(subject).collect();
    site.store.import_subjects(&subjects, &Who::console(), 1).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, routes::document().to_json().unwrap()).unwrap();
    for role in Role::ALL {
        let mut child = tokio::process::Command::new(&program)
            .args(["run", "--no-color", "--workers", "2", "--checks", CHECKS, "-n", CASES])
            .args(["--exclude-path", "/v1/stream", "--continue-on-failure"])
            .args(["--phases", "examples,coverage,fuzzing", "--url", &site.url])
            .arg("-H")
            .arg(format!("Authorization: Bearer {}", site.tokens[&format!("{role}-one")]))
            .arg(&file)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let ended = loop {
            tokio::select! {
                ended = child.wait() => break ended.unwrap(),
                // It guesses, too: what is wrong is forgotten soon on this clock.
                () = tokio::time::sleep(Duration::from_millis(100)) => {
                    site.clock.turn(Duration::from_secs(61));
                    site.follows();
                }
            }
        };
        assert!(ended.success(), "as {role}: see above");
    }
}
