//! Flags of `tokens`.

use clap::Subcommand;

use crate::access::TOKEN_DAYS_MAX;
use crate::actor::Role;
use crate::store::access::TokenId;

/// What to do with tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokensVerb {
    /// Make a token and print it on stdout, this once
    ///
    /// The database keeps only its hash. The indexer may run meanwhile.
    Create {
        /// Whose it is: a person, or a program
        #[arg(long, value_name = "NAME")]
        person: String,
        /// What it may do: viewer, analyst, admin or auditor
        #[arg(long)]
        role: Role,
        /// How long it lets in
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16)
            .range(1..=i64::from(TOKEN_DAYS_MAX)))]
        days: u16,
    },
    /// Show them, without what would let in
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Let nobody in any more with a token, nor with the sessions begun with it
    Revoke {
        /// Its id, the part between the underscores
        #[arg(value_parser = id)]
        id: TokenId,
    },
}

fn id(text: &str) -> Result<TokenId, String> {
    let mut id = [0; 8];
    hex::decode_to_slice(text, &mut id)
        .map(|()| id.into())
        .map_err(|_| "an id has 16 hex digits: see `tokens list`".to_owned())
}
