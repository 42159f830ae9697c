//! The first half of the story: a list, a publication, a plan.

use anyhow::{Context as _, Result};
use interdict_tests::publication;
use interdict_tests::publisher::{Publisher, Reply};

use super::story::Story;

/// What the council's system is made of, but for the deployer's own choices.
const DEPLOY: &str = "deploy --account deployer";

impl Story {
    pub(crate) async fn before_there_is_a_list(&mut self) -> Result<()> {
        let who = |name: &str| self.desk.address(name);
        let (alice, bob, carol) = (who("alice")?, who("bob")?, who("carol")?);
        let (guardian, keeper) = (who("guardian")?, who("keeper")?);
        let members = format!("--member {alice} --member {bob} --member {carol}");
        let deploy = format!("{DEPLOY} {members} --guardian {guardian} --keeper {keeper}");
        self.fails("doctor", 1, "doctor").await?;
        self.fails("deploy", 2, &format!("{deploy} --delist-delay 1m")).await?;
        // Its addresses have no names yet, so it is noted once they have.
        let deployed = self.goes_on(0, &deploy).await?;
        self.name_contracts()?;
        self.noted("deploy", &deploy, &deployed);
        self.succeeds("deploy", 0, &deploy).await?;
        self.fails("deploy", 1, &format!("{DEPLOY} --member {alice}")).await?;
        self.succeeds("doctor", 0, "doctor").await?;

        let book = "init --book deployments/31337.json";
        let init = format!("{book} --deployments mine --member {alice}");
        self.succeeds("init", 0, &init).await?;
        self.fails("init", 1, "init --book elsewhere.json").await?;
        self.forge("deployments/31337.json", "other.json", &[("31337", "1")])?;
        self.fails("init", 4, "init --book other.json").await?;

        self.succeeds("status", 0, "status").await?;
        self.succeeds("watch", 0, "watch --once").await?;
        let account = "wallet new --account dave";
        let made = self.asks(0, account).await?;
        self.transcript.call(&made["address"].as_str().context("no address")?, "NEW ADDRESS");
        std::fs::remove_file(self.desk.file(".foundry/keystores/dave"))?;
        let run = self.goes_on(0, account).await?;
        let address = run.stdout.split_whitespace().nth(1).context("no address")?;
        self.transcript.call(&address, "NEW ADDRESS");
        self.noted("wallet new", account, &run);
        self.fails("wallet new", 2, account).await?;
        let import = "wallet import --account erin";
        self.fails("wallet import", 2, import).await?;
        self.succeeds("wallet import", 0, &format!("{import} --private-key-file key")).await?;
        self.succeeds("completions", 0, "completions fish").await?;
        self.fails("completions", 2, "completions tcsh").await?;
        self.succeeds("man", 0, "man").await?;
        self.succeeds("man", 0, "man --out pages").await?;
        self.fails("man", 1, "man --out SDN.CSV").await?;
        Ok(())
    }

    pub(crate) async fn publications_become_plans(&mut self) -> Result<()> {
        let document = std::fs::read(publication("sample_enhanced.xml"))?;
        let modified = "Fri, 02 Jan 2026 15:00:00 GMT";
        let reply = Reply::document(&document).with("last-modified", modified);
        // Each is asked for twice: by a program, and by a person.
        let absent = || Reply::status(404);
        let server = Publisher::start([reply.clone(), reply, absent(), absent()]).await?;
        let fetch = format!("fetch {}/list --out fetched.xml", server.url);
        self.succeeds("fetch", 0, &fetch).await?;
        self.fails("fetch", 1, &fetch).await?;
        self.fails("fetch", 2, "fetch sdn").await?;

        self.succeeds("plan", 3, "plan SDN_ENHANCED.XML --cross-check SDN_ADVANCED.XML").await?;
        self.fails("plan", 1, "plan absent.xml").await?;
        self.fails("plan", 1, "plan SDN.CSV").await?;
        let cut = "plan SDN.CSV --data-as-of 2026-01-02T15:00:00Z --out cut.json";
        self.fails("plan", 1, cut).await?;
        self.succeeds("plan", 3, &format!("{cut} --allow-truncated")).await?;
        self.fails("plan", 4, "plan SDN_ENHANCED.XML --chain 1").await?;
        let short = [("0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6", "0xE070")];
        self.forge("SDN_ENHANCED.XML", "short.xml", &short)?;
        self.succeeds("plan", 3, "plan short.xml --out short.json").await?;

        let copy = "--publication SDN_ENHANCED.XML";
        let verify = format!("verify plan.json {copy} --cross-check SDN_ADVANCED.XML");
        self.succeeds("verify", 0, &verify).await?;
        let swapped = [(
            "0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6",
            "0xe070df2cb1f0cc56089f07b36b5d1cde234f73d7",
        )];
        self.forge("plan.json", "forged.json", &swapped)?;
        self.fails("verify", 4, &format!("verify forged.json {copy}")).await?;
        self.fails("verify", 2, &format!("verify {copy}")).await?;
        self.succeeds("show plan", 0, "show plan.json").await?;
        self.fails("show plan", 2, "show nothing.json").await?;
        Ok(())
    }

