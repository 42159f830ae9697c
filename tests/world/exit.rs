//! What `interdict` ends with, as its help promises it: written down once more here, so that a
//! changed promise is seen.

/// Done.
pub const DONE: i32 = 0;
/// Nobody asked for is listed.
pub const CLEAR: i32 = DONE;
/// Failed.
pub const FAILED: i32 = 1;
/// Whether an address is listed cannot be told.
pub const UNKNOWN: i32 = FAILED;
/// The command was not understood.
pub const USAGE: i32 = 2;
/// A plan has changes, or nothing is attested because of them.
pub const HAS_CHANGES: i32 = 3;
/// An address is listed.
pub const LISTED: i32 = HAS_CHANGES;
/// Something waits for somebody.
pub const WAITS: i32 = HAS_CHANGES;
/// Not what it should be: stale, edited, another chain or code.
pub const STALE: i32 = 4;
/// The chain would refuse the transaction.
pub const REVERTS: i32 = 5;
/// The terminal is gone.
pub const HUNG_UP: i32 = 129;
/// Interrupted from the keyboard.
pub const INTERRUPTED: i32 = 130;
/// Asked to end.
pub const TERMINATED: i32 = 143;
