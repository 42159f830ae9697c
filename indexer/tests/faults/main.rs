//! Faults of providers, each with its number (F1 to F42): the outcome is the one of honest
//! providers, or the indexer stalls loudly and its cursor has not moved. Time is turned by hand.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#![allow(clippy::unnecessary_wraps, reason = "a lie may also be that nothing comes")]

mod abroad;
mod chain;
mod company;
mod data;
mod desk;
mod history;
mod judging;
mod log;
mod lookback;
mod loud;
mod past;
mod second;
mod slips;
mod traces;
