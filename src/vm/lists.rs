//! Lists and records that are put together piece by piece.

use super::cpu::{Cpu, Fault, Flow};
use super::step::Step;
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

    /// Asks for the next page of records.
    pub(super) fn find(&self, of: Ix, base: Reg) -> Result<Flow, Fault> {
        let Some(Value::List(of)) = self.program.consts.get(usize::from(of)) else {
            return Err(Fault::Damaged("a search for nothing"));
        };
        let (kind, field) = match of.as_slice() {
            [Value::Text(kind)] => (kind, None),
            [Value::Text(kind), Value::Text(field)] => (kind, Some(field)),
            _ => return Err(Fault::Damaged("a search for nothing")),
        };
        let after = match self.get(base)? {
            Value::Ref(of) => Some(of.id.clone()),
            _ => None,
        };
        // Where there is nothing to refer to, the condition decides.
        let link = match field.map(|field| Ok::<_, Fault>((field, self.get(base.saturating_add(1))?))).transpose()? {
            Some((field, Value::Ref(to))) => Some((field.clone(), to.clone())),
            Some(_) | None => None,
        };
        Ok(Flow::Leave(Step::Find { kind: kind.clone(), link, after }))
    }

    /// Puts a list and its keys into order and keeps the first.
    pub(super) fn rank(&mut self, list: Reg, keys: Reg, most: Reg, down: bool) -> Result<Flow, Fault> {
        self.sort(list, keys, down)?;
        // The keys last: the list is sorted by them.
        let own = self.get(keys)?.clone();
        self.sort_by(keys, &own, down)?;
        let Value::Int(most) = *self.get(most)? else { return Ok(Flow::Next) };
        let most = usize::try_from(most).unwrap_or(0);
        for reg in [list, keys] {
            let mut items = self.take_list(reg)?;
            Arc::make_mut(&mut items).truncate(most);
            self.set(reg, Value::List(items))?;
        }
        Ok(Flow::Next)
    }

    /// Sorts a list by the keys of its elements. Equal ones stay as they are, missing ones go last.
    pub(super) fn sort(&mut self, list: Reg, keys: Reg, down: bool) -> Result<Flow, Fault> {
        let by = self.get(keys)?.clone();
        self.sort_by(list, &by, down)
    }

    fn sort_by(&mut self, list: Reg, by: &Value, down: bool) -> Result<Flow, Fault> {
        let Value::List(by) = by else { return Err(Fault::Damaged("no keys to sort by")) };
        let items = self.take_list(list)?;
        let mut failed = None;
        let mut pairs: Vec<(&Value, Value)> = by.iter().zip(items.iter().cloned()).collect();
        pairs.sort_by(|(a, _), (b, _)| match (a, b) {
            (Value::Missing, Value::Missing) => Ordering::Equal,
            (Value::Missing, _) => Ordering::Greater,
            (_, Value::Missing) => Ordering::Less,
            (a, b) => match order(a, b, self.env.schema) {
                Ok(found) if down => found.unwrap_or(Ordering::Equal).reverse(),
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
        match self.frame.regs.get_mut(usize::from(list)).map(std::mem::take) {
            Some(Value::List(items)) => Ok(items),
            _ => Err(Fault::Damaged("no list to add to")),
        }
    }
}
