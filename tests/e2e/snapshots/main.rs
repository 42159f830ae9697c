//! Everything that `interdict` says, as people read it: every verb and every form of one, where it
//! succeeds and where it fails, on one chain whose keys and times are always the same; and the same
//! as programs read it. Read the files of `said`, `json` and `help` to know how the command line
//! speaks; `make bless` writes them anew.

mod council;
mod lists;
mod redact;
mod story;
mod transcript;

use anyhow::Result;
use interdict_tests::repository;

use self::story::Story;

const FOLDER: &str = "tests/e2e/snapshots";

#[tokio::test(flavor = "multi_thread")]
async fn what_every_verb_says() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut story = Story::begin(folder.path()).await?;
    story.before_there_is_a_list().await?;
    story.publications_become_plans().await?;
    story.a_quorum_holds().await?;
    story.the_list_is_asked().await?;
    story.the_council_votes().await?;
    story.the_past_is_asked().await?;
    story.a_delisting_waits().await?;
    story.a_hold_is_retracted().await?;
    story.without_a_node().await?;
    story.transcript.assert_covers(&story.forms().await?);
    story.transcript.assert_same(&repository().join(FOLDER))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_help_says() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let story = Story::begin(folder.path()).await?;
    let mut helps = vec![("interdict".to_owned(), story.help("").await?)];
    for form in story.verbs("").await? {
        helps.push((form.clone(), story.help(&form).await?));
        if form == "wallet" {
            for verb in story.verbs("wallet").await? {
                let form = format!("wallet {verb}");
                helps.push((form.replace(' ', "-"), story.help(&form).await?));
            }
        }
    }
    transcript::compare(&repository().join(FOLDER).join("help"), helps)
}
