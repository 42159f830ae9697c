//! Which dispositions there are, and what they take.

use axum::Json;
use interdict_core::alert::Disposition;
use interdict_core::desk::{Reason, TwoPeople, from, reasons, two_people};
use serde::Serialize;
use utoipa::ToSchema;

/// All dispositions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Dispositions {
    dispositions: Vec<OneDisposition>,
}

/// One disposition.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneDisposition {
    /// Its word.
    disposition: Disposition,
    /// From where one comes to it.
    from: &'static [Disposition],
    /// From which weight on it takes two people. What is held is always let go by two.
    two_people: TwoPeople,
    /// For which reasons.
    reasons: &'static [Reason],
}

/// The dispositions, their reasons, and where two people are needed
#[utoipa::path(get, path = "/v1/dispositions", tag = "steps",
    responses((status = 200, description = "All of them", body = Dispositions)))]
pub(super) async fn all() -> Json<Dispositions> {
    let one = |disposition| OneDisposition {
        disposition,
        from: from(disposition),
        two_people: two_people(disposition),
        reasons: reasons(disposition),
    };
    Json(Dispositions { dispositions: Disposition::ALL.into_iter().map(one).collect() })
}
