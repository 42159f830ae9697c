//! `deploy`: puts the whole system on a chain and hands it to its council.
//!
//! Every address follows from the deployer and the parameters, so that an interrupted deployment
//! goes on where it stopped. All that the deployer may do it does in one last transaction, in which
//! it gives its role up.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use alloy::eips::BlockId;
use alloy::primitives::aliases::{U24, U40};
use alloy::primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy::sol_types::{SolCall, SolConstructor};
use anyhow::{Context as _, Result};
use interdict_core::deployment::{Contract, Deployment, Parameters, SCHEMA};
use serde_json::json;

use super::doctor;
use crate::args::{DeployArgs, Global};
use crate::bindings::{AccessManager, Blocklist, Council, Seats, SignedAct};
use crate::chain::{Chain, Pinned};
use crate::deployed::roles::{self, Parts};
use crate::deployed::{self, Deployed, book_path};
use crate::exit::{Exit, Failure, Report};
use crate::sending::Sender;
use crate::{file, list, output, text};

/// The deterministic deployment proxy that nearly every chain has.
const FACTORY: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// Begins what the salt is made of: never changes.
const SALT_DOMAIN: &[u8] = b"interdict/1";

/// Bounds of the contracts themselves.
const SEATS_MAX: usize = 64;
const TERM_SECONDS: RangeInclusive<u64> = 3600..=30 * 24 * 3600;
const HOLDS_PER_DAY: RangeInclusive<u32> = 150..=10_000;
const VOTING_PERIOD_SECONDS: RangeInclusive<u64> = 300..=30 * 24 * 3600;
const QUORUM_PERCENT: RangeInclusive<u8> = 50..=90;

/// A contract that is to be there.
struct Piece {
    name: &'static str,
    salt: B256,
    initcode: Vec<u8>,
    address: Address,
}

impl Piece {
    fn new(name: &'static str, salt: B256, bytecode: &Bytes, constructor: &[u8]) -> Self {
        let initcode = [bytecode.as_ref(), constructor].concat();
        let address = FACTORY.create2(salt, keccak256(&initcode));
        Self { name, salt, initcode, address }
    }
}

/// One salt for one system: another version, or other parameters, share no address with it, not
/// even the access manager's, which has been handed over.
fn salt(parameters: &Parameters) -> Result<B256> {
    let mut material = SALT_DOMAIN.to_vec();
    material.extend(serde_json::to_vec(parameters)?);
    for bytecode in [
        &AccessManager::BYTECODE,
        &Seats::BYTECODE,
        &Council::BYTECODE,
        &Blocklist::BYTECODE,
        &SignedAct::BYTECODE,
    ] {
        material.extend(keccak256(bytecode));
    }
    Ok(keccak256(material))
}

/// The contracts in the order in which they can be made.
struct Pieces {
    access_manager: Piece,
    seats: Piece,
    council: Piece,
    blocklist: Piece,
    signed_act: Piece,
}

impl Pieces {
    fn new(deployer: Address, parameters: &Parameters) -> Result<Self> {
        let term = U40::try_from(parameters.term_seconds).context("--term is too long")?;
        let period = u32::try_from(parameters.voting_period_seconds)
            .context("--voting-period is too long")?;
        let salt = salt(parameters)?;
        let constructor = AccessManager::constructorCall { initialAdmin: deployer };
        let access_manager =
            Piece::new("access manager", salt, &AccessManager::BYTECODE, &constructor.abi_encode());
        let authority = access_manager.address;
        let accounts = parameters.members.clone();
        let constructor = Seats::constructorCall { authority, accounts }.abi_encode();
        let seats = Piece::new("seats", salt, &Seats::BYTECODE, &constructor);
        let constructor = Council::constructorCall {
            authority,
            seats: seats.address,
            votingPeriodSeconds: period,
            quorumPercent_: U256::from(parameters.vote_quorum_percent),
        };
        let council = Piece::new("council", salt, &Council::BYTECODE, &constructor.abi_encode());
        let holds =
            U24::try_from(parameters.holds_per_day).context("--holds-per-day is too many")?;
        let constructor =
            Blocklist::constructorCall { authority, term_: term, holdsPerDay_: holds };
        let blocklist =
            Piece::new("blocklist", salt, &Blocklist::BYTECODE, &constructor.abi_encode());
        let constructor = SignedAct::constructorCall {
            seats_: seats.address,
            blocklist_: blocklist.address,
            quorumPercent_: U256::from(parameters.signature_quorum_percent),
        };
        let signed_act =
            Piece::new("signed act", salt, &SignedAct::BYTECODE, &constructor.abi_encode());
        Ok(Self { access_manager, seats, council, blocklist, signed_act })
    }

