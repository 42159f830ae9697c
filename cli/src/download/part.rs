//! What has come of a document so far: a file beside the one that it will become, and a note of
//! which version it is a part of, so that a later run can go on where this one broke.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::headers::Version;
use super::{DownloadError, Order};
use crate::file;

const SCHEMA: &str = "interdict.part/1";

/// A note is small; what is longer was not written by us.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// The note, written before the first byte of the part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    schema: String,
    /// The address that was asked for.
    url: String,
    version: Version,
}

/// The part on disk, open for writing at its end and locked against a second download.
pub(super) struct Part {
    url: String,
    path: PathBuf,
    note_path: PathBuf,
    file: File,
    pub(super) version: Version,
    pub(super) bytes: u64,
}

impl Part {
    /// Takes up the part that an earlier download left of the same address, or begins anew.
    pub(super) fn open(order: &Order) -> Result<Self, DownloadError> {
        let path = beside(&order.file, ".part");
        let note_path = beside(&order.file, ".part.json");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| disk(&path, &e))?;
        }
        let mut file = locked(&path)?;
        let bytes = file.seek(SeekFrom::End(0)).map_err(|e| disk(&path, &e))?;
        let url = order.url.to_string();
        let known = read_note(&note_path).filter(|note| note.url == url && bytes > 0);
        let mut part = Self { url, path, note_path, file, version: Version::default(), bytes };
        match known {
            Some(note) => part.version = note.version,
            None => part.restart(Version::default())?,
        }
        Ok(part)
    }

    /// Where to go on from, and under which condition; `None` if only the whole will do.
    pub(super) fn rest(&self) -> Option<(u64, &str)> {
        (self.bytes > 0).then_some(())?;
        self.version.validator().map(|validator| (self.bytes, validator))
    }

    /// Forgets what has come: another version begins.
    pub(super) fn restart(&mut self, version: Version) -> Result<(), DownloadError> {
        let path = self.path.clone();
        self.file.set_len(0).map_err(|e| disk(&path, &e))?;
        self.file.rewind().map_err(|e| disk(&path, &e))?;
        self.bytes = 0;
        self.version = version;
        let note = Note {
            schema: SCHEMA.to_owned(),
            url: self.url.clone(),
            version: self.version.clone(),
        };
        let text = serde_json::to_vec(&note).map_err(|e| disk(&self.note_path, &e.into()))?;
        file::write(&self.note_path, &text).map_err(|e| DownloadError::Disk(format!("{e:#}")))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file.write_all(bytes).map_err(|e| disk(&self.path, &e))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// The part, from its first byte.
    pub(super) fn reopened(&self) -> Result<File, DownloadError> {
        File::open(&self.path).map_err(|e| disk(&self.path, &e))
    }

    /// Gives the document its name: whole, on disk, and in one step.
    pub(super) fn finish(self, file: &Path) -> Result<(), DownloadError> {
        self.file.sync_all().map_err(|e| disk(&self.path, &e))?;
        std::fs::rename(&self.path, file).map_err(|e| disk(file, &e))?;
        std::fs::remove_file(&self.note_path).map_err(|e| disk(&self.note_path, &e))
    }

    /// Throws away what cannot become the document.
    pub(super) fn discard(self) {
        // What cannot be removed is begun anew by the next run: its note says no version.
        let _ = std::fs::remove_file(&self.note_path);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The part's file, which no other download has.
fn locked(path: &Path) -> Result<File, DownloadError> {
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(false).read(true).write(true);
    let file = options.open(path).map_err(|e| disk(path, &e))?;
    let is_free = file.try_lock().is_ok();
    // Another download may have given this very file its document's name, and let go of it, between
    // the two lines above: it is whole then, and no part.
    let opened = file.metadata().map_err(|e| disk(path, &e))?;
    let is_it =
        |there: std::fs::Metadata| (there.dev(), there.ino()) == (opened.dev(), opened.ino());
    if is_free && std::fs::metadata(path).is_ok_and(is_it) {
        return Ok(file);
    }
    Err(DownloadError::Locked(path.to_owned()))
}

/// A file's name with something added.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A note that is missing or damaged is none: the download begins anew.
fn read_note(path: &Path) -> Option<Note> {
    if std::fs::metadata(path).ok()?.len() > NOTE_BYTES_MAX {
        return None;
    }
    let note: Note = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (note.schema == SCHEMA).then_some(note)
}

fn disk(path: &Path, error: &std::io::Error) -> DownloadError {
    DownloadError::Disk(format!("{}: {error}", path.display()))
}
