//! The situations in which somebody types what an example has, one after the other on one chain.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::chain::Chain;
use interdict_tests::cli::Run;
use interdict_tests::desk::Desk;
use interdict_tests::publication;
use interdict_tests::publisher::{Publisher, Reply};

use super::text::Example;

/// 2026-08-01T09:00:00Z: before the days that the examples ask about.
const GENESIS: u64 = 1_785_574_800;

/// 2026-09-01T09:00:00Z: after them.
const LATER: u64 = 1_788_253_200;

/// From a block to the next.
const BLOCK_SECONDS: u64 = 12;

const PEOPLE: [&str; 7] = ["deployer", "alice", "bob", "carol", "guardian", "keeper", "relayer"];

const MEMBERS: [&str; 3] = ["alice", "bob", "carol"];

/// An address of the sample.
const LISTED: &str = "0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6";

/// Another, which a later publication does not name.
const WITHDRAWN: &str = "0xF39f61B36dC5b245ae7839DE2dc07A66D7DeFB08";

/// What the examples' files are here.
const FILES: [(&str, &str); 7] = [
    ("SDN_ENHANCED.XML", "sample_enhanced.xml"),
    ("SDN_ADVANCED.XML", "sample_advanced.xml"),
    ("SDN.CSV", "sample_sdn.csv"),
    ("SDN_COMMENTS.CSV", "sample_sdn_comments.csv"),
    ("entities.ftm.json", "opensanctions_sample.json"),
    ("own.csv", "sample.csv"),
    ("list.xml", "sample_enhanced.xml"),
];

/// How far things have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    /// Nobody has a key.
    Newcomer,
    /// There is a chain and nothing on it.
    Bare,
    /// There is an empty list, and has been for a month.
    Deployed,
    /// There is a plan, and every member's signature under it.
    Planned,
    /// What was planned is held.
    Held,
    /// There is a retraction, and every member's signature under it.
    Retracting,
    /// The ratifying vote is proposed, and there is every member's ballot.
    Proposed,
    /// One has voted, and there is another's ballot.
    Voted,
    /// A majority has voted.
    Succeeded,
    /// It is executed.
    Ratified,
    /// There is a plan that delists.
    Delisting,
    /// It was voted for, and waits.
    Queued,
}

impl Situation {
    /// In their order.
    pub(crate) const ALL: [Self; 12] = [
        Self::Newcomer,
        Self::Bare,
        Self::Deployed,
        Self::Planned,
        Self::Held,
        Self::Retracting,
        Self::Proposed,
        Self::Voted,
        Self::Succeeded,
        Self::Ratified,
        Self::Delisting,
        Self::Queued,
    ];
}

/// The chain, the desk, and what there is to be filled in.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) chain: Chain,
    pub(crate) desk: Desk,
    proposal: Option<String>,
    server: Publisher,
    _anvil: Anvil,
}

impl Stage {
    pub(crate) async fn set(folder: &Path) -> Result<Self> {
        let anvil = Anvil::start_at(Pace::OnDemand, GENESIS).await?;
        let chain = Chain::new(&anvil.url)?;
        chain.tick(BLOCK_SECONDS).await?;
        let desk = Desk::furnish(folder, &anvil, &PEOPLE).await?;
        for (name, sample) in FILES {
            std::fs::copy(publication(sample), desk.file(name))?;
        }
        // The sample is of another list than the example.
        let entities = std::fs::read_to_string(desk.file("entities.ftm.json"))?;
        let entities = entities.replace("us_ofac_sdn", "gb_fcdo_sanctions");
        // Nor has it an address that the plan would be refused for.
        let wrong = "0xe070df2cB1f0cC56089F07b36b5d1cde234F73D6";
        let entities = entities.replace(wrong, &wrong[..41]);
        std::fs::write(desk.file("entities.ftm.json"), entities)?;
        std::fs::write(desk.file("customers.txt"), format!("# ours\n{LISTED}\n"))?;
        let key = desk.file("key.txt");
        std::fs::write(&key, format!("0x{}\n", "11".repeat(32)))?;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
        for folder in [".zfunc", ".config/fish/completions", "bin", "plans"] {
            std::fs::create_dir_all(desk.file(folder))?;
        }
        let shells = ".local/share/bash-completion/completions";
        std::fs::create_dir_all(desk.file(shells))?;
        stand_in(&desk.file("bin/jq"))?;
        let server = Publisher::start([]).await?;
        Ok(Self { chain, desk, proposal: None, server, _anvil: anvil })
    }

