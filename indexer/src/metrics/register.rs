//! The names of the figures and what they say, in the order in which they are shown. A counter's
//! name ends in `_total` where it is written, and a unit follows the name.

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Unit;

use super::{BuildLabels, Metrics};

impl Metrics {
    pub(super) fn register(&mut self) {
        let build = Info::new(BuildLabels::here());
        self.registry.register("build", "The program that answers", build);
        self.register_chain();
        self.register_list();
        self.register_findings();
        self.register_history();
        self.register_deliveries();
        self.desk.register(&mut self.registry);
        self.http.register(&mut self.registry);
    }

    fn register_chain(&mut self) {
        let r = &mut self.registry;
        let help = "1 while what is shown cannot be relied upon, else 0";
        r.register("stalled", help, self.stalled.clone());
        let help = "From the last accepted block to the newest one that a provider speaks of";
        r.register_with_unit("chain_lag", help, blocks(), self.chain_lag_blocks.clone());
        r.register("cursor_block", "The last accepted block", self.cursor_block.clone());
        let help = "The time of the last accepted block";
        r.register_with_unit("cursor_timestamp", help, Unit::Seconds, self.cursor_time.clone());
        let help = "The last block that the chain calls final and that was accepted";
        r.register("finalized_block", help, self.finalized_block.clone());
        let help = "Requests or verifications that failed";
        r.register("chain_failures", help, self.chain_failures.clone());
        r.register("reorgs", "Reorganisations taken in", self.reorgs.clone());
        let help = "1 while a provider may be asked; 0 while it wants to be left alone, serves \
                    another chain or is set aside";
        r.register("provider_up", help, self.provider_up.clone());
        let help = "Requests to a provider";
        r.register("provider_requests", help, self.provider_requests.clone());
        let help = "Answers of a provider that failed or did not verify";
        r.register("provider_failures", help, self.provider_failures.clone());
    }

    fn register_list(&mut self) {
        let r = &mut self.registry;
        let help = "Addresses that are or were listed";
        r.register("listed_addresses", help, self.listed_addresses.clone());
        let help = "Subjects that are on the list now: own customers or pools";
        r.register("listed_subjects", help, self.listed_subjects.clone());
        r.register("list_acts", "Acts of the list taken in", self.acts.clone());
        let help = "When a source was compared with the list and attested, by the chain's clock";
        let figure = self.list_checked.clone();
        r.register_with_unit("list_checked_timestamp", help, Unit::Seconds, figure);
        let help = "The publication that was attested of a source, by its own timestamp";
        r.register_with_unit("list_data_timestamp", help, Unit::Seconds, self.list_data.clone());
    }

    fn register_findings(&mut self) {
        let r = &mut self.registry;
        r.register("alerts", "Findings", self.alerts.clone());
        let help = "From a block's time until its findings are written down, of those found live";
        r.register_with_unit("alert_delay", help, Unit::Seconds, self.alert_delay.clone());
        let help = "Findings that a reorganisation took back";
        r.register("alerts_retracted", help, self.alerts_retracted.clone());
        let help =
            "Findings whose listed address came to stand otherwise, or that were judged anew";
        r.register("alerts_reevaluated", help, self.alerts_reevaluated.clone());
        let help = "Logs that look like transfers, and blocks whose traces are not believed, that \
                    are not screened";
        r.register("undecoded_logs", help, self.undecoded_logs.clone());
        let help = "Findings whose transaction's signer is the provider's word";
        r.register("unproved_signers", help, self.unproved_signers.clone());
        let help = "Transactions about whose calls two providers differ";
        r.register("traces_differing", help, self.traces_differing.clone());
    }

    fn register_history(&mut self) {
        let r = &mut self.registry;
        r.register("lookbacks_open", "Walks back not over", self.lookbacks_open.clone());
        let help = "Blocks caught up with, by how it was made sure that nothing was left out";
        r.register("blocks_caught_up", help, self.blocks_caught_up.clone());
        let help = "Blocks walked back over, by how it was made sure that nothing was left out";
        r.register("blocks_looked_back", help, self.blocks_looked_back.clone());
        let help = "Ranges whose logs were not those of their blocks";
        r.register("ranges_refused", help, self.ranges_refused.clone());
    }

    fn register_deliveries(&mut self) {
        self.webhooks.register(&mut self.registry);
        let r = &mut self.registry;
        r.register("outbox_pending", "News not yet delivered", self.outbox_pending.clone());
        r.register("outbox_dead", "News that was given up", self.outbox_dead.clone());
    }
}

fn blocks() -> Unit {
    Unit::Other("blocks".to_owned())
}
