//! Why the list refuses an act, in words.

use interdict_core::contract::IBlocklist::IBlocklistErrors as Refusal;

use crate::text;

/// What an error of the list's means.
pub(crate) fn words(refusal: &Refusal) -> String {
    let time = |seconds: u64| text::time(seconds);
    match refusal {
        Refusal::EmptyBatch(_) => "the act names no address (EmptyBatch)".to_owned(),
        Refusal::NoSources(_) => "the act names no source list (NoSources)".to_owned(),
        Refusal::NoManifest(_) => "the act has no manifest (NoManifest)".to_owned(),
        Refusal::Unlistable(e) => {
            format!(
                "{} can never be listed: it is nobody's, or part of this system (Unlistable)",
                e.account
            )
        }
        Refusal::ProtectedAccount(e) => {
            format!(
                "{} is protected; the council must unprotect it first (ProtectedAccount)",
                e.account
            )
        }
        Refusal::AlreadyListed(e) => {
            format!("{} is listed already, and a hold would add nothing (AlreadyListed)", e.account)
        }
        Refusal::HeldRecently(e) => format!(
            "{} was held and not ratified; it cannot be held again before {}, but listed by a vote (HeldRecently)",
            e.account,
            time(e.until.to())
        ),
        Refusal::NotListed(e) => {
            format!("{} is not listed by the sources that the act names (NotListed)", e.account)
        }
        Refusal::EpisodesExhausted(e) => {
            format!(
                "{} has been listed 255 times, which is all there is room for (EpisodesExhausted)",
                e.account
            )
        }
        Refusal::NotProvisional(e) => {
            format!(
                "{} is listed by a vote; signatures end only what they hold (NotProvisional)",
                e.account
            )
        }
        Refusal::TooManyHolds(e) => format!(
            "{} holds would be more than the {} of a day; wait for tomorrow, UTC (TooManyHolds)",
            e.held, e.limit
        ),
        Refusal::TooManyDelisted(e) => format!(
            "{} delistings in one day are more than 15 % of the {} listed: delistMany is the function for that (TooManyDelisted)",
            e.taken, e.listed
        ),
        Refusal::DataAsOfInFuture(e) => format!(
            "the publication is as of {}, which is still to come on this chain (DataAsOfInFuture)",
            time(e.dataAsOf.to())
        ),
        Refusal::AttestedRecently(e) => format!(
            "{} was attested less than ten minutes ago; wait until {} (AttestedRecently)",
            interdict_core::source::Source::codes(e.source).join(", "),
            time(e.until.to())
        ),
        Refusal::TermOutOfBounds(e) => {
            format!("a hold's term of {} s is not allowed (TermOutOfBounds)", e.term)
        }
        Refusal::HoldsPerDayOutOfBounds(e) => {
            format!(
                "a daily limit of {} holds is not allowed (HoldsPerDayOutOfBounds)",
                e.holdsPerDay
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Address;
    use alloy::primitives::aliases::U40;
    use alloy::sol_types::SolError;
    use interdict_core::contract::IBlocklist::{HeldRecently, ProtectedAccount};

    use crate::bindings::explain_revert;

    #[test]
    fn an_error_of_the_lists_is_a_sentence() {
        let account = Address::repeat_byte(0x1b);
        let said = explain_revert(&ProtectedAccount { account }.abi_encode());
        assert_eq!(
            said,
            format!(
                "{account} is protected; the council must unprotect it first (ProtectedAccount)"
            )
        );
        let until = U40::from(86_400);
        let said = explain_revert(&HeldRecently { account, until }.abi_encode());
        assert!(said.contains("before 1970-01-02T00:00:00Z"), "{said}");
    }
}
