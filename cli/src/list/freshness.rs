//! How fresh the list is, source by source, by its keeper's word.

use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::source::Source;
use serde::Serialize;

use crate::chain::Pinned;
use crate::deployed::Deployed;

/// What the keeper attested of a source list.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Freshness {
    pub(crate) source: Source,
    /// The publication that the list was last compared with, unix seconds; 0 if never.
    pub(crate) data_as_of: u64,
    /// When that was attested; 0 if never.
    pub(crate) checked_at: u64,
}

/// The keeper's word on every source list that was attested.
pub(crate) async fn read(deployed: &Deployed, at: Pinned) -> Result<Vec<Freshness>> {
    let mut all = Vec::new();
    for source in Source::ALL {
        let call = IBlocklist::freshnessCall { sources: source.mask() };
        let told = deployed.chain.ask(deployed.blocklist(), &call, at.id()).await?;
        let (data_as_of, checked_at): (u64, u64) = (told.dataAsOf.to(), told.checkedAt.to());
        if checked_at != 0 {
            all.push(Freshness { source, data_as_of, checked_at });
        }
    }
    Ok(all)
}
