//! Named values: the fields of a record, the members of a payload.

use super::{Name, Value};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::sync::atomic::{AtomicU16, Ordering};

/// Values by name, in the order of their names. They lie side by side: records have tens of fields, and are read far more
/// often than changed.
#[derive(Clone, Default, PartialEq)]
pub struct Fields(Vec<(Name, Value)>);

/// Where a name was found last. Records of one kind mostly have their fields in the same places; where they do not, the
/// hint is of no use, and does no harm.
#[derive(Debug, Default)]
pub struct Hint(AtomicU16);

/// Up to how many fields a look at every one is quicker than halving: most names differ in length already.
const FEW: usize = 32;

impl Fields {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of this name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(self.find(name)?).map(|(_, value)| value)
    }

    /// The value of this name, looked for first where it was found last.
    #[inline]
    pub fn get_near(&self, name: &str, hint: &Hint) -> Option<&Value> {
        // Nothing else hangs on the hint, so threads need not agree on it.
        if let Some((known, value)) = self.0.get(usize::from(hint.0.load(Ordering::Relaxed)))
            && same(known, name)
        {
            return Some(value);
        }
        let at = self.find(name)?;
        hint.0.store(u16::try_from(at).unwrap_or(0), Ordering::Relaxed);
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether there is a value of this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Gives the name a value; says the one that it had.
    pub fn insert(&mut self, name: Name, value: Value) -> Option<Value> {
        // What comes in order, as from a store, goes to the end.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return None;
        }
        match self.place(&name) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Gives the name a value if it has none.
    pub fn keep(&mut self, name: Name, value: Value) {
        if !self.contains_key(&name) {
            self.insert(name, value);
        }
    }

    /// Takes the name out; says the value that it had.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.place(name).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Name, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Name> + ExactSizeIterator {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    /// Where the name is.
    #[inline]
    fn find(&self, name: &str) -> Option<usize> {
        if self.0.len() <= FEW {
            return self.0.iter().position(|(other, _)| same(other, name));
        }
        self.place(name).ok()
    }

    /// Where the name is, or where it belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| (**other).cmp(name))
    }
}

/// Whether two texts are equal. Names are short: looking at both ends at once takes less than calling a function that
/// compares memory.
#[inline]
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match a.len() {
        n if n != b.len() => false,
        4..=7 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a == b,
    }
}

impl Extend<(Name, Value)> for Fields {
    fn extend<T: IntoIterator<Item = (Name, Value)>>(&mut self, more: T) {
        for (name, value) in more {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(Name, Value)> for Fields {
    fn from_iter<T: IntoIterator<Item = (Name, Value)>>(all: T) -> Self {
        let mut fields = Self::new();
        fields.extend(all);
        fields
    }
}

impl<const N: usize> From<[(Name, Value); N]> for Fields {
    fn from(all: [(Name, Value); N]) -> Self {
        all.into_iter().collect()
    }
}

impl IntoIterator for Fields {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a Name, &'a Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (Name, Value)>, fn(&'a (Name, Value)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// As a map.
impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self)
    }
}