    fn in_order(&self) -> [&Piece; 5] {
        [&self.access_manager, &self.seats, &self.council, &self.blocklist, &self.signed_act]
    }

    fn parts(&self, parameters: &Parameters) -> Parts {
        Parts {
            access_manager: self.access_manager.address,
            seats: self.seats.address,
            council: self.council.address,
            signed_act: self.signed_act.address,
            blocklist: self.blocklist.address,
            guardian: parameters.guardian,
            keeper: parameters.keeper,
            delays: parameters.delays,
        }
    }
}

pub(crate) async fn run(global: &Global, args: DeployArgs) -> Result<Report> {
    check_bounds(&args)?;
    let chain = deployed::connect(global).await?;
    let parameters = Parameters {
        members: args.members,
        guardian: args.guardian,
        keeper: args.keeper,
        term_seconds: args.term,
        holds_per_day: args.holds_per_day,
        voting_period_seconds: args.voting_period,
        vote_quorum_percent: args.vote_quorum,
        signature_quorum_percent: args.signature_quorum,
        delays: args.delays.chosen(),
    };
    if let Some(report) = already(global, &chain, &parameters).await? {
        return Ok(report);
    }
    check_factory(&chain).await?;
    let deployer = Sender::open(&chain, &args.send, "deploy the whole system").await?;
    let pieces = Pieces::new(deployer.address(), &parameters)?;
    let start = chain.latest().await?;
    let is_fresh = chain.code_hash(pieces.access_manager.address, start.id()).await?.is_none();
    for piece in pieces.in_order() {
        create(&chain, &deployer, piece).await?;
    }
    hand_over(&chain, &deployer, &pieces, &parameters).await?;
    let block = if is_fresh { start.number } else { first_block(&chain, &pieces, start).await? };
    let book = written(&chain, &pieces, parameters, block).await?;
    let system = Deployed { chain, book };
    output::progress("asserting the exact roles and the list's first act");
    doctor::check_roles(&system).await?;
    list::read(&system).await?;
    let path = book_path(&global.deployments, system.book.chain_id);
    let mut text = serde_json::to_string_pretty(&system.book)?;
    text.push('\n');
    file::write(&path, text.as_bytes())?;
    let mut report = report(&system, &path.display().to_string(), "deployed")?;
    report.next = Some("`interdict plan <publication>`".to_owned());
    Ok(report)
}

/// What the contracts would refuse without a word, for the proxy swallows their errors.
fn check_bounds(args: &DeployArgs) -> Result<()> {
    let usage = |message: &str| {
        let failure = Failure::new(Exit::Usage, "usage", message);
        Err(failure.next("`interdict deploy --help` has what each may be").into())
    };
    let different: BTreeSet<&Address> = args.members.iter().collect();
    if different.len() != args.members.len() {
        return usage("a --member is given twice");
    }
    if args.members.len() > SEATS_MAX || different.contains(&Address::ZERO) {
        return usage("a council has 1 to 64 members, and the zero address is none");
    }
    if !TERM_SECONDS.contains(&args.term) {
        return usage("--term is not between 1h and 30d");
    }
    if !HOLDS_PER_DAY.contains(&args.holds_per_day) {
        return usage("--holds-per-day is not between 150 and 10000");
    }
    if !VOTING_PERIOD_SECONDS.contains(&args.voting_period) {
        return usage("--voting-period is not between 5m and 30d");
    }
    if !QUORUM_PERCENT.contains(&args.vote_quorum)
        || !QUORUM_PERCENT.contains(&args.signature_quorum)
    {
        return usage("--vote-quorum and --signature-quorum are between 50 and 90 percent");
    }
    args.delays.chosen().check().or_else(|error| usage(&error.to_string()))
}

