//! What a verified block brings, judged with the list as of it. The same at the head and when
//! catching up.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use interdict_core::ledger::{Act, Kind, Ledger, Standing};
use interdict_core::policy::Finality;
use interdict_core::transfer::Verification;

use super::index::StepError;
use crate::chain::Block;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::screen::{self, Criteria, Evidence, Screened, Signers};
use crate::store::{Intake, Lookback};
use crate::traces::Known;

/// The list as it grows with the acts of blocks that are not written yet. The ledger that it began
/// with stays as it was, and is copied only when there is an act.
pub(super) struct Growing<'l> {
    base: &'l Ledger,
    grown: Option<Ledger>,
}

impl<'l> Growing<'l> {
    pub(super) const fn from(base: &'l Ledger) -> Self {
        Self { base, grown: None }
    }

    pub(super) fn ledger(&self) -> &Ledger {
        self.grown.as_ref().unwrap_or(self.base)
    }

    /// The ledger that takes the place of the first, if there is one.
    pub(super) fn grown(self) -> Option<Ledger> {
        self.grown
    }

    /// How addresses stand now that stood otherwise before these acts and this time.
    pub(super) fn moved(
        &self,
        acts: &[Act],
        after: u64,
        through: u64,
    ) -> BTreeMap<Address, Standing> {
        self.ledger().moved(self.base, acts, after, through)
    }

    fn push(&mut self, acts: &[Act]) -> Result<(), StepError> {
        if !acts.is_empty() {
            let ledger = self.grown.get_or_insert_with(|| self.base.clone());
            acts.iter().try_for_each(|act| ledger.push(act))?;
        }
        Ok(())
    }
}

/// What blocks are taken in by.
pub(super) struct Ground<'i> {
    pub(super) config: &'i Config,
    /// By what they are judged.
    pub(super) criteria: Criteria<'i>,
    pub(super) metrics: &'i Metrics,
    /// How the blocks are come by.
    pub(super) verified: Verification,
    /// Whether they can still be taken back.
    pub(super) finality: Finality,
    /// Our clock, unix seconds.
    pub(super) now: i64,
}

/// What belongs to a block and is not in it.
pub(super) struct Beside {
    /// The acts of the list.
    pub(super) acts: Vec<Act>,
    /// What the calls within its transactions did.
    pub(super) known: Known,
    /// Whose word is taken for who signed.
    pub(super) signers: Signers,
}

/// Says of an act that lists what nobody can know of it, if a rule asks for that.
fn tell_unknown(act: &Act, criteria: Criteria<'_>) {
    let lists = matches!(act.kind, Kind::List | Kind::ListProvisional);
    if lists && criteria.policy.asks_for_programs() && !criteria.manifests.has(act.manifest) {
        tracing::warn!(
            act = act.number, manifest = %act.manifest,
            "the programs of these listings are not known: put the act's manifest into the folder \
             `manifests`"
        );
    }
}

/// Screens a block above what the list has grown to, with what belongs to it. How addresses stand
/// after it is left open: that may be asked after many blocks at once.
pub(super) fn of(
    block: &Block,
    Beside { acts, known, signers }: Beside,
    list: &mut Growing<'_>,
    ground: &Ground<'_>,
) -> Result<Intake, StepError> {
    let header = block.header;
    let Ground { config, criteria, metrics, verified, finality, now } = *ground;
    list.push(&acts)?;
    let ledger = list.ledger();
    let traces = known.traces.as_ref();
    let evidence = Evidence { block, traces, signers, verified, finality };
    let mut screened = screen::live(config.chain_id, &evidence, ledger, criteria);
    screened.keep(known.undecoded);
    metrics.screened(&screened);
    metrics.traces_differing.inc_by(known.differing);
    let begins = |act: &u32| !screen::newly_listed(ledger, *act).is_empty();
    let lookbacks = acts.iter().map(|act| act.number).filter(begins);
    let lookbacks = lookbacks
        .map(|act| Lookback {
            act,
            found_at: header.number,
            next: (header.number.saturating_sub(1), header.parent),
            from_block: config.lookback_from_block,
        })
        .collect();
    for act in &acts {
        tell_unknown(act, criteria);
        let (number, kind, entries) = (act.number, act.kind, act.entries.len());
        tracing::info!(act = number, ?kind, entries, block = header.number, "act taken in");
    }
    let Screened { alerts, undecoded, .. } = screened;
    let moved = BTreeMap::new();
    Ok(Intake { header, acts, alerts, undecoded, lookbacks, moved, now })
}
