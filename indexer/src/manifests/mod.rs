//! The manifests of the list's acts, as far as somebody has put them into a folder: they say under
//! which programs an address is listed. No act says that; it has its manifest's SHA-256, so that a
//! manifest that is found by it is the one, whoever wrote the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use alloy_primitives::{Address, B256};
use interdict_core::ledger::Episode;
use interdict_core::manifest::{Manifest, ManifestError, SCHEMA};
use interdict_core::policy::Programs;

/// Longest manifest that is read, in bytes: one of five hundred entries has less than a hundredth.
const MANIFEST_MAX_BYTES: u64 = 32 << 20;
/// Most manifests of a folder.
const MANIFESTS_MAX: usize = 10_000;
/// How a file's name ends that is read.
const EXTENSION: &str = "json";

/// Why the manifests of a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestsError {
    /// It cannot be read.
    #[error("cannot read {path}: {reason}; name the folder of the acts' manifests in `manifests`")]
    File {
        /// The folder, or a file in it.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A file is none.
    #[error("{path} is no manifest of an act: {reason}; only manifests may be in that folder")]
    NoManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There are too many, or one is too long.
    #[error("{path}: a folder has at most {MANIFESTS_MAX} manifests of {MANIFEST_MAX_BYTES} bytes")]
    TooMuch {
        /// The folder, or a file in it.
        path: PathBuf,
    },
}

/// The programs of one person's listing of one address.
type Named = BTreeMap<(Address, u64), BTreeSet<String>>;

/// What manifests say, by their SHA-256.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifests(BTreeMap<B256, Named>);

/// None at all.
static NONE: Manifests = Manifests(BTreeMap::new());

impl Manifests {
    /// None: no program is known.
    pub fn none() -> &'static Self {
        &NONE
    }

    /// Those of a folder; none if no folder is named.
    ///
    /// # Errors
    /// See [`ManifestsError`].
    pub fn of(folder: Option<&Path>) -> Result<Self, ManifestsError> {
        folder.map_or_else(|| Ok(Self::default()), |folder| Self::read(&files(folder)?))
    }

    fn read(files: &[Seen]) -> Result<Self, ManifestsError> {
        let mut manifests = Self::default();
        for Seen { path, .. } in files {
            let no_manifest =
                |reason: String| ManifestsError::NoManifest { path: path.clone(), reason };
            let manifest: Manifest = serde_json::from_slice(&bytes(path)?)
                .map_err(|error| no_manifest(error.to_string()))?;
            if manifest.schema != SCHEMA {
                return Err(no_manifest(format!(
                    "its schema is {:?}, not {SCHEMA}",
                    manifest.schema
                )));
            }
            manifests.add(manifest).map_err(|error| no_manifest(error.to_string()))?;
        }
        Ok(manifests)
    }

    /// Adds one, under the hash of its canonical bytes: as an act has it, however the file is set.
    ///
    /// # Errors
    /// It has no canonical bytes.
    pub fn add(&mut self, manifest: Manifest) -> Result<(), ManifestError> {
        let named = self.0.entry(manifest.hash()?).or_default();
        for entry in manifest.list {
            named.entry((entry.address, entry.uid)).or_default().extend(entry.programs);
        }
        Ok(())
    }

    /// Whether there is one.
    pub fn has(&self, manifest: B256) -> bool {
        self.0.contains_key(&manifest)
    }

    /// The programs under which an address is listed, by these persons.
    pub fn programs(&self, listed: Address, episode: &Episode, uids: &[u64]) -> Programs {
        let (mut codes, mut is_whole) = (BTreeSet::new(), true);
        for uid in uids {
            let known = episode.uids.iter().find(|known| known.uid == *uid);
            let named = known.and_then(|known| self.0.get(&known.manifest)?.get(&(listed, *uid)));
            is_whole &= named.is_some();
            codes.extend(named.into_iter().flatten().cloned());
        }
        if is_whole { Programs::all(codes) } else { Programs::some(codes) }
    }
}

/// A file as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// The manifests in a folder, by name.
fn files(folder: &Path) -> Result<Vec<Seen>, ManifestsError> {
    let failed = |reason| ManifestsError::File { path: folder.to_owned(), reason };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension() != Some(OsStr::new(EXTENSION)) {
            continue;
        }
        if files.len() == MANIFESTS_MAX {
            return Err(ManifestsError::TooMuch { path: folder.to_owned() });
        }
        let about = std::fs::metadata(&path);
        let about = about.map_err(|reason| ManifestsError::File { path: path.clone(), reason })?;
        files.push(Seen { path, bytes: about.len(), changed: about.modified().ok() });
    }
    files.sort();
    Ok(files)
}

fn bytes(path: &Path) -> Result<Vec<u8>, ManifestsError> {
    let failed = |reason| ManifestsError::File { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MANIFEST_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MANIFEST_MAX_BYTES {
        return Err(ManifestsError::TooMuch { path: path.to_owned() });
    }
    Ok(bytes)
}

/// A folder of manifests, which people add to while it is used.
#[derive(Debug)]
pub struct Folder {
    path: Option<PathBuf>,
    seen: Vec<Seen>,
    /// What was read last.
    pub manifests: Manifests,
}

impl Folder {
    /// Reads a folder, if one is named.
    ///
    /// # Errors
    /// See [`ManifestsError`].
    pub fn open(path: Option<PathBuf>) -> Result<Self, ManifestsError> {
        let seen = path.as_deref().map_or_else(|| Ok(Vec::new()), files)?;
        let manifests = Manifests::read(&seen)?;
        Ok(Self { path, seen, manifests })
    }

    /// Reads it anew if it changed; whether it did. What was read before stays if it cannot be read
    /// now.
    ///
    /// # Errors
    /// See [`ManifestsError`]; once for each change.
    pub fn mind(&mut self) -> Result<bool, ManifestsError> {
        let Some(path) = &self.path else { return Ok(false) };
        let seen = files(path)?;
        if seen == self.seen {
            return Ok(false);
        }
        self.seen = seen;
        self.manifests = Manifests::read(&self.seen)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
