//! Files that are written whole or not at all.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Readable by everyone.
const PUBLIC: u32 = 0o644;

/// Readable by its owner alone.
const PRIVATE: u32 = 0o600;

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
    std::fs::File::open(folder(path))?.sync_all()?;
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
}
