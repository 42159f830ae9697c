//! `wallet`: keystores, written so that they withstand more than cast's do.

use alloy::signers::local::PrivateKeySigner;
use anyhow::Result;
use serde_json::json;

use crate::args::{ImportWalletArgs, KeystoreArgs, NewWalletArgs, WalletVerb, WalletVerbArgs};
use crate::exit::Report;
use crate::text;
use crate::wallet::{self, keystore};

pub(crate) fn run(args: &WalletVerbArgs) -> Result<Report> {
    match &args.verb {
        WalletVerb::New(NewWalletArgs { keystore }) => {
            wallet::check_free(keystore)?;
            write(keystore, &PrivateKeySigner::random())
        }
        WalletVerb::Import(args) => {
            wallet::check_free(&args.keystore)?;
            import(args)
        }
    }
}

fn import(args: &ImportWalletArgs) -> Result<Report> {
    let signer = match (&args.from, &args.private_key_file) {
        (Some(path), _) => wallet::from_keystore(path, args.from_password_file.as_deref())?,
        (None, Some(path)) => wallet::key_in_file(path)?,
        (None, None) => wallet::typed_key()?,
    };
    write(&args.keystore, &signer)
}

fn write(args: &KeystoreArgs, signer: &PrivateKeySigner) -> Result<Report> {
    let path = wallet::keystore_path(args)?;
    let password = wallet::new_password(args)?;
    keystore::create(&path, signer, &password)?;
    let data = json!({ "keystore": path, "address": signer.address() });
    let facts = text::facts(&[
        ("address", signer.address().to_string()),
        ("keystore", path.display().to_string()),
    ]);
    Ok(Report::done(data, facts).next("keep a copy of the keystore and of its password apart"))
}
