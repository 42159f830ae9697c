//! A provider that is asked many things at once, for catching up.

use super::{Lane, Pool};
use crate::chain::follow::{FollowError, Follower};

/// A follower that is asked many things at once.
#[derive(Debug)]
pub struct Lent {
    at: usize,
    /// Of the same provider as the head.
    pub follower: Follower,
}

impl Pool {
    /// Another follower of the provider of the head, to be asked many things at once where headers
    /// prove everything; `None` on a chain where they do not, because a second provider must then
    /// be asked about each block. What comes of it is for [`Self::returned`].
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn lend(&mut self) -> Result<Option<Lent>, FollowError> {
        if !self.profile.is_proved() {
            return Ok(None);
        }
        let at = self.choose(Lane::Head)?;
        let known = self.identify(at).await;
        self.note(Lane::Head, at, known)?;
        let rpc = self.providers[at].follower.shared();
        Ok(Some(Lent { at, follower: Follower::new(rpc, self.profile) }))
    }

    /// Takes note of how a provider answered that was lent.
    ///
    /// # Errors
    /// What it answered.
    pub fn returned<T>(
        &mut self,
        lent: &Lent,
        result: Result<T, FollowError>,
    ) -> Result<T, FollowError> {
        self.note(Lane::Head, lent.at, result)
    }
}
