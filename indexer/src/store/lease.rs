//! Who does what, when several workers share a database. A worker takes a lease on a part of the
//! work; it is renewed while the worker lives and lapses by the database's clock when it does not.
//! Every transaction that writes shows the lease's token, so that a worker that lost the lease, and
//! does not know it yet, writes nothing.

use std::fmt;

/// A part of the work that one worker does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Taking in the chain's blocks.
    Chain,
    /// The walk back that an act began.
    Lookback(u32),
    /// Telling the receiver.
    Deliveries,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain => f.write_str("chain"),
            Self::Lookback(act) => write!(f, "lookback/{act}"),
            Self::Deliveries => f.write_str("deliveries"),
        }
    }
}

/// What became of asking for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It was ours and still is.
    Kept,
    /// It is ours from now on: what is known of the database may be out of date.
    Taken,
    /// Another worker has it.
    Theirs {
        /// That worker, as a person finds it.
        worker: String,
    },
}