    /// Takes things on to a situation from the one before.
    pub(crate) async fn come_to(&mut self, situation: Situation) -> Result<()> {
        match situation {
            Situation::Newcomer => self.hide_keys(),
            Situation::Bare => self.show_keys(),
            Situation::Deployed => self.deploy().await,
            Situation::Planned => self.plan().await,
            Situation::Held => self.types(0, &act("plan.json")).await,
            Situation::Retracting => self.retract().await,
            Situation::Proposed => self.propose().await,
            Situation::Voted => self.vote("alice").await,
            Situation::Succeeded => self.vote("bob").await,
            Situation::Ratified => self.execute().await,
            Situation::Delisting => self.plan_to_delist().await,
            Situation::Queued => self.queue().await,
        }
    }

    /// The example with values for what its text leaves open.
    pub(crate) fn filled(&self, example: &Example) -> Result<String> {
        let line = &example.line;
        let verb = line.split(' ').nth(1).unwrap_or_default();
        let mut members = MEMBERS.iter();
        let mut words: Vec<String> = Vec::new();
        for word in line.split(' ') {
            let before = words.last().map_or("", String::as_str);
            words.push(match word {
                "12" => "3".to_owned(),
                "0x…" if before == "--member" && verb == "deploy" => {
                    self.who(members.next().context("more members than we have")?)?
                }
                _ if word.starts_with("0x") && word.ends_with('…') => match before {
                    "--guardian" | "--keeper" => self.who(&before[2..])?,
                    "--member" | "--voter" | "--as" => self.who("alice")?,
                    "--remove-member" => self.who("carol")?,
                    "--add-member" | "--protect" => self.who("relayer")?,
                    _ => self.thing(verb).with_context(|| format!("in {line:?}"))?,
                },
                _ => word
                    .replace("11155111", "31337")
                    .replace("http://127.0.0.1:8545", &self.desk.rpc_url),
            });
        }
        let mut line = words.join(" ");
        if line.contains("https://example.org") {
            self.serve(if verb == "init" { "deployments/31337.json" } else { "list.xml" })?;
            line = line.replace("https://example.org", &self.server.url);
        }
        // Here is no terminal, on which a person would read and confirm.
        let is_made_here = !line.contains("--typed-data") && !line.contains("--signature-file");
        let signs = verb == "sign" || line.contains("--sign-only");
        Ok(if signs && is_made_here && example.line.starts_with("interdict") {
            format!("{line} --yes")
        } else {
            line
        })
    }

    fn who(&self, name: &str) -> Result<String> {
        Ok(self.desk.address(name)?.to_string())
    }

    /// What a verb is about.
    fn thing(&self, verb: &str) -> Result<String> {
        match verb {
            "check" | "retract" => Ok(LISTED.to_owned()),
            "vote" | "execute" | "cancel" | "show" | "verify" => {
                self.proposal.clone().context("there is no proposal")
            }
            _ => bail!("nothing is known that could be filled in"),
        }
    }

    fn serve(&self, name: &str) -> Result<()> {
        self.server.then([Reply::document(&std::fs::read(self.desk.file(name))?)]);
        Ok(())
    }

    async fn types(&self, code: i32, line: &str) -> Result<()> {
        self.run(code, line).await.map(|_| ())
    }

    async fn run(&self, code: i32, line: &str) -> Result<Run> {
        let run = self.desk.types(line).await?;
        ensure!(run.code == code, "{line}: {run:#?}");
        Ok(run)
    }