/// A chain that has the system keeps it.
async fn already(
    global: &Global,
    chain: &Chain,
    parameters: &Parameters,
) -> Result<Option<Report>> {
    let Some(book) = deployed::read_book(&global.deployments, chain.id)? else { return Ok(None) };
    let path = book_path(&global.deployments, chain.id).display().to_string();
    let deployed = Deployed { chain: chain.clone(), book };
    let code = chain.code_hash(deployed.blocklist(), BlockId::latest()).await?;
    if deployed.book.genesis_hash != chain.genesis || code.is_none() {
        output::progress(&format!("{path} is of another chain and will be replaced"));
        return Ok(None);
    }
    let refused = |why: String| {
        Failure::new(Exit::Failed, "already_deployed", format!("{path} has a system that {why}"))
            .next("choose another folder with --deployments to deploy a second one")
    };
    if deployed.book.parameters != *parameters {
        return Err(refused("was deployed with other parameters".to_owned()).into());
    }
    for (name, contract) in deployed.contracts() {
        deployed.check_code(name, contract).await?;
    }
    doctor::check_roles(&deployed).await?;
    report(&deployed, &path, "already deployed").map(Some)
}

async fn check_factory(chain: &Chain) -> Result<()> {
    if chain.code_hash(FACTORY, BlockId::latest()).await?.is_some() {
        return Ok(());
    }
    let message = format!("chain {} has no deterministic deployment proxy at {FACTORY}", chain.id);
    Err(Failure::new(Exit::Failed, "no_factory", message)
        .next("have it deployed first: its keyless transaction is published by Arachnid")
        .into())
}

async fn create(chain: &Chain, deployer: &Sender<'_>, piece: &Piece) -> Result<()> {
    let Piece { name, address, .. } = piece;
    if chain.code_hash(*address, BlockId::latest()).await?.is_some() {
        output::progress(&format!("{name} is at {address} already"));
        return Ok(());
    }
    output::progress(&format!("making the {name} at {address}"));
    let data = [piece.salt.as_slice(), &piece.initcode].concat();
    let receipt = deployer.send(FACTORY, data).await?;
    if chain.code_hash(*address, BlockId::latest()).await?.is_none() {
        let hash = receipt.transaction_hash;
        let message = format!("transaction {hash} did not make the {name} at {address}");
        return Err(Failure::new(Exit::Failed, "not_created", message).into());
    }
    output::progress(&format!("{name} at {address}, {} gas", receipt.gas_used));
    Ok(())
}

/// The roles, the list's first act and the end of the deployer's role, whole or not at all.
async fn hand_over(
    chain: &Chain,
    deployer: &Sender<'_>,
    pieces: &Pieces,
    parameters: &Parameters,
) -> Result<()> {
    let manager = pieces.access_manager.address;
    let call = AccessManager::hasRoleCall { roleId: roles::ADMIN, account: deployer.address() };
    if !chain.ask(manager, &call, BlockId::latest()).await?.isMember {
        output::progress("the council has it already");
        return Ok(());
    }
    let calls = roles::hand_over(&pieces.parts(parameters), deployer.address());
    let data = calls.into_iter().map(Bytes::from).collect();
    let call = AccessManager::multicallCall { data };
    output::progress("handing everything to the council, in one transaction");
    let receipt = deployer.send(manager, call.abi_encode()).await?;
    output::progress(&format!("handed to the council, {} gas", receipt.gas_used));
    Ok(())
}

