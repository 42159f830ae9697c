//! The list of another chain, and by what its indexer lets this one in.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use interdict_core::deployment::Deployment;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, read};

/// A list on another chain.
#[derive(Clone, Debug)]
pub struct Abroad {
    /// The indexer that follows it there.
    pub indexer: Url,
    /// By what it lets this one in; `None` where it asks nobody who comes.
    pub token: Option<SecretString>,
    /// Hash of block 0 of the chain that is watched here.
    pub genesis_hash: B256,
    /// The first block to be taken in here: before the first act, by the clock.
    pub from_block: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileList {
    indexer: String,
    token_file: Option<PathBuf>,
    genesis_hash: B256,
    from_block: u64,
}

/// Who tells of the list, if it is on another chain than the one that is watched. Two local chains
/// may have one id.
pub(super) fn abroad(
    list: Option<&FileList>,
    chain_id: u64,
    deployment: &Deployment,
    folder: &Path,
) -> Result<Option<Abroad>, ConfigError> {
    let (config, deployed) = (chain_id, deployment.chain_id);
    let Some(FileList { indexer, token_file, genesis_hash, from_block }) = list else {
        let home = config == deployed;
        let other = ConfigError::Chain { config, deployment: deployed };
        return home.then_some(None).ok_or(other);
    };
    let (genesis_hash, from_block) = (*genesis_hash, *from_block);
    if config == deployed && genesis_hash == deployment.genesis_hash {
        return Err(ConfigError::ListAtHome(config));
    }
    let url = Url::parse(indexer).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let indexer = url.ok_or(ConfigError::ListUrl)?;
    let token = |path: &PathBuf| private(&folder.join(path), "list.token_file");
    let token = token_file.as_ref().map(token).transpose()?;
    Ok(Some(Abroad { indexer, token, genesis_hash, from_block }))
}

/// What lets this program in somewhere, from a file that is for its owner alone. It is one word, so
/// that it can stand in a header.
fn private(path: &Path, name: &'static str) -> Result<SecretString, ConfigError> {
    let failed = |reason| ConfigError::File { path: path.to_owned(), reason, name };
    let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(ConfigError::Open { path: path.to_owned(), name });
    }
    let secret = SecretString::from(read(path, name)?.trim().to_owned());
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_word(secret.expose_secret()) {
        return Err(ConfigError::NoSecret { path: path.to_owned(), name });
    }
    Ok(secret)
}
