//! A provider that is asked many things at once: for catching up, and for walks back over final
//! history.

use super::{Lane, Pool};
use crate::chain::Header;
use crate::chain::follow::{FollowError, Follower};

/// A follower that is asked many things at once.
#[derive(Debug)]
pub struct Lent {
    at: usize,
    /// Of the same provider as the head.
    pub follower: Follower,
    /// The last final block, by the word of all providers.
    pub last: Header,
    /// How many requests it may be asked before it is given back: what its budget allows at once.
    /// As with a step at the head, it may be a few more; they are paid back before the next.
    pub allowance: u64,
}

/// A follower of the provider of walks back, that is asked many things at once.
#[derive(Debug)]
pub struct LentBack {
    at: usize,
    /// The follower.
    pub follower: Follower,
    /// See [`Lent::allowance`].
    pub allowance: u64,
}

impl Pool {
    /// Another follower of the provider of walks back, to be asked many things at once about final
    /// blocks; `None` on a chain whose headers do not prove everything, because a second provider
    /// must then be asked about each block. How it answers is for [`Self::returned_back`].
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn lend_back(&mut self) -> Result<Option<LentBack>, FollowError> {
        if !self.profile.is_proved() {
            return Ok(None);
        }
        let at = self.choose(Lane::Back)?;
        if let Err(error) = self.identify(at).await {
            return self.note(Lane::Back, at, Err(error));
        }
        let provider = &self.providers[at];
        let follower = Follower::new(provider.follower.shared(), self.profile);
        Ok(Some(LentBack { at, follower, allowance: provider.allowance() }))
    }

    /// Sees that a block of final history, by the word of the one that was lent, is one that the
    /// providers agree on.
    ///
    /// # Errors
    /// They do not.
    pub async fn vouch_back(&mut self, lent: &LentBack, header: Header) -> Result<(), FollowError> {
        self.agree_on(lent.at, header).await
    }

    /// Takes note of how a provider answered that was lent for a walk back.
    ///
    /// # Errors
    /// What it answered.
    pub fn returned_back<T>(
        &mut self,
        lent: &LentBack,
        result: Result<T, FollowError>,
    ) -> Result<T, FollowError> {
        self.note(Lane::Back, lent.at, result)
    }

    /// Another follower of the provider of the head, to be asked many things at once where headers
    /// prove everything; `None` on a chain where they do not, because a second provider must then
    /// be asked about each block, where nothing is final from a height on, and where the provider
    /// does not have our cursor: that is for the follower to see. How it answers is for
    /// [`Self::returned`]: that it could name a final block says little of the rest.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn lend(&mut self, cursor: Header, from: u64) -> Result<Option<Lent>, FollowError> {
        let is_proved = self.profile.is_proved() && cursor.number + 1 >= self.profile.first_block;
        if !is_proved {
            return Ok(None);
        }
        let at = self.choose(Lane::Head)?;
        let last = match self.last_final(at, cursor, from).await {
            Ok(Some(last)) => last,
            Ok(None) => return Ok(None),
            Err(error) => return self.note(Lane::Head, at, Err(error)),
        };
        let provider = &self.providers[at];
        let follower = Follower::new(provider.follower.shared(), self.profile);
        Ok(Some(Lent { at, follower, last, allowance: provider.allowance() }))
    }

    /// The last final block, if it is at a height or above and on our branch by the provider's
    /// word. The others are asked only then: their votes have consequences.
    async fn last_final(
        &mut self,
        at: usize,
        cursor: Header,
        from: u64,
    ) -> Result<Option<Header>, FollowError> {
        self.identify(at).await?;
        let follower = &self.providers[at].follower;
        let last = follower.finalized().await?.filter(|last| last.number >= from);
        let Some(last) = last else { return Ok(None) };
        if follower.height(cursor.number).await?.hash != cursor.hash {
            return Ok(None);
        }
        self.agree_on(at, last).await?;
        Ok(Some(last))
    }

    /// Sees that a block that is about to be taken for final is one that the providers agree on.
    ///
    /// # Errors
    /// They do not, or the one that was lent contradicts itself.
    pub async fn vouch(&mut self, lent: &Lent, header: Header) -> Result<(), FollowError> {
        let last = lent.last;
        if header == last {
            return Ok(());
        }
        if header.number == last.number {
            let endpoint = self.providers[lent.at].name.clone();
            let (hash, named) = (header.hash, last.hash);
            let number = last.number;
            let reason = format!("it gives {hash} at block {number} and calls {named} final there");
            return Err(FollowError::Contradicts { endpoint, reason });
        }
        self.agree_on(lent.at, header).await
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
