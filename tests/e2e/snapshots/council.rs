//! The second half of the story: what the council signs, votes, waits for and takes back.

use anyhow::{Context as _, Result};

use super::story::Story;

/// Nobody's address, and on no list of the samples.
const MISTYPED: &str = "0x7a1c3e5f9b2d4680ace1357bdf02468ace13579b";

const DAY_SECONDS: u64 = 24 * 3600;

impl Story {
    pub(crate) async fn a_quorum_holds(&mut self) -> Result<()> {
        let sign = "sign plan.json --yes --account";
        self.fails("sign", 2, "sign plan.json --account alice").await?;
        self.succeeds("sign", 0, &format!("{sign} alice --out alice.json")).await?;
        self.succeeds("sign", 0, &format!("{sign} bob")).await?;
        self.succeeds("sign", 0, "sign plan.json --typed-data typed.json").await?;
        self.fails("sign", 1, &format!("{sign} relayer")).await?;
        // The chain's time is over long ago by any other clock.
        self.fails("sign", 4, &format!("{sign} bob --offline")).await?;
        self.goes_on(0, &format!("{sign} bob --out bob.json")).await?;

        let who = self.desk.address("carol")?;
        std::fs::create_dir(self.desk.file("plans"))?;
        for file in ["plan.json", "alice.json"] {
            std::fs::copy(self.desk.file(file), self.desk.file("plans").join(file))?;
        }
        self.succeeds("watch", 3, &format!("watch --once --as {who} --plans plans")).await?;
        let act = "act plan.json alice.json";
        self.fails("act", 1, &format!("{act} --account relayer")).await?;
        self.fails("act", 1, &format!("{act} absent.json --account relayer")).await?;
        self.succeeds("act", 0, &format!("{act} bob.json --account relayer")).await?;
        self.fails("act", 4, &format!("{act} bob.json --account relayer")).await?;
        Ok(())
    }

    pub(crate) async fn the_council_votes(&mut self) -> Result<()> {
        self.fails("propose", 2, "propose --account alice").await?;
        self.fails("propose", 2, "propose plan.json").await?;
        self.succeeds("propose", 0, "propose plan.json --account alice").await?;
        self.fails("propose", 1, "propose plan.json --account alice").await?;
        let id = self.open_proposal().await?;
        let (alice, bob) = (self.desk.address("alice")?, self.desk.address("bob")?);
        self.succeeds("show proposal", 0, &format!("show {id}")).await?;
        self.fails("show proposal", 1, "show 123456789012345678901234567890").await?;
        self.succeeds("watch", 3, &format!("watch --once --as {alice}")).await?;
        self.succeeds("watch", 3, &format!("watch --once --as {alice} --json")).await?;
        self.succeeds(
            "verify",
            0,
            &format!("verify --proposal {id} --publication SDN_ENHANCED.XML"),
        )
        .await?;
        self.fails("execute", 1, &format!("execute {id} --account relayer")).await?;
        self.fails("cancel", 1, &format!("cancel {id} --account guardian")).await?;
        self.succeeds("vote", 0, &format!("vote {id} --for --account alice")).await?;
        self.fails("vote", 1, &format!("vote {id} --against --account alice")).await?;
        self.fails("vote", 1, &format!("vote {id} --for --account relayer")).await?;
        let ballot = format!("vote {id} --for --sign-only --yes --account bob");
        self.succeeds("vote", 0, &format!("{ballot} --out bob.ballot")).await?;
        let safe = format!("--safe {bob} --safe-transaction safe.json");
        self.succeeds("vote", 0, &format!("vote {id} --for {safe}")).await?;
        self.succeeds("vote", 0, &format!("vote {id} --ballot bob.ballot --account relayer"))
            .await?;
        let execute = format!("execute {id} --account relayer");
        self.succeeds("execute", 0, &execute).await?;
        self.fails("execute", 1, &execute).await?;
        self.succeeds("show proposal", 0, &format!("show {id} --json")).await?;
        self.succeeds("verify", 0, "verify --act 3 --publication SDN_ENHANCED.XML").await?;
        Ok(())
    }

    pub(crate) async fn a_delisting_waits(&mut self) -> Result<()> {
        self.succeeds("plan", 3, "plan next.xml --out next.json").await?;
        self.fails("propose", 1, "propose next.json --account alice").await?;
        self.succeeds("propose", 0, "propose next.json --delist --account alice").await?;
        let id = self.open_proposal().await?;
        self.goes_on(0, &format!("vote {id} --for --account alice")).await?;
        self.goes_on(0, &format!("vote {id} --for --account bob")).await?;
        let execute = format!("execute {id} --account relayer");
        self.succeeds("execute", 0, &execute).await?;
        self.fails("execute", 1, &execute).await?;
        self.succeeds("status", 0, "status").await?;
        self.succeeds("show proposal", 0, &format!("show {id}")).await?;
        self.succeeds("watch", 0, "watch --once").await?;
        self.fails("cancel", 5, &format!("cancel {id} --account alice")).await?;
        self.succeeds("cancel", 0, &format!("cancel {id} --account guardian")).await?;
        self.fails("cancel", 1, &format!("cancel {id} --account guardian")).await?;
        self.chain.mine_at(self.chain.time().await? + DAY_SECONDS).await?;
        self.fails("execute", 1, &execute).await?;
        let change = "propose --reason 'a router that everyone uses' --account alice --protect";
        self.succeeds("propose", 0, &format!("{change} {}", self.desk.address("keeper")?)).await?;
        Ok(())
    }

    pub(crate) async fn a_hold_is_retracted(&mut self) -> Result<()> {
        let new = [("0xF39f61B36dC5b245ae7839DE2dc07A66D7DeFB08", MISTYPED)];
        self.forge("own.csv", "mistyped.csv", &new)?;
        let plan =
            "plan mistyped.csv --source OWN --data-as-of 2026-01-05T00:00:00Z --out own.json";
        self.succeeds("plan", 3, plan).await?;
        let sign = |paper: &str, who: &str| {
            format!("sign {paper}.json --yes --account {who} --out {who}.json")
        };
        for who in ["alice", "bob"] {
            self.goes_on(0, &sign("own", who)).await?;
        }
        let signatures = "alice.json bob.json --account relayer";
        self.succeeds("act", 0, &format!("act own.json {signatures} --json")).await?;
        let reason = "--reason 'listed under a mistyped address'";
        let retract = format!("retract {MISTYPED} {reason}");
        self.succeeds("retract", 0, &retract).await?;
        let stranger = self.desk.address("keeper")?;
        self.fails("retract", 1, &format!("retract {stranger} {reason}")).await?;
        self.succeeds("sign", 0, &sign("retraction", "alice")).await?;
        self.goes_on(0, &sign("retraction", "bob")).await?;
        self.succeeds("act", 0, &format!("act retraction.json {signatures}")).await?;
        self.fails("act", 4, &format!("act retraction.json {signatures}")).await?;
        self.succeeds("status", 0, "status").await?;
        Ok(())
    }

    /// The id of the one proposal that is open.
    async fn open_proposal(&self) -> Result<String> {
        let status = self.asks(0, "status").await?;
        let id = status["open_proposals"][0]["proposal"].as_str().context("none is open")?;
        Ok(id.to_owned())
    }
}
