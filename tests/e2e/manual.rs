//! The manual and the completions come from the definition of the command line, and miss no verb.

use anyhow::{Context as _, Result};
use interdict_tests::cli::Cli;

/// Words of roff without its escapes for hyphens and apostrophes and its font changes.
fn plain(roff: &str) -> String {
    roff.replace("\\-", "-")
        .replace("\\*(Aq", "'")
        .replace("\\fB", "")
        .replace("\\fI", "")
        .replace("\\fR", "")
}

/// What is typed in an example, of whichever program.
fn is_typed(line: &str) -> bool {
    ["  interdict ", "  cast "].iter().any(|start| line.starts_with(start))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_a_page_with_its_examples() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path());
    let pages = folder.path().join("man1");
    let out = pages.display().to_string();
    cli.json(&["man", "--out", &out], 0).await?;
    let commands = cli.commands().await?;
    assert!(commands.len() >= 19, "{commands:?}");
    assert!(commands.iter().any(|words| words.len() > 1), "{commands:?}");
    let read = |name: &str| {
        std::fs::read_to_string(pages.join(name)).with_context(|| format!("no page {name}"))
    };
    let mut cast = 0;
    for words in &commands {
        let name = words.join("-");
        let above = ["interdict"].into_iter().chain(words[..words.len() - 1].iter().map(|w| &**w));
        let above = above.collect::<Vec<_>>().join("-");
        let there = plain(&read(&format!("{above}.1"))?);
        assert!(there.contains(&format!("interdict-{name}(1)")), "{name} is not in {above}");
        let page = plain(&read(&format!("interdict-{name}.1"))?);
        assert!(page.starts_with(".ie") && page.contains(".TH"), "{page}");
        let help = cli.run(&[words.as_slice(), &["--help".to_owned()]].concat()).await?.stdout;
        let examples: Vec<&str> = help.lines().filter(|line| is_typed(line)).collect();
        let own = format!("  interdict {}", words.join(" "));
        assert!(examples.iter().any(|line| line.starts_with(&own)), "no example in:\n{help}");
        for line in &examples {
            assert!(page.contains(line.trim()), "{line:?} is not in the page of {name}");
        }
        cast += examples.iter().filter(|line| line.starts_with("  cast ")).count();
    }
    assert!(cast > 0, "no example of cast was looked at");
    assert_eq!(std::fs::read_dir(&pages)?.count(), commands.len() + 1);
    assert!(cli.run(&["man"]).await?.stdout.contains(".TH interdict"));
    Ok(())
}

/// What a page sends its reader to is there.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_refers_to_one_that_is_not_there() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let pages = folder.path().join("man1");
    Cli::without_network(folder.path())
        .json(&["man", "--out", &pages.display().to_string()], 0)
        .await?;
    let mut references = 0;
    for page in std::fs::read_dir(&pages)? {
        let text = plain(&std::fs::read_to_string(page?.path())?);
        // An exit code in brackets has no name before it.
        let named = text.split_whitespace().filter_map(|word| word.strip_suffix("(1)"));
        for word in named.filter(|word| !word.is_empty()) {
            references += 1;
            assert!(pages.join(format!("{word}.1")).is_file(), "{word}(1) has no page");
        }
    }
    assert!(references > 20, "{references}");
    Ok(())
}

/// What is a document and no message comes out as it is, byte for byte.
#[tokio::test(flavor = "multi_thread")]
async fn documents_on_stdout_are_what_programs_get() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path());
    let documents = [("bash", "script"), ("zsh", "script"), ("fish", "script"), ("", "page")];
    for (shell, member) in documents {
        let args = if shell.is_empty() { vec!["man"] } else { vec!["completions", shell] };
        let document = cli.json(&args, 0).await?[member].as_str().context("none")?.to_owned();
        assert_eq!(cli.run(&args).await?.stdout.trim_end(), document.trim_end(), "{args:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_complete_every_verb() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path());
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
