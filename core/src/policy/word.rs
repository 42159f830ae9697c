//! The words that a policy is written in.

use serde::{Deserialize, Serialize};

/// A word that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is none of {words}")]
pub struct NoSuchWord {
    /// As written.
    pub text: String,
    /// What it may be.
    pub words: String,
}

/// An enumeration whose members are words: in the policy, in JSON and in what people read.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $member:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $member,)*
        }

        impl $name {
            /// All of them, as they stand here.
            pub const ALL: &[Self] = &[$(Self::$member,)*];

            /// The word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$member => $word,)* }
            }
        }

        // By hand: the derive does not see a word that comes out of a macro.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|one| one.word())))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = NoSuchWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|one| one.word() == text);
                let words = || Self::ALL.iter().map(|one| one.word()).collect::<Vec<_>>();
                found.ok_or_else(|| NoSuchWord { text: text.to_owned(), words: words().join(", ") })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// How heavy a finding is, lightest first.
    Severity {
        /// Kept and reportable; accuses nobody.
        Informational = "informational",
        /// For a periodic review.
        Low = "low",
        /// For a person to read.
        Medium = "medium",
        /// For a case.
        High = "high",
        /// For a hold or a refusal.
        Critical = "critical",
    }
}

words! {
    /// What a rule asks of people, lightest first.
    Action {
        /// Nothing.
        None = "none",
        /// It is kept, for the periodic digest.
        Record = "record",
        /// It goes on a list that is gone through. Nobody is blocked for it.
        Review = "review",
        /// A person decides, and sees both readings.
        Decide = "decide",
        /// A case is opened.
        Case = "case",
        /// Property is held, or the transaction refused; two people decide.
        Hold = "hold",
    }
}

words! {
    /// What time a rule sets.
    Clock {
        /// None.
        None = "none",
        /// It belongs in the register of reports, without haste (OFAC FAQ 1078).
        ReportRegister = "report_register",
        /// Ten business days from the blocking or the refusal (31 CFR 501.603, 501.604).
        TenBusinessDays = "ten_business_days",
    }
}

words! {
    /// How a transfer stands to the listing, as a policy sees it.
    Phase {
        /// Before the listing, and before the day from which on it is not certain.
        Before = "before",
        /// Before the act, but on the listing's day in the authority's time zone, or since the day
        /// of the publication that the act came from.
        Boundary = "boundary",
        /// While the address was listed.
        While = "while",
        /// After it was delisted, or its provisional listing had lapsed.
        After = "after",
    }
}

words! {
    /// How near the listed address was to the movement.
    Exposure {
        /// It is a subject itself: an own customer or pool.
        Ownership = "ownership",
        /// It sent or received.
        Party = "party",
        /// It stood beside: as signer, spender, owner who allows, callee, created contract, by
        /// delegation; or its own property changed its form and no counterparty had any.
        Beside = "beside",
    }
}

words! {
    /// Which way value went, as the counterparty sees it.
    Direction {
        /// From the listed address to the counterparty.
        Inbound = "inbound",
        /// From the counterparty to the listed address.
        Outbound = "outbound",
        /// The listed address is no party.
        None = "none",
    }
}

words! {
    /// What an amount is, in a word.
    ValueClass {
        /// Nothing moved, and what is allowed is nothing.
        Zero = "zero",
        /// Below the dust threshold.
        Dust = "dust",
        /// At or above it.
        Material = "material",
        /// A token outside the asset table: anyone can emit such a log, so it proves little.
        UnknownToken = "unknown_token",
        /// It is no movement: a call, a creation, a delegation. The chain itself says so, whatever
        /// a contract logs.
        Bare = "bare",
        /// The transaction failed: nothing moved, somebody tried.
        Failed = "failed",
    }
}

words! {
    /// Who signed the transaction.
    SignedBy {
        /// The counterparty: it asked for what happened.
        Counterparty = "counterparty",
        /// The listed address.
        Listed = "listed",
        /// Somebody else, like a relayer.
        Other = "other",
    }
}

words! {
    /// Who the counterparty is to whoever runs this.
    Counterparty {
        /// No subjects are kept: everybody counts.
        Anyone = "anyone",
        /// A subject: an own customer or pool.
        Subject = "subject",
        /// Subjects are kept, and it is none.
        Other = "other",
    }
}

words! {
    /// Whether what happened can still be taken back. What a chain calls safe is not told apart:
    /// nothing that is checked here comes with it.
    Finality {
        /// Its block, or that of the listing, can still be reorganised away.
        Pending = "pending",
        /// The chain calls both final.
        Finalized = "finalized",
    }
}
