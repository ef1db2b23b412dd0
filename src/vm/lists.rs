//! Lists and records that are put together piece by piece.

use super::cpu::{Cpu, Fault, Flow};
use crate::catalog::order;
use crate::ir::{Ix, Reg};
use crate::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// How many elements may be added before the whole list is weighed again: weighing looks at each.
const WEIGHED: usize = 256;

impl Cpu<'_> {
    /// A record of values.
    pub(super) fn record(&mut self, dst: Reg, names: Ix, base: Reg) -> Result<Flow, Fault> {
        let Some(Value::List(names)) = self.program.consts.get(usize::from(names)) else {
            return Err(Fault::Damaged("a record without names"));
        };
        let n = u16::try_from(names.len()).map_err(|_| Fault::Damaged("too many members"))?;
        let named = names.iter().zip(self.range(base, n)?).map(|(name, value)| match name {
            Value::Text(name) => Ok((name.clone(), value.clone())),
            _ => Err(Fault::Damaged("a member without a name")),
        });
        let record = named.filter(|member| !matches!(member, Ok((_, Value::Missing)))).collect::<Result<_, _>>()?;
        self.put(dst, Value::Record(Arc::new(record)))
    }

    /// Adds an element to the end of a list, in place where nobody else has the list.
    pub(super) fn push(&mut self, list: Reg, item: Reg) -> Result<Flow, Fault> {
        let item = self.get(item)?.clone();
        let mut items = self.take_list(list)?;
        Arc::make_mut(&mut items).push(item);
        let n = items.len();
        let all = Value::List(items);
        if n.is_power_of_two() || n.is_multiple_of(WEIGHED) { self.put(list, all) } else { self.set(list, all) }
    }

    /// Sorts a list by the keys of its elements. Equal ones stay as they are, missing ones go last.
    pub(super) fn sort(&mut self, list: Reg, keys: Reg) -> Result<Flow, Fault> {
        let Value::List(by) = self.get(keys)?.clone() else { return Err(Fault::Damaged("no keys to sort by")) };
        let items = self.take_list(list)?;
        let mut failed = None;
        let mut pairs: Vec<(&Value, Value)> = by.iter().zip(items.iter().cloned()).collect();
        pairs.sort_by(|(a, _), (b, _)| match (a, b) {
            (Value::Missing, Value::Missing) => Ordering::Equal,
            (Value::Missing, _) => Ordering::Greater,
            (_, Value::Missing) => Ordering::Less,
            (a, b) => match order(a, b, self.env.schema) {
                Ok(found) => found.unwrap_or(Ordering::Equal),
                Err(error) => {
                    failed.get_or_insert(error);
                    Ordering::Equal
                }
            },
        });
        if let Some(error) = failed {
            return Err(Fault::Run(error));
        }
        let sorted = Value::list(pairs.into_iter().map(|(_, item)| item).collect());
        self.put(list, sorted)
    }

    /// Takes the list out of a register.
    fn take_list(&mut self, list: Reg) -> Result<Arc<Vec<Value>>, Fault> {
        match self.regs.get_mut(usize::from(list)).map(std::mem::take) {
            Some(Value::List(items)) => Ok(items),
            _ => Err(Fault::Damaged("no list to add to")),
        }
    }
}
