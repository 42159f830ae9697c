//! `wallet`: keystores, written so that they withstand more than cast's do.

use alloy::signers::local::PrivateKeySigner;
use anyhow::Result;
use serde_json::json;

use crate::args::{KeystoreArgs, NewWalletArgs, WalletVerb, WalletVerbArgs};
use crate::exit::Report;
use crate::text;
use crate::wallet::{self, Existing, keystore};

pub(crate) fn run(args: &WalletVerbArgs) -> Result<Report> {
    match &args.verb {
        WalletVerb::New(NewWalletArgs { keystore }) => {
            wallet::check_free(keystore)?;
            let password = wallet::new_password(keystore)?;
            let hidden = wallet::hide_memory();
            let password = wallet::chosen_password(password, hidden)?;
            write(keystore, &wallet::random(hidden), &password)
        }
        WalletVerb::Import(args) => {
            wallet::check_free(&args.keystore)?;
            let (key, password) = (Existing::named(args)?, wallet::new_password(&args.keystore)?);
            let hidden = wallet::hide_memory();
            let key = key.read(hidden)?;
            write(&args.keystore, &key, &wallet::chosen_password(password, hidden)?)
        }
    }
}

fn write(args: &KeystoreArgs, signer: &PrivateKeySigner, password: &str) -> Result<Report> {
    let path = wallet::keystore_path(args)?;
    keystore::create(&path, signer, password)?;
    let data = json!({ "keystore": path, "address": signer.address() });
    let facts = text::facts(&[
        ("address", signer.address().to_string()),
        ("keystore", path.display().to_string()),
    ]);
    Ok(Report::done(data, facts).next("keep a copy of the keystore and of its password apart"))
}
