//! The address book of one chain: `deployments/<chainId>.json`, written by `interdict deploy` and
//! read by everything else.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

/// The name of this format.
pub const SCHEMA: &str = "interdict.deployment/1";

/// One contract of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Where it is.
    pub address: Address,
    /// Keccak-256 of its code as deployed.
    pub code_hash: B256,
}

/// What was chosen when the system was deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The first members of the council.
    pub members: Vec<Address>,
    /// Who may cancel delistings and membership changes while they wait; `None` if nobody.
    pub guardian: Option<Address>,
    /// Who may attest that the list was compared with its sources; `None` if nobody.
    pub keeper: Option<Address>,
    /// How long a provisional listing holds, in seconds.
    pub term_seconds: u64,
    /// How many provisional entries a day may have.
    pub holds_per_day: u32,
    /// How long a vote is open, in seconds.
    pub voting_period_seconds: u64,
    /// A vote passes with more than this percentage of the seats.
    pub vote_quorum_percent: u8,
    /// An act is signed by more than this percentage of the seats.
    pub signature_quorum_percent: u8,
    /// How long what was decided waits.
    pub delays: Delays,
}

/// How long what the council decided waits before it can be executed, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    /// A delisting.
    pub delist_seconds: u32,
    /// A delisting of more than 15 % of the list.
    pub mass_delist_seconds: u32,
    /// A change of seats.
    pub membership_seconds: u32,
    /// A change of what may never be listed.
    pub protection_seconds: u32,
    /// A change of roles, delays or authority.
    pub rules_seconds: u32,
}

/// A delay that a deployment may not choose, or that it should not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DelayError {
    /// Shorter or longer than it may be.
    #[error("the {name} delay of {found} s is not between {least} s and {most} s")]
    OutOfBounds {
        /// Which delay: the name of its flag.
        name: &'static str,
        /// What it is, in seconds.
        found: u32,
        /// The least that it may be, in seconds.
        least: u32,
        /// The most that it may be, in seconds.
        most: u32,
    },
    /// More could be delisted sooner than less.
    #[error("delisting more than 15 % of the list would wait less than delisting little")]
    MassBeforeOne,
    /// A changed rule could end another delay before its time.
    #[error("a change of rules would wait {rules} s, less than {other} s for something else")]
    RulesFirst {
        /// What a change of rules waits, in seconds.
        rules: u32,
        /// The longest of the others, in seconds.
        other: u32,
    },
}

const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;

impl Delays {
    /// What a deployment has unless it chooses otherwise.
    pub const DEFAULT: Self = Self {
        delist_seconds: DAY,
        mass_delist_seconds: 3 * DAY,
        membership_seconds: 3 * DAY,
        protection_seconds: 7 * DAY,
        rules_seconds: 7 * DAY,
    };

    /// The least that a deployment may choose.
    pub const LEAST: Self = Self {
        delist_seconds: HOUR,
        mass_delist_seconds: DAY,
        membership_seconds: DAY,
        protection_seconds: DAY,
        rules_seconds: 3 * DAY,
    };

    /// The most that any of them may be: what waits longer has lost its evidence.
    pub const MOST_SECONDS: u32 = 30 * DAY;

    /// Whether a deployment may have these.
    ///
    /// # Errors
    /// Says which delay is not as it may be; see `contracts/Roles.sol` for the rule.
    pub fn check(&self) -> Result<(), DelayError> {
        for ((name, found), (_, least)) in self.named().into_iter().zip(Self::LEAST.named()) {
            let most = Self::MOST_SECONDS;
            if !(least..=most).contains(&found) {
                return Err(DelayError::OutOfBounds { name, found, least, most });
            }
        }
        if self.mass_delist_seconds < self.delist_seconds {
            return Err(DelayError::MassBeforeOne);
        }
        let longest = self.named().map(|(_, seconds)| seconds).into_iter().max();
        match longest {
            Some(other) if other > self.rules_seconds => {
                Err(DelayError::RulesFirst { rules: self.rules_seconds, other })
            }
            _ => Ok(()),
        }
    }

