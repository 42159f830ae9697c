//! `deploy`.

use alloy::primitives::Address;
use clap::Args;
use interdict_core::deployment::Delays;

use super::{SendArgs, address};
use crate::text;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict deploy --member 0x… --member 0x… --member 0x… --guardian 0x… --account deployer")]
pub(crate) struct DeployArgs {
    /// A first member of the council; once for each
    #[arg(long = "member", required = true, value_name = "ADDRESS", value_parser = address)]
    pub(crate) members: Vec<Address>,
    /// Who may cancel delistings and changes of seats while they wait
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) guardian: Option<Address>,
    /// Who may attest that the list was compared with its sources
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) keeper: Option<Address>,
    /// How many addresses the council may hold in a day
    #[arg(long, default_value_t = 1000, value_name = "NUMBER")]
    pub(crate) holds_per_day: u32,
    /// How long a hold by signatures lasts
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) term: u64,
    /// How long a vote stays open that finds no quorum before
    #[arg(long, default_value = "3d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) voting_period: u64,
    /// A vote passes with more than this percentage of the seats, from 50 to 90
    #[arg(long, default_value_t = 50, value_name = "PERCENT")]
    pub(crate) vote_quorum: u8,
    /// An act is signed by more than this percentage of the seats, from 50 to 90
    #[arg(long, default_value_t = 50, value_name = "PERCENT")]
    pub(crate) signature_quorum: u8,
    #[command(flatten)]
    pub(crate) delays: DelayArgs,
    #[command(flatten)]
    pub(crate) send: SendArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DelayArgs {
    /// How long a delisting waits, at least 1h
    #[arg(
        long = "delist-delay",
        default_value = "24h",
        value_name = "DURATION",
        value_parser = text::parse_delay
    )]
    delist: u32,
    /// How long a delisting of more than 15 % of the list waits, at least 24h
    #[arg(
        long = "mass-delist-delay",
        default_value = "3d",
        value_name = "DURATION",
        value_parser = text::parse_delay
    )]
    mass_delist: u32,
    /// How long a change of seats waits, at least 24h
    #[arg(
        long = "membership-delay",
        default_value = "3d",
        value_name = "DURATION",
        value_parser = text::parse_delay
    )]
    membership: u32,
    /// How long a change of what may never be listed waits, at least 24h
    #[arg(
        long = "protection-delay",
        default_value = "7d",
        value_name = "DURATION",
        value_parser = text::parse_delay
    )]
    protection: u32,
    /// How long a change of rules waits, at least 3d and no less than anything else
    #[arg(
        long = "rules-delay",
        default_value = "7d",
        value_name = "DURATION",
        value_parser = text::parse_delay
    )]
    rules: u32,
}

impl DelayArgs {
    pub(crate) const fn chosen(&self) -> Delays {
        Delays {
            delist_seconds: self.delist,
            mass_delist_seconds: self.mass_delist,
            membership_seconds: self.membership,
            protection_seconds: self.protection,
            rules_seconds: self.rules,
        }
    }
}
