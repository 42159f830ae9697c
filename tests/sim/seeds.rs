//! Some seeds of the simulation, and that a seed always tells the same story.
#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

/// Seeds that run with every test.
const SEEDS: u64 = 300;
/// Bugs that are planted at the least.
const PLANTED_MIN: usize = 15;
/// Faults that each seed has at the least.
const FAULTS_MIN: u64 = 50;

#[test]
fn nothing_is_lost_invented_or_stuck() {
    let sum = interdict_sim::many(0..SEEDS, 5);
    let wrong: Vec<_> =
        sum.wrong.iter().map(|w| format!("SEED={}: {}", w.seed, w.reason)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum.fewest >= Some(FAULTS_MIN), "a seed has only {:?} faults", sum.fewest);
    assert_eq!(sum.rare(1), [0u8; 0], "faults that never happened");
    assert!(sum.alerts > 10 * SEEDS, "there is something to be found: {}", sum.alerts);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in 0..5 {
        let (first, second) =
            (interdict_sim::run(seed).unwrap(), interdict_sim::run(seed).unwrap());
        assert_eq!(first, second, "seed {seed}");
    }
}

/// What is tried elsewhere is tried there.
#[test]
fn the_tests_that_the_table_names_exist() {
    let indexer = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../indexer");
    let files = [
        "src/store/tests/faults.rs",
        "src/run/courier_tests/changes.rs",
        "tests/faults/company.rs",
        "tests/flood/main.rs",
    ];
    let code = files.map(|file| std::fs::read_to_string(indexer.join(file)).unwrap()).concat();
    for test in interdict_sim::ELSEWHERE.iter().filter_map(|elsewhere| elsewhere.test) {
        assert!(code.contains(&format!("fn {test}(")), "{test} is no test of the indexer");
    }
}

/// The bugs that `make planted` builds one by one: a patch that no longer applies catches nothing.
#[test]
fn every_planted_bug_still_applies() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut patches: Vec<_> = std::fs::read_dir(here.join("planted"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "patch"))
        .collect();
    patches.sort();
    assert!(patches.len() >= PLANTED_MIN, "only {} bugs are planted", patches.len());
    for patch in patches {
        let applied = std::process::Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(here.join("../.."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&applied.stderr);
        assert!(applied.status.success(), "{}: {said}", patch.display());
    }
}