    /// Each by the name of its flag.
    pub const fn named(&self) -> [(&'static str, u32); 5] {
        [
            ("delist", self.delist_seconds),
            ("mass-delist", self.mass_delist_seconds),
            ("membership", self.membership_seconds),
            ("protection", self.protection_seconds),
            ("rules", self.rules_seconds),
        ]
    }
}

/// The whole system on one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// [`SCHEMA`].
    pub schema: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of the chain's block 0: tells two local chains of the same id apart.
    pub genesis_hash: B256,
    /// A block at or below the first one that has the list's code; its events begin after it.
    pub block: u64,
    /// Who may do what, and after which delay.
    pub access_manager: Contract,
    /// Who sits on the council.
    pub seats: Contract,
    /// The council's votes.
    pub council: Contract,
    /// The council's signed acts.
    pub signed_act: Contract,
    /// The list.
    pub blocklist: Contract,
    /// What was chosen.
    pub parameters: Parameters,
}

/// A file that is no address book.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// Not the JSON of this format.
    #[error("is no deployment file: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version of the format.
    #[error("has schema {0:?}, this version reads {SCHEMA:?}: deploy again or update interdict")]
    Schema(String),
}

impl Deployment {
    /// Reads the file's text.
    ///
    /// # Errors
    /// See [`DeploymentError`].
    pub fn parse(text: &str) -> Result<Self, DeploymentError> {
        let deployment: Self = serde_json::from_str(text)?;
        if deployment.schema != SCHEMA {
            return Err(DeploymentError::Schema(deployment.schema));
        }
        Ok(deployment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_within_their_bounds_and_in_their_order() {
        assert_eq!(Delays::DEFAULT.check(), Ok(()));
        assert_eq!(Delays::LEAST.check(), Ok(()));
        let refused = |delays: Delays| delays.check().unwrap_err().to_string();
        let short = Delays { delist_seconds: 3599, ..Delays::DEFAULT };
        assert_eq!(
            refused(short),
            "the delist delay of 3599 s is not between 3600 s and 2592000 s"
        );
        let long = Delays { rules_seconds: Delays::MOST_SECONDS + 1, ..Delays::DEFAULT };
        assert!(refused(long).starts_with("the rules delay of 2592001 s"));
        let mass = Delays { delist_seconds: 2 * DAY, mass_delist_seconds: DAY, ..Delays::DEFAULT };
        assert_eq!(mass.check(), Err(DelayError::MassBeforeOne));
        let hasty = Delays { rules_seconds: 7 * DAY - 1, ..Delays::DEFAULT };
        let expected = DelayError::RulesFirst { rules: 7 * DAY - 1, other: 7 * DAY };
        assert_eq!(hasty.check(), Err(expected));
    }

    /// The table above and the one that stands beside the contracts are one.
    #[test]
    fn the_contracts_say_the_same() {
        let roles = include_str!("../../contracts/Roles.sol");
        let check = |role: &str, default: u32, least: u32| {
            assert_eq!(solidity(roles, &format!("{role}_DELAY_SECONDS")), default, "{role}");
            assert_eq!(solidity(roles, &format!("{role}_DELAY_MIN_SECONDS")), least, "{role}");
        };
        let (default, least) = (Delays::DEFAULT, Delays::LEAST);
        check("DELISTER", default.delist_seconds, least.delist_seconds);
        check("MASS_DELISTER", default.mass_delist_seconds, least.mass_delist_seconds);
        check("MEMBERSHIP", default.membership_seconds, least.membership_seconds);
        check("PROTECTOR", default.protection_seconds, least.protection_seconds);
        check("ADMIN", default.rules_seconds, least.rules_seconds);
        assert_eq!(solidity(roles, "DELAY_MAX_SECONDS"), Delays::MOST_SECONDS);
    }

    /// A constant's value in seconds, from the text of its definition.
    fn solidity(text: &str, name: &str) -> u32 {
        let definition = format!("constant {name} = ");
        let (_, rest) = text.split_once(&definition).unwrap_or_else(|| panic!("no {name}"));
        let (value, _) = rest.split_once(';').unwrap();
        let (number, unit) = value.split_once(' ').unwrap();
        let unit = match unit {
            "hours" => HOUR,
            "days" => DAY,
            other => panic!("{other}"),
        };
        number.parse::<u32>().unwrap() * unit
    }
}
