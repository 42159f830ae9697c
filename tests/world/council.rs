//! The council and the path of a publication: planned, held by signatures, ratified by a vote. Each
//! step is the real command in a process of its own.

use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use anyhow::{Context, Result, ensure};
use interdict_core::deployment::Deployment;
use interdict_core::manifest::Manifest;
use serde_json::Value;

use crate::anvil::Anvil;
use crate::chain::Chain;
use crate::cli::Cli;
use crate::exit::HAS_CHANGES;
use crate::keys::Person;
use crate::read_json;

/// Seats of the council in tests and the demo.
pub const SEATS: usize = 5;

/// How many of them must agree.
pub const MAJORITY: usize = SEATS / 2 + 1;

/// A chain with the whole system deployed and everybody who acts on it.
#[derive(Debug)]
pub struct Council {
    /// The chain.
    pub chain: Chain,
    /// The command line.
    pub cli: Cli,
    /// Who deploys; has no power afterwards.
    pub deployer: Person,
    /// Who sits on the council.
    pub members: Vec<Person>,
    /// Who sends what the council signed.
    pub relayer: Person,
    /// Who may cancel what waits.
    pub guardian: Person,
    /// Folder for plans, signatures and the address book.
    pub folder: PathBuf,
}

/// A plan on disk.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan's file.
    pub path: String,
    /// What `interdict plan --json` said.
    pub said: Value,
    /// What it changes.
    pub manifest: Manifest,
}

impl Plan {
    /// The addresses that it lists, each once, in order.
    pub fn addresses(&self) -> Vec<Address> {
        let mut all: Vec<_> = self.manifest.list.iter().map(|entry| entry.address).collect();
        all.dedup();
        all
    }

    /// The first of them.
    ///
    /// # Errors
    /// It lists nothing.
    pub fn first(&self) -> Result<Address> {
        self.addresses().first().copied().context("the plan lists nothing")
    }

    /// The addresses that are published under no other ticker than this one.
    pub fn tagged_only(&self, ticker: &str) -> Vec<Address> {
        let only = |address: &Address| {
            let mut entries = self.manifest.list.iter().filter(|entry| entry.address == *address);
            entries.all(|entry| entry.tickers == [ticker])
        };
        self.addresses().into_iter().filter(only).collect()
    }
}

impl Council {
    /// Makes keys for everybody and funds them; deploys nothing.
    ///
    /// # Errors
    /// Files cannot be written, or the node refuses.
    pub async fn convene(anvil: &Anvil, folder: &Path) -> Result<Self> {
        let keys = folder.join("keys");
        let deployments = folder.join("deployments");
        std::fs::create_dir_all(&keys)?;
        std::fs::create_dir_all(&deployments)?;
        let person = |name: &str| Person::new(&keys, name);
        let members = (1..=SEATS).map(|seat| person(&format!("member-{seat}")));
        let council = Self {
            chain: Chain::new(&anvil.url)?,
            cli: Cli { rpc_url: anvil.url.clone(), deployments },
            deployer: person("deployer")?,
            members: members.collect::<Result<_>>()?,
            relayer: person("relayer")?,
            guardian: person("guardian")?,
            folder: folder.to_owned(),
        };
        let others = [&council.deployer, &council.relayer, &council.guardian];
        for person in council.members.iter().chain(others) {
            council.chain.fund(person).await?;
        }
        Ok(council)
    }

    /// Deploys the system; the deployer ends without power.
    ///
    /// # Errors
    /// `interdict deploy` fails.
    pub async fn deploy(&self) -> Result<Deployment> {
        self.deploy_with(&[]).await
    }

    /// As [`Self::deploy`], with more flags.
    ///
    /// # Errors
    /// `interdict deploy` fails.
    pub async fn deploy_with(&self, more: &[&str]) -> Result<Deployment> {
        let mut args = vec!["deploy".to_owned(), "--guardian".to_owned()];
        args.push(self.guardian.address().to_string());
        args.extend(more.iter().map(|flag| (*flag).to_owned()));
        for member in &self.members {
            args.extend(["--member".to_owned(), member.address().to_string()]);
        }
        self.cli.json_as(&self.deployer, &args, 0).await?;
        self.deployment()
    }

