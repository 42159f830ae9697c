//! A folder of plans and retractions, and the signatures that lie beside them.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use anyhow::{Context as _, Result};
use interdict_core::ledger::Act;
use serde_json::Value;

use super::{Item, Kind};
use crate::chain::Pinned;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::file;
use crate::paper::Paper;
use crate::paper::retraction;
use crate::paper::signature::{self, SignatureFile};
use crate::plan::{self, PLAN_BYTES_MAX};
use crate::text;

/// A folder with more files is no folder of plans.
const FILES_MAX: usize = 1000;

/// Within so many bytes of its beginning a file that we wrote has named what it is.
const BEGINNING_BYTES: u64 = 4096;

/// Whose signatures count, how many it takes, and who asks.
pub(super) struct Signers<'a> {
    pub(super) members: &'a [Address],
    pub(super) needed: usize,
    pub(super) asking: Option<Address>,
}

/// What lies in the folder.
#[derive(Debug)]
pub(super) struct Desk {
    papers: Vec<(PathBuf, Paper, B256)>,
    /// Who signed which digest.
    signatures: Vec<(Address, B256)>,
    /// Plans, retractions and signatures that cannot be read, each with its reason.
    pub(super) unreadable: Vec<String>,
}

/// Reads every plan, retraction and signature of a folder; other files are none of its business.
pub(super) fn read(folder: &Path) -> Result<Desk> {
    let context = || format!("cannot read the folder {}", folder.display());
    let mut desk = Desk { papers: Vec::new(), signatures: Vec::new(), unreadable: Vec::new() };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        if !entry.metadata().with_context(context)?.is_file() {
            continue;
        }
        if paths.len() == FILES_MAX {
            let message = format!("{} has more than {FILES_MAX} files", folder.display());
            return Err(Failure::new(Exit::Failed, "too_many_files", message)
                .next("give --plans a folder that has only plans and signatures")
                .into());
        }
        paths.push(entry.path());
    }
    paths.sort();
    for path in paths {
        if let Err(why) = desk.take(&path) {
            desk.unreadable.push(format!("{}: {why:#}", path.display()));
        }
    }
    Ok(desk)
}

/// Whether a file's beginning names it a plan, a retraction or a signature, whole or not.
fn names_ours(beginning: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(beginning);
    let quoted = |name: &str| beginning.contains(&format!("\"{name}\""));
    [plan::SCHEMA, retraction::SCHEMA, signature::SCHEMA].into_iter().any(quoted)
}

impl Desk {
    fn take(&mut self, path: &Path) -> Result<()> {
        let is_ours = names_ours(&file::beginning(path, BEGINNING_BYTES)?);
        // A publication that lies beside the plans may be as long as it likes.
        if !is_ours && std::fs::metadata(path)?.len() > PLAN_BYTES_MAX {
            return Ok(());
        }
        let bytes = file::bounded(path, PLAN_BYTES_MAX, "a plan, a retraction or a signature")?;
        let document: Value = match serde_json::from_slice(&bytes) {
            Err(_) if !is_ours => return Ok(()),
            read => read?,
        };
        match document["schema"].as_str() {
            Some(plan::SCHEMA | retraction::SCHEMA) => {
                let paper = Paper::parse(path, &bytes)?.whole(path)?;
                let digest = paper.typed()?.hashes().digest;
                self.papers.push((path.to_owned(), paper, digest));
            }
            Some(signature::SCHEMA) => {
                let file: SignatureFile = serde_json::from_value(document)?;
                file.check_key(file.digest)?;
                self.signatures.push((file.signer, file.digest));
            }
            _ => {}
        }
        Ok(())
    }

    /// The plans and retractions that could still be acted on, and lack signatures.
    pub(super) fn waiting(
        &self,
        deployed: &Deployed,
        acts: &[Act],
        at: Pinned,
        council: &Signers<'_>,
    ) -> Vec<Item> {
        let mut items = Vec::new();
        for (path, paper, digest) in &self.papers {
            let frame = paper.frame();
            let current = frame.check_place(deployed).is_ok()
                && frame.check_time(at.time).is_ok()
                && frame.stands_on(acts);
            if !current || paper.addresses().is_ok_and(|n| n == 0) {
                continue;
            }
            // A signature without a seat counts for nothing.
            let under = |(by, of): &(Address, B256)| {
                (of == digest && council.members.contains(by)).then_some(*by)
            };
            let mut signers: Vec<Address> = self.signatures.iter().filter_map(under).collect();
            signers.sort_unstable();
            signers.dedup();
            let mine = council.asking.is_some_and(|member| !signers.contains(&member));
            let needed = council.needed;
            let (n, path) = (signers.len(), text::printable(&path.display().to_string()));
            let (key, named) = match paper {
                Paper::Plan(_) => (format!("plan {path}"), path.clone()),
                Paper::Retraction(_) => {
                    (format!("retraction {path}"), format!("the retraction {path}"))
                }
            };
            let whose = if mine { "your signature" } else { "signatures" };
            let enough = n >= needed;
            items.push(Item {
                key,
                kind: if enough { Kind::Execution } else { Kind::Signature },
                mine: mine && !enough,
                says: if enough {
                    format!("sending: {named} has {n} of {needed} signatures")
                } else {
                    format!("{whose}: {named} has {n} of {needed}")
                },
                until: u64::try_from(frame.expires_at.as_second()).ok(),
                next: Some(if enough {
                    format!("interdict act {path} <signatures…>")
                } else {
                    format!("interdict sign {path}")
                }),
            });
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::plan;

    #[test]
    fn what_is_named_a_plan_and_cannot_be_read_is_told_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        plan().write(&path("plan.json")).unwrap();
        let whole = std::fs::read(path("plan.json")).unwrap();
        std::fs::write(path("cut.json"), &whole[..whole.len() / 2]).unwrap();
        std::fs::write(path("remarks.txt"), "{ no JSON").unwrap();
        for (name, beginning) in [("long.json", &*whole), ("SDN_ENHANCED.XML", b"<sanctionsData>")]
        {
            std::fs::write(path(name), beginning).unwrap();
            let file = std::fs::File::options().write(true).open(path(name)).unwrap();
            file.set_len(PLAN_BYTES_MAX + 1).unwrap();
        }
        let desk = read(folder.path()).unwrap();
        assert_eq!(desk.papers.len(), 1);
        let told: Vec<_> = desk.unreadable.iter().map(|line| line.split(": ").next()).collect();
        let expected = ["cut.json", "long.json"].map(|name| path(name).display().to_string());
        assert_eq!(told, expected.each_ref().map(|path| Some(path.as_str())));
        assert!(desk.unreadable[1].contains("is too long to be a plan"), "{desk:?}");
    }
}
