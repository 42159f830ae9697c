//! Files that are written whole or not at all, and read to a bound.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::exit::{Exit, Failure};

/// Readable by everyone.
const PUBLIC: u32 = 0o644;

/// Readable by its owner alone.
const PRIVATE: u32 = 0o600;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("cannot read {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
    #[error("{} is too long to be {what}", path.display())]
    TooLong { path: PathBuf, what: &'static str },
}

impl Unread {
    /// With this exit code and word where it is the wrong file; what the disk says stays as it is.
    pub(crate) fn wrong_file(self, exit: Exit, code: &'static str) -> anyhow::Error {
        match self {
            Self::TooLong { .. } => Failure::new(exit, code, self.to_string()).into(),
            Self::Io(..) => self.into(),
        }
    }
}

/// All bytes of a file, of which there may be at most so many. What is read is counted, not what
/// the file says of itself: a pipe has no length, and a file may grow.
pub(crate) fn bounded(path: &Path, bytes_max: u64, what: &'static str) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes));
    match read {
        Err(why) => Err(Unread::Io(path.to_owned(), why)),
        Ok(_) if bytes.len() as u64 > bytes_max => {
            Err(Unread::TooLong { path: path.to_owned(), what })
        }
        Ok(_) => Ok(bytes),
    }
}

/// At most so many bytes of a file's beginning.
pub(crate) fn beginning(path: &Path, bytes: u64) -> Result<Vec<u8>, Unread> {
    let mut found = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes).read_to_end(&mut found));
    read.map_err(|why| Unread::Io(path.to_owned(), why))?;
    Ok(found)
}

/// Writes a file whole or not at all; everyone may read it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    staged(path, bytes, PUBLIC).and_then(|file| Ok(file.persist(path)?)).with_context(context)?;
    Ok(())
}

/// Writes a file that only its owner may read, over what was there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    staged(path, bytes, PRIVATE).and_then(|file| Ok(file.persist(path)?)).with_context(context)?;
    sync_folder(path).with_context(context)
}

/// Writes a file that only its owner may read, and never over another: a key may be in it.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let file = staged(path, bytes, PRIVATE).with_context(context)?;
    if let Err(refused) = file.persist_noclobber(path) {
        if refused.error.kind() == std::io::ErrorKind::AlreadyExists {
            bail!("{} is there already, and is not written over", path.display());
        }
        return Err(refused.error).with_context(context);
    }
    sync_folder(path).with_context(context)
}

/// Whether others than its owner may read a file.
pub(crate) fn is_readable_by_others(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
}

/// The bytes on disk, under a name that goes away unless it is given another.
fn staged(path: &Path, bytes: &[u8], mode: u32) -> Result<tempfile::NamedTempFile> {
    let folder = folder(path);
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(PermissionsExt::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A name is on disk only when its folder is.
fn sync_folder(path: &Path) -> Result<()> {
    File::open(folder(path))?.sync_all()?;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_its_owners_alone_and_a_key_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private(&path, b"one").unwrap();
        assert!(!is_readable_by_others(&path));
        let refused = create_private(&path, b"two").unwrap_err();
        assert!(refused.to_string().contains("is there already"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(&path, b"three").unwrap();
        assert!(is_readable_by_others(&path));
    }
    #[test]
    fn a_file_is_read_to_its_bound_and_whatever_has_no_length_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("five");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(bounded(&path, 5, "five").unwrap(), b"12345");
        let said = bounded(&path, 4, "four").unwrap_err().to_string();
        assert_eq!(said, format!("{} is too long to be four", path.display()));
        assert_eq!(beginning(&path, 2).unwrap(), b"12");
        // Its length is 0 by its own word.
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"12345").unwrap();
        drop(writer);
        let fd = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        assert_eq!(std::fs::metadata(&fd).unwrap().len(), 0);
        assert!(matches!(bounded(Path::new(&fd), 4, "four"), Err(Unread::TooLong { .. })));
    }
}
