//! The records that were used last, decoded.

use crate::engine::Record;
use crate::value::Ref;
use std::collections::HashMap;
use std::sync::Arc;

/// How many records one generation holds. An activation reads the same few again and again; more than fit into the
/// processor's nearest cache cost more to keep and to drop than to decode them again.
const GENERATION: usize = 64;

/// Two generations: what is used lives in the young one; when that is full it becomes the old one, and the old is dropped.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<Ref, Arc<Record>>,
    old: HashMap<Ref, Arc<Record>>,
}

impl Recent {
    /// A record, if it was used lately.
    pub(super) fn get(&mut self, of: &Ref) -> Option<Arc<Record>> {
        if let Some(record) = self.young.get(of) {
            return Some(record.clone());
        }
        let (of, record) = self.old.remove_entry(of)?;
        self.keep(of, record.clone());
        Some(record)
    }

    /// Notes a record that was read or written.
    pub(super) fn keep(&mut self, of: Ref, record: Arc<Record>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(of, record);
    }

    /// Forgets a record that was removed.
    pub(super) fn remove(&mut self, of: &Ref) {
        self.young.remove(of);
        self.old.remove(of);
    }
}

#[cfg(test)]
mod tests {
    use super::{GENERATION, Recent};
    use crate::engine::Record;
    use crate::value::Ref;
    use std::sync::Arc;

    #[test]
    fn what_is_used_stays_and_memory_is_bounded() {
        let (mut recent, used) = (Recent::default(), Ref::new("deal", "used"));
        recent.keep(used.clone(), Arc::default());
        for id in 0..GENERATION * 5 {
            recent.keep(Ref::new("deal", &id.to_string()), Arc::default());
            assert!(recent.get(&used).is_some());
        }
        assert!(recent.get(&Ref::new("deal", "0")).is_none());
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn the_last_state_of_a_record_counts() {
        let (mut recent, deal) = (Recent::default(), Ref::new("deal", "1"));
        recent.keep(deal.clone(), Arc::default());
        for id in 0..GENERATION {
            recent.keep(Ref::new("lead", &id.to_string()), Arc::default());
        }
        let mut newer = Record::default();
        newer.set(&"title".into(), crate::value::Value::text("new"));
        recent.keep(deal.clone(), Arc::new(newer.clone()));
        assert_eq!(recent.get(&deal).as_deref(), Some(&newer));
        recent.remove(&deal);
        assert_eq!(recent.get(&deal), None);
    }
}