    /// The address book that `deploy` wrote.
    ///
    /// # Errors
    /// There is none.
    pub fn deployment(&self) -> Result<Deployment> {
        let path = self.deployment_file();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Deployment::parse(&text)?)
    }

    /// Where the address book is.
    pub fn deployment_file(&self) -> PathBuf {
        self.cli.deployments.join("31337.json")
    }

    /// Plans what a publication changes.
    ///
    /// # Errors
    /// The plan has no changes, or `interdict plan` fails.
    pub async fn plan(&self, publication: &Path, name: &str) -> Result<Plan> {
        self.plan_with(publication, name, &[]).await
    }

    /// As [`Self::plan`], with more flags.
    ///
    /// # Errors
    /// As there.
    pub async fn plan_with(&self, publication: &Path, name: &str, more: &[&str]) -> Result<Plan> {
        let path = self.folder.join(name).display().to_string();
        let publication = publication.display().to_string();
        let args = [&["plan", publication.as_str(), "--out", path.as_str()], more].concat();
        let said = self.cli.json(&args, HAS_CHANGES).await?;
        self.read(&path, said)
    }

    /// A plan that `interdict plan` has written.
    ///
    /// # Errors
    /// It is not there, or is none.
    pub fn read(&self, path: &str, said: Value) -> Result<Plan> {
        let manifest = serde_json::from_value(read_json(path)?["manifest"].clone())?;
        Ok(Plan { path: path.to_owned(), said, manifest })
    }

    /// A member signs a plan or a retraction; gives the signature's file.
    ///
    /// # Errors
    /// `interdict sign` fails.
    pub async fn sign(&self, member: &Person, paper: &str) -> Result<String> {
        let out = format!("{paper}.{}.sig", member.name);
        self.cli.json_as(member, &["sign", paper, "--yes", "--out", &out], 0).await?;
        Ok(out)
    }

    /// A majority signs; gives the signatures' files.
    ///
    /// # Errors
    /// `interdict sign` fails.
    pub async fn signatures(&self, paper: &str) -> Result<Vec<String>> {
        let mut signatures = Vec::new();
        for member in &self.members[..MAJORITY] {
            signatures.push(self.sign(member, paper).await?);
        }
        Ok(signatures)
    }

    /// A majority signs; gives the command that acts on it.
    ///
    /// # Errors
    /// `interdict sign` fails.
    pub async fn act(&self, paper: &str) -> Result<Vec<String>> {
        let signatures = self.signatures(paper).await?;
        Ok([vec!["act".to_owned(), paper.to_owned()], signatures].concat())
    }

    /// A majority signs and the relayer sends: the addresses are held at once.
    ///
    /// # Errors
    /// A command fails.
    pub async fn hold(&self, plan: &Plan) -> Result<Value> {
        let act = self.act(&plan.path).await?;
        self.cli.json_as(&self.relayer, &act, 0).await
    }

    /// Proposes the ratifying vote; gives the proposal's id.
    ///
    /// # Errors
    /// `interdict propose` fails.
    pub async fn propose(&self, plan: &Plan) -> Result<String> {
        self.propose_as(&self.members[0], &[plan.path.as_str()]).await
    }

    /// Somebody proposes something; gives the proposal's id.
    ///
    /// # Errors
    /// `interdict propose` fails.
    pub async fn propose_as(&self, person: &Person, what: &[&str]) -> Result<String> {
        let said = self.cli.json_as(person, &[&["propose"], what].concat(), 0).await?;
        Ok(said["proposal"].as_str().context("propose gave no proposal")?.to_owned())
    }

    /// A majority votes for a proposal.
    ///
    /// # Errors
    /// `interdict vote` fails.
    pub async fn vote(&self, proposal: &str) -> Result<()> {
        for member in &self.members[..MAJORITY] {
            self.cli.json_as(member, &["vote", proposal, "--for"], 0).await?;
        }
        Ok(())
    }

    /// A majority votes for a proposal and it is executed at once.
    ///
    /// # Errors
    /// A command fails.
    pub async fn pass(&self, proposal: &str) -> Result<Value> {
        self.vote(proposal).await?;
        self.cli.json_as(&self.relayer, &["execute", proposal], 0).await
    }

    /// The whole path: plan, hold, propose, vote, execute.
    ///
    /// # Errors
    /// A command fails.
    pub async fn govern(&self, publication: &Path, name: &str) -> Result<Plan> {
        let plan = self.plan(publication, name).await?;
        self.hold(&plan).await?;
        let proposal = self.propose(&plan).await?;
        self.pass(&proposal).await?;
        Ok(plan)
    }

    /// How many addresses are listed and ratified.
    ///
    /// # Errors
    /// `interdict status` fails.
    pub async fn count(&self) -> Result<u64> {
        let status = self.cli.json(&["status"], 0).await?;
        let count = status["ratified"].as_u64();
        ensure!(count.is_some(), "status has no ratified count: {status}");
        Ok(count.unwrap_or_default())
    }
}
