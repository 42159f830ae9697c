//! The key that signs: an encrypted keystore, named as cast names it. Never a raw key.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context as _, Result};

use crate::args::WalletArgs;
use crate::exit::{Exit, Failure};

/// A password is a line; what is longer is the wrong file.
const PASSWORD_FILE_BYTES_MAX: u64 = 4096;

/// Opens the keystore that the flags name.
pub(crate) fn open(args: &WalletArgs) -> Result<PrivateKeySigner> {
    let path = keystore_path(args)?;
    if !path.is_file() {
        let message = format!("there is no keystore at {}", path.display());
        return Err(Failure::new(Exit::Usage, "no_keystore", message)
            .next("make one with `cast wallet import`, or check --keystore and --account")
            .into());
    }
    let password = password(args, &path)?;
    let key = eth_keystore::decrypt_key(&path, password).map_err(|error| {
        let message = format!("cannot open the keystore {}: {error}", path.display());
        Failure::new(Exit::Failed, "keystore", message).next("check the password")
    })?;
    PrivateKeySigner::from_slice(&key)
        .with_context(|| format!("{} does not hold an Ethereum key", path.display()))
}

fn keystore_path(args: &WalletArgs) -> Result<PathBuf> {
    if let Some(path) = &args.keystore {
        return Ok(path.clone());
    }
    let usage = |message: &str| Failure::new(Exit::Usage, "usage", message);
    let Some(name) = &args.account else {
        return Err(usage("no wallet is given")
            .next("give --keystore <FILE>, or --account <NAME> of ~/.foundry/keystores")
            .into());
    };
    let home = std::env::home_dir()
        .ok_or_else(|| usage("there is no home folder to look for --account in"))?;
    Ok(home.join(".foundry/keystores").join(name))
}

fn password(args: &WalletArgs, keystore: &Path) -> Result<String> {
    if let Some(path) = &args.password_file {
        let context = || format!("cannot read the password file {}", path.display());
        let size = std::fs::metadata(path).with_context(context)?.len();
        if size > PASSWORD_FILE_BYTES_MAX {
            let message = format!("{} is too long to be a password", path.display());
            return Err(Failure::new(Exit::Usage, "usage", message).into());
        }
        let text = std::fs::read_to_string(path).with_context(context)?;
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "usage",
            "there is no terminal to ask the password on",
        )
        .next("give --password-file <FILE>")
        .into());
    }
    Ok(rpassword::prompt_password(format!("Password of {}: ", keystore.display()))?)
}