    fn hide_keys(&self) -> Result<()> {
        Ok(std::fs::rename(self.desk.file(".foundry"), self.desk.file("away"))?)
    }

    fn show_keys(&self) -> Result<()> {
        Ok(std::fs::rename(self.desk.file("away"), self.desk.file(".foundry"))?)
    }

    async fn deploy(&self) -> Result<()> {
        let mut line = "interdict deploy --account deployer".to_owned();
        for member in MEMBERS {
            let _ = write!(line, " --member {}", self.desk.address(member)?);
        }
        for name in ["guardian", "keeper"] {
            let _ = write!(line, " --{name} {}", self.desk.address(name)?);
        }
        self.types(0, &line).await?;
        self.chain.mine_at(LATER).await
    }

    async fn sign(&self, paper: &str) -> Result<()> {
        for name in MEMBERS {
            let line = format!("interdict sign {paper} --yes --account {name} --out {name}.json");
            self.types(0, &line).await?;
        }
        Ok(())
    }

    async fn plan(&self) -> Result<()> {
        self.types(3, "interdict plan SDN_ENHANCED.XML").await?;
        std::fs::copy(self.desk.file("plan.json"), self.desk.file("plans/plan.json"))?;
        self.sign("plan.json").await?;
        self.types(0, "interdict sign plan.json --typed-data typed.json").await?;
        self.signs_with_cast().await
    }

    async fn signs_with_cast(&self) -> Result<()> {
        let line = "cast wallet sign --data --from-file typed.json --account alice > alice.sig";
        self.types(0, line).await
    }

    async fn retract(&self) -> Result<()> {
        self.types(0, &format!("interdict retract {LISTED} --reason 'a mistake'")).await?;
        self.sign("retraction.json").await
    }

    /// The id that a proposal gets.
    async fn proposes(&mut self, line: &str) -> Result<String> {
        let said = self.run(0, &format!("{line} --json")).await?.data(0)?;
        let id = said["proposal"].as_str().context("no proposal")?.to_owned();
        self.proposal = Some(id.clone());
        Ok(id)
    }

    async fn propose(&mut self) -> Result<()> {
        let id = self.proposes("interdict propose plan.json --account alice").await?;
        let ballot = format!("interdict vote {id} --for --sign-only --yes");
        for name in MEMBERS {
            self.types(0, &format!("{ballot} --account {name} --out {name}.json")).await?;
        }
        std::fs::copy(self.desk.file("bob.json"), self.desk.file("bob.ballot"))?;
        let alice = self.desk.address("alice")?;
        let typed = format!("interdict vote {id} --for --voter {alice} --typed-data typed.json");
        self.types(0, &typed).await?;
        self.signs_with_cast().await
    }

    async fn vote(&self, name: &str) -> Result<()> {
        let id = self.proposal.as_ref().context("there is no proposal")?;
        self.types(0, &format!("interdict vote {id} --for --account {name}")).await
    }

    async fn execute(&self) -> Result<()> {
        let id = self.proposal.as_ref().context("there is no proposal")?;
        self.types(0, &format!("interdict execute {id} --account relayer")).await
    }

    /// A later publication that names one address less.
    async fn plan_to_delist(&self) -> Result<()> {
        self.desk.withdraw("SDN_ENHANCED.XML", "next.xml", WITHDRAWN)?;
        self.types(3, "interdict plan next.xml").await
    }

    async fn queue(&mut self) -> Result<()> {
        self.proposes("interdict propose plan.json --delist --account alice").await?;
        self.vote("alice").await?;
        self.vote("bob").await?;
        self.execute().await
    }
}

fn act(paper: &str) -> String {
    format!("interdict act {paper} alice.json bob.json --account relayer")
}

/// A program that not every machine has, as one that hands on what it reads.
fn stand_in(path: &Path) -> Result<()> {
    std::fs::write(path, "#!/bin/sh\nexec cat\n")?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}
