//! The shared words of Interdict: what a listing, a transfer, an alert and a manifest are, and the
//! bindings of the contract that holds the list.
//!
//! Nothing here reads a clock, a file, a network or a source of randomness. If you import this
//! crate to do IO you are in the right place; if you want to add IO here you are not.

pub mod address;
pub mod alert;
pub mod audit;
pub mod contract;
pub mod deployment;
pub mod desk;
pub mod ledger;
pub mod manifest;
pub mod policy;
pub mod retraction;
pub mod source;
pub mod subject;
pub mod transfer;
pub mod uid;
