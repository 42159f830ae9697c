//! A reviewer: has their own copy of the publication, and the chain, and is handed a plan or shown
//! a proposal by somebody else.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::council::Plan;
use crate::exit::STALE;
use crate::forger::Forgery;
use crate::room::Room;
use crate::{assert_says, publication};

/// What a reviewer is told beside the difference itself of a file that was edited and no more.
const NOT_WHOLE: &str = "not_whole";

/// A chain with a council, and who reviews on it.
#[derive(Debug)]
pub struct Reviewer {
    /// The council on its chain, and where all files are.
    pub room: Room,
    /// The reviewer's own copy of the publication.
    pub genuine: PathBuf,
}

/// One change of a plan, made in two ways.
#[derive(Debug)]
pub struct Forged {
    /// By somebody who makes everything in the file consistent again.
    pub sealed: String,
    /// By somebody who edits the file.
    pub plain: String,
}

/// A difference: its kind, and the sentence.
pub type Told = (String, String);

impl Reviewer {
    /// A council on a chain of its own, whose list is empty.
    ///
    /// # Errors
    /// Something does not start, or the deployment fails.
    pub async fn open() -> Result<Self> {
        Ok(Self { room: Room::open().await?, genuine: publication("sample_enhanced.xml") })
    }

    /// The plan that the reviewer's own copy gives.
    ///
    /// # Errors
    /// `interdict plan` fails.
    pub async fn honest(&self) -> Result<Plan> {
        self.room.council.plan(&self.genuine, "honest.json").await
    }

    /// The honest plan after somebody has changed it.
    ///
    /// # Errors
    /// The change is none, or what was not changed does not pass.
    pub async fn forged(&self, change: impl FnOnce(&mut Forgery) -> Result<()>) -> Result<Forged> {
        let honest = self.honest().await?;
        let genuine = Forgery::of(&honest.path)?;
        let mut forgery = genuine.clone();
        change(&mut forgery)?;
        ensure!(forgery.plan != genuine.plan, "nothing was changed");
        let plain = forgery.save(&self.room.file("edited.json"))?;
        let sealed = forgery.seal(&self.room.file("forged.json"))?;
        // What was not changed must pass, or the test would be of the forger's mistakes.
        let untouched = genuine.seal(&self.room.file("untouched.json"))?;
        self.room
            .council
            .cli
            .json(&["verify", &untouched, "--publication", &self.mine()], 0)
            .await?;
        Ok(Forged { sealed, plain })
    }

    /// The path of the reviewer's own copy.
    pub fn mine(&self) -> String {
        self.genuine.display().to_string()
    }

    /// The differences that the reviewer is told of, who compares what these arguments name.
    ///
    /// # Errors
    /// Nothing differs, or the command fails otherwise.
    pub async fn differences(&self, what: &[&str]) -> Result<Vec<Told>> {
        let mine = self.mine();
        let mut args = vec!["verify"];
        args.extend(what);
        args.extend(["--publication", mine.as_str()]);
        let data = self.room.council.cli.json(&args, STALE).await?;
        let differences = data["differences"].as_array().context("no differences")?;
        let text = |d: &Value, name: &str| d[name].as_str().unwrap_or_default().to_owned();
        Ok(differences.iter().map(|d| (text(d, "kind"), text(d, "message"))).collect())
    }

    /// The reviewer is told of this one difference, in these words, and of nothing else.
    ///
    /// # Errors
    /// As of [`Self::differences`].
    ///
    /// # Panics
    /// They are told of something else.
    pub async fn told(&self, what: &[&str], kind: &str, words: &[&str]) -> Result<()> {
        assert_told(&self.differences(what).await?, kind, words);
        Ok(())
    }

    /// Of both forgeries the reviewer is told what differs, in these words; of the edited file also
    /// that it does not agree with itself, where it does not, and of nothing else.
    ///
    /// # Errors
    /// As of [`Self::differences`].
    ///
    /// # Panics
    /// They are told of something else.
    pub async fn told_of(&self, forged: &Forged, kind: &str, words: &[&str]) -> Result<()> {
        let sealed = self.differences(&[&forged.sealed]).await?;
        assert_told(&sealed, kind, words);
        let mut plain = self.differences(&[&forged.plain]).await?;
        plain.retain(|(kind, _)| kind != NOT_WHOLE);
        assert_eq!(plain, sealed, "the plain edit is told as exactly");
        Ok(())
    }
}

fn assert_told(found: &[Told], kind: &str, words: &[&str]) {
    assert_eq!(kinds(found), [kind], "{found:#?}");
    assert_says(&found[0].1, words);
}

/// The kinds of differences, in their order.
pub fn kinds(told: &[Told]) -> Vec<&str> {
    told.iter().map(|(kind, _)| kind.as_str()).collect()
}