    pub(crate) async fn the_list_is_asked(&mut self) -> Result<()> {
        let listed = "0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6";
        let clear = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";
        self.succeeds("check", 3, &format!("check {listed}")).await?;
        self.succeeds("check", 0, &format!("check {clear}")).await?;
        self.succeeds("check", 3, &format!("check {clear} {listed}")).await?;
        self.succeeds("check", 0, &format!("check {listed} --source UK")).await?;
        self.succeeds("check file", 3, "check --file customers.txt").await?;
        self.fails("check file", 3, "check --file cut.txt").await?;
        self.fails("check file", 1, "check --file absent.txt").await?;
        self.fails("check", 1, &format!("check {listed} --at 0")).await?;
        self.fails("check", 2, &format!("check {}", &listed[..41])).await?;
        let who = self.desk.address("bob")?;
        self.succeeds("watch", 0, &format!("watch --once --as {who} --soon 8d")).await?;
        self.succeeds("status", 0, "status").await?;
        Ok(())
    }

    pub(crate) async fn the_past_is_asked(&mut self) -> Result<()> {
        use super::story::NOWHERE;
        let listed = "0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6";
        self.succeeds("show address", 0, &format!("show {listed}")).await?;
        self.fails("show address", 2, &format!("show {}", &listed[..41])).await?;
        self.succeeds("show act", 0, "show 2").await?;
        self.fails("show act", 1, "show 99").await?;
        let act = self.asks(0, "show 2").await?;
        let manifest =
            act["act"]["manifest"].as_str().with_context(|| format!("{act}"))?.to_owned();
        self.succeeds("show manifest", 0, &format!("show {manifest}")).await?;
        let other = format!("0x{}", "1".repeat(64));
        self.fails("show manifest", 1, &format!("show {other}")).await?;
        for format in ["csv", "json", "jsonl"] {
            let form = format!("export {format}");
            self.succeeds(&form, 0, &format!("export --format {format}")).await?;
            self.fails(&form, 1, &format!("export --format {format} --at 0")).await?;
        }
        let then = "export --at 2026-01-05T09:01:30Z --out then.csv";
        self.succeeds("export then", 0, then).await?;
        self.fails("export then", 1, "export --at 2026-01-01").await?;
        self.succeeds("export snapshot", 0, "export --snapshot list.json").await?;
        let signs = "export --snapshot list.json --sign --account relayer";
        self.succeeds("export snapshot", 0, signs).await?;
        self.fails("export snapshot", 2, "export --snapshot list.json --sign").await?;
        self.fails("export", 2, "export --sign").await?;
        self.fails("export snapshot", 1, &format!("export --snapshot list.json {NOWHERE}")).await?;
        self.fails("export snapshot", 2, "export --snapshot list.json --format csv").await?;
        self.succeeds("check", 3, &format!("check {listed} --at 2026-01-05T09:01:30Z")).await?;
        self.fails("check", 1, &format!("check {listed} --at 2026-01-01")).await?;

        self.succeeds("attest", 0, "attest SDN_ENHANCED.XML --account keeper").await?;
        self.fails("attest", 1, "attest SDN_ENHANCED.XML --account alice").await?;
        let withdrawn = "0xF39f61B36dC5b245ae7839DE2dc07A66D7DeFB08";
        self.desk.withdraw("SDN_ENHANCED.XML", "next.xml", withdrawn)?;
        self.fails("attest", 3, "attest next.xml --account keeper").await?;
        self.succeeds("status", 0, "status").await?;
        Ok(())
    }

    pub(crate) async fn without_a_node(&mut self) -> Result<()> {
        use super::story::NOWHERE;
        let address = "0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6";
        self.fails("check", 1, &format!("check {address} {NOWHERE}")).await?;
        self.fails("status", 1, &format!("status {NOWHERE}")).await?;
        self.fails("status", 4, "status --chain 1").await?;
        self.fails("doctor", 1, &format!("doctor {NOWHERE}")).await?;
        self.fails("watch", 1, &format!("watch --once {NOWHERE}")).await?;
        Ok(())
    }
}
