//! The second half of the story: what the council signs, votes, waits for and takes back.

use anyhow::{Context as _, Result, ensure};

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
        self.succeeds("sign typed-data", 0, "sign plan.json --typed-data typed.json").await?;
        self.fails("sign typed-data", 1, "sign absent.json --typed-data typed.json").await?;
        self.signs_elsewhere().await?;
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

    /// What another program signs under the typed data.
    async fn signs_elsewhere(&mut self) -> Result<()> {
        let (alice, bob) = (self.desk.address("alice")?, self.desk.address("bob")?);
        let cast = "cast wallet sign --data --from-file typed.json --account alice > alice.sig";
        let signed = self.desk.types(cast).await?;
        ensure!(signed.code == 0, "{signed:?}");
        let sign = "sign plan.json --signature-file alice.sig --out elsewhere.json --signer";
        self.succeeds("sign elsewhere", 0, &format!("{sign} {alice}")).await?;
        self.fails("sign elsewhere", 1, &format!("{sign} {bob}")).await?;
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
        let verify = |id: &str| format!("verify --proposal {id} --publication SDN_ENHANCED.XML");
        self.succeeds("verify proposal", 0, &verify(&id)).await?;
        self.fails("verify proposal", 1, &verify("12345678901234567890")).await?;
        self.fails("execute", 1, &format!("execute {id} --account relayer")).await?;
        self.fails("cancel", 1, &format!("cancel {id} --account guardian")).await?;
        self.succeeds("vote", 0, &format!("vote {id} --for --account alice")).await?;
        self.fails("vote", 1, &format!("vote {id} --against --account alice")).await?;
        self.fails("vote", 1, &format!("vote {id} --for --account relayer")).await?;
        let ballot = format!("vote {id} --for --sign-only --yes --account bob");
        self.succeeds("vote sign-only", 0, &format!("{ballot} --out bob.ballot")).await?;
        let stranger = format!("vote {id} --for --sign-only --yes --account relayer");
        self.fails("vote sign-only", 1, &format!("{stranger} --out relayer.ballot")).await?;
        let safe = format!("--safe {bob} --safe-transaction safe.json");
        self.succeeds("vote", 0, &format!("vote {id} --for {safe}")).await?;
        self.succeeds("vote", 0, &format!("vote {id} --ballot bob.ballot --account relayer"))
            .await?;
        let safe = "--safe-transaction safe.json";
        let by_safe = format!("execute {id} --safe {bob} {safe}");
        self.succeeds("execute safe", 0, &by_safe).await?;
        self.fails("execute safe", 2, &format!("execute {id} {safe}")).await?;
        let execute = format!("execute {id} --account relayer");
        self.succeeds("execute", 0, &execute).await?;
        self.fails("execute", 1, &execute).await?;
        self.succeeds("show proposal", 0, &format!("show {id}")).await?;
        self.succeeds("verify act", 0, "verify --act 3 --publication SDN_ENHANCED.XML").await?;
        self.fails("verify act", 1, "verify --act 99 --publication SDN_ENHANCED.XML").await?;
        Ok(())
    }

    pub(crate) async fn a_delisting_waits(&mut self) -> Result<()> {
        self.succeeds("plan", 3, "plan next.xml --out next.json").await?;
        self.fails("propose", 1, "propose next.json --account alice").await?;
        let safe = "--safe-transaction safe.json";
        let (bob, delist) = (self.desk.address("bob")?, "propose next.json --delist");
        self.succeeds("propose safe", 0, &format!("{delist} --safe {bob} {safe}")).await?;
        self.fails("propose safe", 2, &format!("{delist} {safe}")).await?;
        self.succeeds("propose", 0, &format!("{delist} --account alice")).await?;
        let id = self.open_proposal().await?;
        self.goes_on(0, &format!("vote {id} --for --account alice")).await?;
        let ballot = format!("vote {id} --for --sign-only --yes --account bob --out bob.ballot");
        self.goes_on(0, &ballot).await?;
        let execute = format!("execute {id} --account relayer");
        self.fails("execute ballot", 1, &format!("{execute} --ballot absent.ballot")).await?;
        self.succeeds("execute ballot", 0, &format!("{execute} --ballot bob.ballot")).await?;
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
        let keeper = self.desk.address("keeper")?;
        self.succeeds("propose change", 0, &format!("{change} {keeper}")).await?;
        let unreasoned = format!("propose --account alice --protect {keeper}");
        self.fails("propose change", 2, &unreasoned).await?;
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
        self.succeeds("act", 0, &format!("act own.json {signatures}")).await?;
        let reason = "--reason 'listed under a mistyped address'";
        let retract = format!("retract {MISTYPED} {reason}");
        self.succeeds("retract", 0, &retract).await?;
        let stranger = self.desk.address("keeper")?;
        self.fails("retract", 1, &format!("retract {stranger} {reason}")).await?;
        let verify = |paper: &str| format!("verify {paper}.json");
        self.succeeds("verify retraction", 0, &verify("retraction")).await?;
        let other = [("listed under a mistyped address", "listed under another address")];
        self.forge("retraction.json", "forged.json", &other)?;
        self.fails("verify retraction", 4, &verify("forged")).await?;
        self.succeeds("sign", 0, &sign("retraction", "alice")).await?;
        self.goes_on(0, &sign("retraction", "bob")).await?;
        let act = format!("act retraction.json {signatures}");
        self.succeeds("act retraction", 0, &act).await?;
        self.fails("act retraction", 4, &act).await?;
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