/// The last block before the system's first contract, found by halving.
async fn first_block(chain: &Chain, pieces: &Pieces, now: Pinned) -> Result<u64> {
    output::progress("looking for the block before the system's first contract");
    let (mut without, mut with) = (0, now.number);
    while without + 1 < with {
        let middle = u64::midpoint(without, with);
        let code = chain.code_hash(pieces.access_manager.address, BlockId::number(middle)).await;
        match code.context("the node does not know old states: use an archive node to resume")? {
            Some(_) => with = middle,
            None => without = middle,
        }
    }
    Ok(without)
}

async fn written(
    chain: &Chain,
    pieces: &Pieces,
    parameters: Parameters,
    block: u64,
) -> Result<Deployment> {
    let contract = async |piece: &Piece| {
        let (name, address) = (piece.name, piece.address);
        let code_hash = chain.code_hash(address, BlockId::latest()).await?;
        let code_hash = code_hash.with_context(|| format!("the {name} at {address} is gone"))?;
        anyhow::Ok(Contract { address, code_hash })
    };
    Ok(Deployment {
        schema: SCHEMA.to_owned(),
        chain_id: chain.id,
        genesis_hash: chain.genesis,
        block,
        access_manager: contract(&pieces.access_manager).await?,
        seats: contract(&pieces.seats).await?,
        council: contract(&pieces.council).await?,
        signed_act: contract(&pieces.signed_act).await?,
        blocklist: contract(&pieces.blocklist).await?,
        parameters,
    })
}

fn report(deployed: &Deployed, path: &str, word: &str) -> Result<Report> {
    let book = &deployed.book;
    let Parameters {
        members,
        guardian,
        keeper,
        term_seconds,
        holds_per_day,
        voting_period_seconds,
        vote_quorum_percent,
        signature_quorum_percent,
        delays,
    } = &book.parameters;
    let mut facts = vec![(word, format!("on chain {}", book.chain_id))];
    for (name, contract) in deployed.contracts() {
        facts.push((name, contract.address.to_string()));
    }
    let somebody =
        |who: &Option<Address>| who.map_or_else(|| "nobody".to_owned(), |who| who.to_string());
    facts.extend([
        ("members", members.len().to_string()),
        ("guardian", somebody(guardian)),
        ("keeper", somebody(keeper)),
        ("term", text::duration(*term_seconds)),
        ("holds a day", holds_per_day.to_string()),
        ("voting period", text::duration(*voting_period_seconds)),
        ("vote quorum", format!("more than {vote_quorum_percent} % of the seats")),
        ("signature quorum", format!("more than {signature_quorum_percent} % of the seats")),
    ]);
    let waits = ["delisting", "mass delisting", "seats", "protection", "rules"];
    let waits = waits.into_iter().zip(delays.named());
    facts.extend(waits.map(|(what, (_, s))| (what, format!("after {}", text::duration(s.into())))));
    facts.push(("address book", path.to_owned()));
    let data = json!({ "state": word, "file": path, "deployment": serde_json::to_value(book)? });
    Ok(Report::done(data, text::facts(&facts)))
}

#[cfg(test)]
mod tests {
    use interdict_core::deployment::Delays;

    use super::*;

    fn parameters() -> Parameters {
        Parameters {
            members: vec![Address::repeat_byte(1)],
            guardian: None,
            keeper: None,
            term_seconds: 3600,
            holds_per_day: 1000,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        }
    }

    #[test]
    fn one_system_has_its_addresses_and_shares_none() {
        let deployer = Address::repeat_byte(2);
        let addresses = |deployer: Address, parameters: &Parameters| -> BTreeSet<Address> {
            let pieces = Pieces::new(deployer, parameters).unwrap();
            pieces.in_order().iter().map(|piece| piece.address).collect()
        };
        let one = addresses(deployer, &parameters());
        assert_eq!(one.len(), 5);
        assert_eq!(addresses(deployer, &parameters()), one, "a resumed deployment finds its own");
        let longer = Parameters { term_seconds: 7200, ..parameters() };
        assert!(addresses(deployer, &longer).is_disjoint(&one));
        assert!(addresses(Address::repeat_byte(3), &parameters()).is_disjoint(&one));
    }
}
