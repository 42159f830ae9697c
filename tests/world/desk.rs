//! Somebody's desk: a folder that is also their home, where they type commands at a shell, with
//! everybody's keystore where `--account` looks for it.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use alloy::primitives::Address;
use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::anvil::Anvil;
use crate::chain::Chain;
use crate::cli::Run;
use crate::keys::Person;

/// Where cast and `interdict` keep keystores, under the home.
const KEYSTORES: &str = ".foundry/keystores";

/// Where somebody has programs of their own, under the home.
const PROGRAMS: &str = "bin";

/// Where the programs of a machine are.
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A folder, a node and who has a key here.
#[derive(Debug)]
pub struct Desk {
    /// The folder.
    pub folder: PathBuf,
    /// The node that `ETH_RPC_URL` names.
    pub rpc_url: String,
    people: BTreeMap<String, Address>,
}

impl Desk {
    /// Everybody's keystores in a folder, readable by their owner alone; everybody has ether.
    ///
    /// # Errors
    /// The files cannot be written, or the node refuses.
    pub async fn furnish(folder: &Path, anvil: &Anvil, names: &[&str]) -> Result<Self> {
        let keystores = folder.join(KEYSTORES);
        std::fs::create_dir_all(&keystores)?;
        let chain = Chain::new(&anvil.url)?;
        let mut people = BTreeMap::new();
        for name in names {
            let person = Person::known(&keystores, name)?;
            for file in [&person.keystore, &person.password_file] {
                std::fs::set_permissions(file, Permissions::from_mode(0o600))?;
            }
            chain.fund(&person).await?;
            people.insert((*name).to_owned(), person.address());
        }
        std::fs::rename(keystores.join("password"), folder.join("password"))?;
        Ok(Self { folder: folder.to_owned(), rpc_url: anvil.url.clone(), people })
    }

    /// The address of somebody who has a key here.
    ///
    /// # Errors
    /// Nobody is called so.
    pub fn address(&self, name: &str) -> Result<Address> {
        self.people.get(name).copied().with_context(|| format!("nobody is called {name}"))
    }

    /// The same desk in another folder, with a copy of all that lies on it.
    ///
    /// # Errors
    /// The files cannot be copied.
    pub fn copied(&self, folder: &Path) -> Result<Self> {
        copy(&self.folder, folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            rpc_url: self.rpc_url.clone(),
            people: self.people.clone(),
        })
    }

    /// A file on the desk.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes what the authority of a publication might publish two days later: the same, but for
    /// an address.
    ///
    /// # Errors
    /// It never named it, or has another form or date than the sample.
    pub fn withdraw(&self, from: &str, to: &str, address: &str) -> Result<()> {
        let text = std::fs::read_to_string(self.file(from))?;
        let later = text.replace("<dataAsOf>2026-01-02T", "<dataAsOf>2026-01-04T");
        let mut kept = String::new();
        for piece in later.split_inclusive("</feature>") {
            match piece.split_once("<feature id") {
                Some((before, feature)) if feature.contains(address) => kept.push_str(before),
                _ => kept.push_str(piece),
            }
        }
        ensure!(later != text && kept.len() < later.len(), "{from} has no {address} of that day");
        Ok(std::fs::write(self.file(to), kept)?)
    }

    /// Types a line at the shell. Nothing of this machine's environment is in it, and there is no
    /// terminal.
    ///
    /// # Errors
    /// A program is not built or does not start.
    pub async fn types(&self, line: &str) -> Result<Run> {
        let output = self.shell(line)?.output().await.context("the shell does not start")?;
        Ok(Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The shell that [`Self::types`] runs.
    ///
    /// # Errors
    /// A program is not built.
    pub fn shell(&self, line: &str) -> Result<Command> {
        let ours = crate::program("interdict")?;
        let cast = crate::cast::find()?;
        let own = Some(self.file(PROGRAMS));
        let [ours, cast] = [&ours, &cast].map(|program| program.parent().map(Path::to_path_buf));
        let folders = [own, ours, cast].into_iter().flatten();
        let folders = folders.chain(std::env::split_paths(SYSTEM_PATH));
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", line])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::join_paths(folders)?)
            .env("HOME", &self.folder)
            .env("ETH_RPC_URL", &self.rpc_url)
            .env("ETH_PASSWORD", self.file("password"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
