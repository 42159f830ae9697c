//! The room in which the council meets: with its list on a real chain, in a folder of its own, and
//! all of it gone when the room is dropped.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::anvil::{Anvil, Pace};
use crate::council::{Council, Plan};
use crate::publication;

/// A chain of its own, the council on it, and the folder with all their files.
#[derive(Debug)]
pub struct Room {
    folder: TempDir,
    /// The chain.
    pub anvil: Anvil,
    /// The council, and the command line.
    pub council: Council,
}

impl Room {
    /// People and a chain with nothing on it.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn convene() -> Result<Self> {
        Self::convene_on(Anvil::start(Pace::OnDemand).await?).await
    }

    /// As [`Self::convene`], on a chain that is there already.
    ///
    /// # Errors
    /// As there.
    pub async fn convene_on(anvil: Anvil) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let council = Council::convene(&anvil, folder.path()).await?;
        Ok(Self { folder, anvil, council })
    }

    /// People and a chain with the system deployed, whose list is empty.
    ///
    /// # Errors
    /// Something does not start, or the deployment fails.
    pub async fn open() -> Result<Self> {
        let room = Self::convene().await?;
        room.council.deploy().await?;
        Ok(room)
    }

    /// Where all files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The same as it is typed.
    pub fn path(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    /// The plan that the sample gives.
    ///
    /// # Errors
    /// It has no changes, or `interdict plan` fails.
    pub async fn plan(&self) -> Result<Plan> {
        self.council.plan(&publication("sample_enhanced.xml"), "plan.json").await
    }

    /// A copy of the sample with texts in the place of others.
    ///
    /// # Errors
    /// The sample has no such text.
    pub fn sample_with(&self, name: &str, changes: &[(&str, &str)]) -> Result<PathBuf> {
        let mut text = std::fs::read_to_string(publication("sample_enhanced.xml"))?;
        for (old, new) in changes {
            ensure!(text.contains(old), "the sample has no {old}");
            text = text.replace(old, new);
        }
        let path = self.file(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}
