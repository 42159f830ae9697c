//! Findings that are judged anew.

use interdict_core::alert::{Alert, AlertId};
use interdict_core::policy::{Severity, Worth};

/// Most changed subjects for which findings are judged anew together.
pub const SUBJECTS_TOGETHER_MAX: u32 = 1_000;
/// Most names of findings that are read at once: those after them are asked for afterwards.
pub(super) const NAMES_MAX_ROWS: u32 = 65_536;

/// What is said of a finding now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anew {
    /// The finding.
    pub id: AlertId,
    /// How it is judged; `None` if it stays as it was judged before.
    pub judgement: Option<Judgement>,
}

/// How a finding is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The class of the rule that decides.
    pub rule: String,
    /// What the rule says of its weight.
    pub severity: Severity,
    /// The policy, as alerts name it.
    pub policy: String,
    /// What the amount is worth.
    pub worth: Option<Worth>,
    /// Whether another rule will decide once it is final.
    pub awaits_finality: bool,
}

impl Anew {
    /// The finding as it is then, and whether that is another judgement than before.
    pub(super) fn of(self, alert: Alert) -> (Alert, bool) {
        let Some(Judgement { rule, severity, policy, worth, awaits_finality }) = self.judgement
        else {
            return (Alert { awaits_finality: false, ..alert }, false);
        };
        if (&alert.rule, alert.severity) == (&rule, severity) {
            // Another document that says the same of it, or another price: what was written then
            // stands.
            return (Alert { awaits_finality, ..alert }, false);
        }
        (Alert { rule, severity, policy, worth, awaits_finality, ..alert }, true)
    }
}
