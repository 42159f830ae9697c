//! Walks back, a stretch between two turns to the head.

use super::index::{Indexer, StepError};
use crate::chain::follow::FollowError;
use crate::config::Config;
use crate::lookback::{self, Errand, Walked};
use crate::store::{Lookback, Stretch};

impl Indexer {
    /// Walks one stretch back; whether there may be more.
    pub(super) async fn turn_to_past(&mut self) -> bool {
        if !self.back.is_due(self.clock.elapsed()) || !self.pool.is_ready() {
            return false;
        }
        match self.walk().await {
            Ok(walked) => walked,
            Err(error) => {
                self.back.failed(self.clock.elapsed());
                self.metrics.chain_failures.inc();
                self.over |= error.is_fatal();
                if self.back.is_stalled() || self.over {
                    tracing::error!(%error, "a walk back stalls");
                    self.status.send_modify(|s| s.lookback_stalled = Some(error.to_string()));
                } else {
                    tracing::warn!(%error, "a walk back failed");
                }
                false
            }
        }
    }

    fn walked_on(&mut self) {
        self.back.succeeded(self.clock.elapsed());
        self.status.send_if_modified(|status| status.lookback_stalled.take().is_some());
    }

    async fn walk(&mut self) -> Result<bool, StepError> {
        let Some(job) = self.store.open_lookback().await? else {
            self.walked_on();
            return Ok(false);
        };
        // Rarely taken and large, as catching up.
        Box::pin(self.walk_on(job)).await
    }

    async fn walk_on(&mut self, job: Lookback) -> Result<bool, StepError> {
        if self.status.borrow().standing_by.is_some() {
            // Another worker takes in the acts: the job may be younger than what is known here.
            self.reread().await?;
            self.mind_subjects().await?;
            self.mind_manifests();
        }
        let Config { chain_id, catch_up: mode, ref deployment, .. } = self.config;
        let errand = Errand {
            chain_id,
            list: deployment.blocklist.address,
            ledger: &self.ledger,
            criteria: self.config.criteria(&self.subjects.0, &self.manifests.manifests),
            mode,
            finalized: self.trail.finalized(),
            job,
        };
        let (pool, gait) = (&mut self.pool, &mut self.gait);
        let walked = lookback::walk(pool, gait, &*self.clock, &errand).await;
        let got_on = walked.got_on();
        let broken = self.record(walked).await?;
        if got_on {
            self.walked_on();
        }
        broken.map_or(Ok(true), |error| Err(error.into()))
    }

    /// Writes what was walked; why there is not more of it.
    async fn record(&mut self, walked: Walked) -> Result<Option<FollowError>, StepError> {
        self.metrics.ranges_refused.inc_by(walked.ranges_refused);
        if !walked.got_on() {
            return Ok(walked.broken);
        }
        let Walked { job, next, found, verified, blocks, traces_differing, broken, .. } = walked;
        self.metrics.screened(&found);
        self.metrics.traces_differing.inc_by(traces_differing);
        let (alerts, undecoded, now) = (found.alerts, found.undecoded, self.clock.now());
        let stretch = Stretch { job, next, alerts, undecoded, subjects: self.subjects.1, now };
        let changes = self.store.walked(stretch).await?;
        self.metrics.looked_back(verified, blocks);
        if next.is_none() {
            tracing::info!(act = job.act, from = job.from_block, "walk back over");
        }
        self.tell(&changes);
        Ok(broken)
    }
}
