//! Credentials: how they are made and known again, and the verbs by which an operator keeps them.

mod credential;
mod verbs;

pub use credential::{Made, SESSION_BYTES, TOKEN_DAYS_MAX, reference_of, same, token_of};
pub use verbs::{TokensError, run};
