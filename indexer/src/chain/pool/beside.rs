//! The providers beside the one that is followed: what they are asked, and what becomes of it.

use super::provider::Standing;
use super::{ATTEMPTS_PER_PROVIDER, HEAD_LAG_MAX_SECONDS, HEADS_COMPARED_EVERY, Pool};
use crate::chain::follow::{FollowError, Trail};

impl Pool {
    /// Asks the others again that contradicted what was final, until they agree or are believed to
    /// mean it.
    pub(super) async fn ask_again(&mut self, at: usize, trail: &Trail) {
        let now = self.clock.elapsed();
        for other in self.others(at) {
            let doubtful =
                self.providers[other].is_doubtful() && self.providers[other].is_usable(now);
            if !doubtful || self.identified(other).await.is_err() {
                continue;
            }
            let said = self.providers[other].follower.next(trail).await;
            let said = said.map_err(|error| self.contradicted(other, error));
            if self.heard(other, said).is_ok() {
                self.providers[other].agrees();
            }
        }
    }

    /// Whether another provider is further ahead: one that lags or sits on a dead branch says
    /// nothing wrong, and nothing new either.
    pub(super) async fn compare_heads(&mut self, at: usize) {
        let now = self.clock.elapsed();
        let Some(ours) = self.providers[at].follower.head() else { return };
        if self.providers.len() == 1 || now < self.heads_compared + HEADS_COMPARED_EVERY {
            return;
        }
        self.heads_compared = now;
        for other in self.others(at) {
            if !self.providers[other].is_usable(now) || self.identified(other).await.is_err() {
                continue;
            }
            let theirs = self.providers[other].follower.header_at("latest").await;
            let Ok(theirs) = self.heard(other, theirs) else { continue };
            if theirs.time > ours.time.saturating_add(HEAD_LAG_MAX_SECONDS) {
                let (behind, ahead) = (&self.providers[at].name, &self.providers[other].name);
                let error = format!(
                    "lags: its newest block is {}, that of {ahead} is {}",
                    ours.number, theirs.number
                );
                tracing::warn!(provider = behind, error, "another provider is further ahead");
                self.providers[at].last_error = Some(error);
                self.head.failed = ATTEMPTS_PER_PROVIDER;
                return;
            }
        }
    }

    /// As [`Self::identify`], for a provider that is asked beside the one that is followed.
    pub(super) async fn identified(&mut self, at: usize) -> Result<(), FollowError> {
        if self.providers[at].standing == Standing::Fit {
            return Ok(());
        }
        let result = self.identify(at).await;
        self.heard(at, result)
    }

    /// Takes note of how a provider answered that is asked beside the one that is followed.
    pub(super) fn heard<T>(
        &mut self,
        at: usize,
        result: Result<T, FollowError>,
    ) -> Result<T, FollowError> {
        match &result {
            Ok(_) => self.providers[at].last_error = None,
            Err(error) => self.providers[at].ill(error, self.clock.elapsed()),
        }
        result
    }

    /// The other providers, the next first.
    pub(super) fn others(&self, at: usize) -> Vec<usize> {
        let count = self.providers.len();
        (1..count).map(|step| (at + step) % count).collect()
    }
}
