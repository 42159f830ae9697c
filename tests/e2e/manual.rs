//! The manual and the completions come from the definition of the command line, and miss no verb.

use anyhow::{Context as _, Result};
use interdict_tests::cli::Cli;

fn cli(folder: &std::path::Path) -> Cli {
    // Neither needs a node.
    Cli { rpc_url: "http://127.0.0.1:1".to_owned(), deployments: folder.to_owned() }
}

/// Words of roff without its escapes for hyphens and apostrophes and its font changes.
fn plain(roff: &str) -> String {
    roff.replace("\\-", "-")
        .replace("\\*(Aq", "'")
        .replace("\\fB", "")
        .replace("\\fI", "")
        .replace("\\fR", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_has_a_page_with_its_examples() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = cli(folder.path());
    let pages = folder.path().join("man1");
    let out = pages.display().to_string();
    cli.json(&["man", "--out", &out], 0).await?;
    let verbs = cli.verbs().await?;
    assert!(verbs.len() >= 17, "{verbs:?}");
    let read = |name: &str| {
        std::fs::read_to_string(pages.join(name)).with_context(|| format!("no page {name}"))
    };
    let main = plain(&read("interdict.1")?);
    for verb in &verbs {
        assert!(main.contains(&format!("interdict-{verb}(1)")), "{verb} is not in the main page");
        let page = plain(&read(&format!("interdict-{verb}.1"))?);
        assert!(page.starts_with(".ie") && page.contains(".TH"), "{page}");
        let help = cli.run(&[verb, "--help"]).await?.stdout;
        for line in help.lines().filter(|line| line.starts_with("  interdict ")) {
            assert!(page.contains(line.trim()), "{line:?} is not in the page of {verb}");
        }
    }
    let written = std::fs::read_dir(&pages)?.count();
    assert_eq!(written, verbs.len() + 1);
    assert!(cli.run(&["man"]).await?.stdout.contains(".TH interdict"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_complete_every_verb() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = cli(folder.path());
    let verbs = cli.verbs().await?;
    for shell in ["bash", "zsh", "fish"] {
        let run = cli.run(&["completions", shell]).await?;
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for verb in &verbs {
            assert!(run.stdout.contains(verb.as_str()), "{verb} is not completed in {shell}");
        }
    }
    Ok(())
}
