//! Final history, read faster than block by block: nothing of it is built in memory but what may
//! concern the list.
//!
//! Two ways. [`Mode::Full`] proves every block as at the head, from the bytes that came. One thing
//! alone is the provider's word that is recovered at the head: who signed a transaction that has no
//! value of its own. That can hide a listed signer, and invent none. [`Mode::Sampled`] asks for the
//! logs of whole ranges, proves the blocks in which something is found and a sample of the others,
//! and reads a range block by block as soon as one of them says otherwise than the range did. A row
//! says in which way its block was come by. Sampled, a provider that leaves out a log is caught by
//! chance only, and the value of a transaction is seen only in blocks that are looked at: that is
//! why it must be asked for.

pub(crate) mod batches;
mod json;
pub mod pace;
pub(crate) mod prove;
pub(crate) mod ranges;
pub(crate) mod sample;
pub(crate) mod scan;
pub(crate) mod sift;

use serde::{Deserialize, Serialize};

/// How final history is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every block is proved.
    #[default]
    Full,
    /// Only blocks in which something is found, and a sample.
    Sampled,
}
