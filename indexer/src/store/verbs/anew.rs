//! What is judged anew.

use interdict_core::alert::{Alert, AlertId};

use super::{Changes, Store, StoreError};
use crate::store::Anew;

impl Store {
    /// Up to which change of the subjects findings are to be judged anew next; `None` if they are
    /// judged for all of them. Of many changes not all at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subjects_to_judge(&self) -> Result<Option<i64>, StoreError> {
        told!(self, database => database.subjects_to_judge())
    }

    /// The names of the findings that stand and have one of the subjects on either side that
    /// changed up to there and are not judged for yet, in the chain's order, after one of them; no
    /// more than are read at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn findings_to_judge(
        &self,
        through: i64,
        after: Option<&Alert>,
    ) -> Result<Vec<AlertId>, StoreError> {
        told!(self, database => database.findings_to_judge(through, after))
    }

    /// The next findings that became final and waited for that, at most
    /// [`crate::store::REEVALUATION_MAX_ROWS`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn findings_final(&self) -> Result<Vec<Alert>, StoreError> {
        told!(self, database => database.findings_final())
    }

    /// Writes down what is said of findings now; what changes is told. With `through`, they are
    /// judged for the subjects that changed up to there. What people decided stays.
    ///
    /// # Errors
    /// The chain's lease is lost, or the database failed; nothing has changed then.
    pub async fn judge_anew(
        &self,
        anew: Vec<Anew>,
        through: Option<i64>,
        now: i64,
    ) -> Result<Changes, StoreError> {
        told!(self, database => database.judge_anew(anew, through, now))
    }
}
