//! Tokens as `idx_<id>_<secret>`, and references of sessions. The secret has 256 random bits, so
//! that a plain hash of it is kept (OWASP ASVS 6.5.2 asks for a slow one below 112 bits).

use alloy_primitives::B256;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::store::access::TokenId;

/// Longest life of a token, in days.
pub const TOKEN_DAYS_MAX: u16 = 366;
/// Bytes of the reference of a session.
pub const SESSION_BYTES: usize = 32;
/// What a token begins with, so that it is known for one where it does not belong.
const PREFIX: &str = "idx_";

/// Something that lets somebody in, as it is shown once and as it is kept.
#[derive(Debug)]
pub struct Made<Name> {
    /// What names it.
    pub name: Name,
    /// What lets in.
    pub shown: SecretString,
    /// SHA-256 of it.
    pub kept: B256,
}

impl Made<TokenId> {
    /// A new token.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn token() -> Result<Self, getrandom::Error> {
        let (mut id, mut secret) = ([0; 8], [0; 32]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut secret)?;
        let shown = format!("{PREFIX}{}_{}", hex::encode(id), hex::encode(secret));
        Ok(Self { name: id.into(), shown: shown.into(), kept: digest(&secret) })
    }
}

impl Made<()> {
    /// A new reference of a session.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn reference() -> Result<Self, getrandom::Error> {
        let mut reference = [0; SESSION_BYTES];
        getrandom::fill(&mut reference)?;
        let shown = hex::encode(reference).into();
        Ok(Self { name: (), shown, kept: digest(&reference) })
    }
}

/// The name of a token and the hash of its secret, from its text; `None` if it is no token's.
pub fn token_of(shown: &str) -> Option<(TokenId, B256)> {
    let (id, secret) = shown.strip_prefix(PREFIX)?.split_once('_')?;
    let (mut name, mut bytes) = ([0; 8], [0; 32]);
    hex::decode_to_slice(id, &mut name).ok()?;
    hex::decode_to_slice(secret, &mut bytes).ok()?;
    Some((name.into(), digest(&bytes)))
}

/// The hash of a session's reference; `None` if the text is none.
pub fn reference_of(shown: &str) -> Option<B256> {
    let mut bytes = [0; SESSION_BYTES];
    hex::decode_to_slice(shown, &mut bytes).ok()?;
    Some(digest(&bytes))
}

/// Whether two hashes are the same, in a time that does not tell how far they are.
pub fn same(one: &B256, other: &B256) -> bool {
    one.as_slice().ct_eq(other.as_slice()).into()
}

fn digest(bytes: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_is_known_again_by_its_hash_only() {
        let made = Made::token().unwrap();
        let shown = made.shown.expose_secret();
        assert_eq!(shown.len(), PREFIX.len() + 16 + 1 + 64);
        assert_eq!(token_of(shown), Some((made.name, made.kept)));
        assert!(!format!("{made:?}").contains(&shown[21..]), "the secret is not shown");
        let mut other = shown.to_owned();
        other.pop();
        assert_eq!(token_of(&other), None);
        for wrong in ["", "idx_", "idx__", "abc", &shown[4..], &format!("{shown}0")] {
            assert_eq!(token_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_two_are_alike() {
        let (one, other) = (Made::token().unwrap(), Made::token().unwrap());
        assert!(one.name != other.name && !same(&one.kept, &other.kept));
        let (one, other) = (Made::reference().unwrap(), Made::reference().unwrap());
        assert!(!same(&one.kept, &other.kept) && same(&one.kept, &one.kept));
        assert_eq!(reference_of(one.shown.expose_secret()), Some(one.kept));
    }
}
