//! Findings that are judged anew, a bounded number between two turns to the head: those that became
//! final, where a rule asks for that, and those of whoever came to be looked after, or is
//! no longer.
//!
//! What has been judged for which change stands in the database, and is written in the transaction
//! of the last finding. Who is killed on the way begins anew, and finds most of it as it is to be.

use std::vec::IntoIter;

use interdict_core::alert::{Alert, AlertId};
use interdict_core::policy::Verdict;

use super::index::Indexer;
use crate::screen::{Again, Judged, Tallies};
use crate::store::{Anew, Changes, Judgement, REEVALUATION_MAX_ROWS, StoreError};

/// The findings of some subjects, on the way through them.
#[derive(Debug)]
pub(super) struct Rejudging {
    /// Up to which change.
    through: i64,
    /// Which change of the subjects they are judged with.
    known: i64,
    /// Those that are to come: names, so that a flood does not fill the memory.
    names: IntoIter<AlertId>,
    /// The last one.
    last: Option<Alert>,
    tallies: Tallies,
}

impl Indexer {
    /// Reads the subjects anew if somebody changed them.
    pub(super) async fn mind_subjects(&mut self) -> Result<(), StoreError> {
        let changed = self.store.subjects_changed().await?;
        if changed != self.subjects.1 {
            self.subjects = (self.store.subjects().await?.into_iter().collect(), changed);
        }
        Ok(())
    }

    /// Reads the manifests anew if somebody added one.
    pub(super) fn mind_manifests(&mut self) {
        match self.manifests.mind() {
            Ok(false) => {}
            Ok(true) => tracing::info!("the folder of manifests was read anew"),
            Err(error) => {
                tracing::error!(%error, "the folder of manifests cannot be read; going on as before");
            }
        }
    }

    /// Brings findings up to date whose address stands otherwise now, and judges anew what is to
    /// be; whether there may be more.
    pub(super) async fn turn_to_findings(&mut self) -> bool {
        let done = match self.store.reevaluate(self.clock.now()).await {
            // Rarely taken and large, as catching up.
            Ok(None) => Box::pin(self.judge_anew()).await,
            done => done,
        };
        match done {
            Ok(None) => false,
            Ok(Some(changes)) => {
                self.tell(&changes);
                true
            }
            Err(error) => {
                self.over |= error.is_final();
                tracing::error!(%error, "findings cannot be re-evaluated; the next turn tries again");
                false
            }
        }
    }

    /// Judges the next findings anew; `None` if there are none.
    async fn judge_anew(&mut self) -> Result<Option<Changes>, StoreError> {
        let finals = self.store.findings_final().await?;
        if finals.is_empty() {
            return self.judge_for_subjects().await;
        }
        self.mind_subjects().await?;
        // What counts together with others waits for no finality: a policy that has it so is none.
        let anew = self.judged(&finals, &mut Tallies::new());
        self.store.judge_anew(anew, None, self.clock.now()).await.map(Some)
    }

    async fn judge_for_subjects(&mut self) -> Result<Option<Changes>, StoreError> {
        let Some(through) = self.store.subjects_to_judge().await? else {
            self.rejudging = None;
            return Ok(None);
        };
        self.mind_subjects().await?;
        let known = self.subjects.1;
        // It is put back when its step is written: after a failure it begins anew.
        let going_on = self.rejudging.take().filter(|going_on| going_on.known == known);
        let begin = || {
            let (names, tallies) = (Vec::new().into_iter(), Tallies::new());
            Box::new(Rejudging { through, known, names, last: None, tallies })
        };
        let mut rejudging = going_on.unwrap_or_else(begin);
        if rejudging.names.len() == 0 {
            let (through, last) = (rejudging.through, rejudging.last.as_ref());
            rejudging.names = self.store.findings_to_judge(through, last).await?.into_iter();
        }
        let mut found = Vec::new();
        for id in rejudging.names.by_ref().take(REEVALUATION_MAX_ROWS as usize) {
            found.extend(self.store.alert(id).await?);
        }
        let anew = self.judged(&found, &mut rejudging.tallies);
        let is_over = found.is_empty();
        let through = is_over.then_some(rejudging.through);
        let changes = self.store.judge_anew(anew, through, self.clock.now()).await?;
        if !is_over {
            rejudging.last = found.pop();
            self.rejudging = Some(rejudging);
        }
        Ok(Some(changes))
    }

    /// What is said of findings now. One of which nothing can be said, or that would be none, stays
    /// as it was judged: what was found is not unmade.
    fn judged(&self, found: &[Alert], tallies: &mut Tallies) -> Vec<Anew> {
        let criteria = self.config.criteria(&self.subjects.0, &self.manifests.manifests);
        let mut again = Again { criteria, ledger: &self.ledger, tallies: std::mem::take(tallies) };
        let mut judge = |alert: &Alert| {
            let Judged { class: rule, verdict, worth, awaits_finality } = again.judge(alert)?;
            let Verdict::Finding(severity) = verdict else { return None };
            let policy = criteria.policy.label.clone();
            Some(Judgement { rule, severity, policy, worth, awaits_finality })
        };
        let anew = found.iter().map(|alert| Anew { id: alert.id, judgement: judge(alert) });
        let anew = anew.collect();
        *tallies = again.tallies;
        anew
    }
}
