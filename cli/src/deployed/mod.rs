//! The system as deployed on the chain that we are connected to, checked before it is believed.

pub(crate) mod roles;

use std::path::{Path, PathBuf};

use alloy::eips::BlockId;
use alloy::primitives::Address;
use anyhow::{Context as _, Result};
use interdict_core::deployment::{Contract, Deployment};

use reqwest::Url;

use crate::args::Global;
use crate::chain::Chain;
use crate::exit::{Exit, Failure};
use crate::output;

/// Beside the address books: what was signed there and has not landed.
const PENDING: &str = "pending";

/// A chain and the system on it.
#[derive(Clone, Debug)]
pub(crate) struct Deployed {
    pub(crate) chain: Chain,
    pub(crate) book: Deployment,
}

/// Connects, and refuses another chain than the expected one.
pub(crate) async fn connect(global: &Global) -> Result<Chain> {
    let text = global.rpc_url.as_ref().ok_or_else(|| {
        Failure::new(Exit::Usage, "usage", "no node to ask: --rpc-url is not given")
            .next("give --rpc-url <URL> or set ETH_RPC_URL")
    })?;
    let (url, pending) = (node(text)?, global.deployments.join(PENDING));
    let waiting = output::waiting("connecting");
    let mut chain = Chain::connect(&url, &pending).await?;
    if let Some(text) = &global.second_rpc_url {
        let second = node(text)?;
        if second == url {
            let message = "--second-rpc-url is the same node as --rpc-url";
            return Err(Failure::new(Exit::Usage, "usage", message)
                .next("give one of another provider, or your own")
                .into());
        }
        chain = chain.with_second(Chain::connect(&second, &pending).await?)?;
    }
    drop(waiting);
    match global.chain {
        Some(expected) if expected != chain.id => {
            let message =
                format!("{} is chain {}, you expect chain {expected}", chain.shown_url(), chain.id);
            Err(Failure::new(Exit::Stale, "wrong_chain", message)
                .next("check --rpc-url and --chain")
                .into())
        }
        _ => Ok(chain),
    }
}

/// A node's address, which an error does not repeat: it may contain a key.
pub(crate) fn node(text: &str) -> Result<Url, Failure> {
    text.parse().map_err(|why| {
        Failure::new(Exit::Usage, "usage", format!("the node's address is no URL: {why}"))
            .next("give one such as http://127.0.0.1:8545")
    })
}

/// Connects and checks that the chain and every contract are those of the address book.
pub(crate) async fn open(global: &Global) -> Result<Deployed> {
    let chain = connect(global).await?;
    let book = read_book(&global.deployments, chain.id)?.ok_or_else(|| {
        let path = book_path(&global.deployments, chain.id);
        let message = format!("nothing is deployed on chain {}: no {}", chain.id, path.display());
        Failure::new(Exit::Failed, "not_deployed", message)
            .next("run `interdict deploy`, or point --deployments at the folder")
    })?;
    let deployed = Deployed { chain, book };
    deployed.check_genesis()?;
    for (name, contract) in deployed.contracts() {
        deployed.check_code(name, contract).await?;
    }
    Ok(deployed)
}

impl Deployed {
    /// The contracts by name.
    pub(crate) fn contracts(&self) -> [(&'static str, Contract); 5] {
        [
            ("access manager", self.book.access_manager),
            ("seats", self.book.seats),
            ("council", self.book.council),
            ("signed act", self.book.signed_act),
            ("blocklist", self.book.blocklist),
        ]
    }

    pub(crate) fn blocklist(&self) -> Address {
        self.book.blocklist.address
    }

    pub(crate) fn check_genesis(&self) -> Result<()> {
        let (found, expected) = (self.chain.genesis, self.book.genesis_hash);
        if found == expected {
            return Ok(());
        }
        let message = format!(
            "chain {} begins with block {found}, the system was deployed on one that begins with {expected}",
            self.chain.id
        );
        Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("check --rpc-url; for a new local chain, deploy again")
            .into())
    }

    pub(crate) async fn check_code(&self, name: &str, contract: Contract) -> Result<()> {
        let Contract { address, code_hash } = contract;
        let _waiting = output::waiting(&format!("checking the code of the {name}"));
        let message = match self.chain.code_hash(address, BlockId::latest()).await? {
            Some(found) if found == code_hash => return Ok(()),
            Some(found) => {
                format!("the {name} at {address} has code {found}, expected {code_hash}")
            }
            None => format!("there is no code at {address}, where the {name} should be"),
        };
        Err(Failure::new(Exit::Stale, "wrong_code", message)
            .next("check --rpc-url and --deployments: this is not the deployed system")
            .into())
    }
}

/// Where a chain's address book lies.
pub(crate) fn book_path(folder: &Path, chain_id: u64) -> PathBuf {
    folder.join(format!("{chain_id}.json"))
}

/// Reads a chain's address book, if there is one.
pub(crate) fn read_book(folder: &Path, chain_id: u64) -> Result<Option<Deployment>> {
    let path = book_path(folder, chain_id);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Deployment::parse(&text).map(Some).with_context(|| path.display().to_string())
}
