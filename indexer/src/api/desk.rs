//! What the desk works by: the policies that findings were judged by, and the business days.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use interdict_core::desk::Calendar;
use interdict_core::policy::Policy;

use crate::store::{Store, StoreError};

/// What the desk works by.
#[derive(Debug)]
pub struct DeskRules {
    /// Which days are business days.
    pub calendar: Calendar,
    policies: Mutex<BTreeMap<String, Known>>,
}

/// What is known of a label.
#[derive(Clone, Debug)]
enum Known {
    Kept(Arc<Policy>),
    NotKept,
}

impl DeskRules {
    /// With the policy that is judged by now.
    pub fn new(policy: Arc<Policy>, calendar: Calendar) -> Self {
        let policies = BTreeMap::from([(policy.label.clone(), Known::Kept(policy))]);
        Self { calendar, policies: Mutex::new(policies) }
    }

    /// The policy of a label, if it is kept. There are as many as were ever adopted.
    pub(super) async fn policy(
        &self,
        store: &Store,
        label: &str,
    ) -> Result<Option<Arc<Policy>>, StoreError> {
        if self.known(label).is_none() {
            for text in store.policies().await? {
                if let Ok(policy) = Policy::draft(&text) {
                    self.remember(policy.label.clone(), Known::Kept(Arc::new(policy)));
                }
            }
            self.remember(label.to_owned(), Known::NotKept);
        }
        Ok(match self.known(label) {
            Some(Known::Kept(policy)) => Some(policy),
            Some(Known::NotKept) | None => None,
        })
    }

    fn known(&self, label: &str) -> Option<Known> {
        let policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        policies.get(label).cloned()
    }

    /// What is known already stays.
    fn remember(&self, label: String, known: Known) {
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        policies.entry(label).or_insert(known);
    }
}
