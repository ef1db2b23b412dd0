//! What lists hold that are empty at first: it is said by what they are given further down, so an item is looked at again
//! once that is known.

use super::context::Checker;
use super::typed::LocalId;
use crate::schema::Type;
use crate::source::Span;
use std::collections::BTreeMap;

/// Each time more is known; a list of lists needs a turn for each.
const MOST_TURNS: usize = 4;

/// Variables that begin as an empty list.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// The type of what they are given later, by where they are declared.
    types: BTreeMap<Span, Type>,
    /// Whether more was learned since.
    more: bool,
}

impl Learned {
    /// The type of a variable that is declared there with a value of this type.
    pub(super) fn of(&self, declared: Span, ty: Type) -> Type {
        self.types.get(&declared).filter(|_| ty.is_open()).cloned().unwrap_or(ty)
    }
}

impl Checker<'_> {
    /// Checks an item; again where it turned out what its lists hold, and without what was said of it before.
    pub(super) fn item<T>(&mut self, check: impl Fn(&mut Self) -> T) -> T {
        self.learned = Learned::default();
        let (before, index) = (self.out.len(), self.index.as_ref().map(Vec::len));
        for _ in 0..MOST_TURNS {
            let checked = check(self);
            if !std::mem::take(&mut self.learned.more) {
                return checked;
            }
            self.out.truncate(before);
            if let (Some(index), Some(before)) = (&mut self.index, index) {
                index.truncate(before);
            }
        }
        check(self)
    }

    /// Notes what a variable is given that was an empty list so far.
    pub(super) fn learn_list(&mut self, id: LocalId, ty: &Type) {
        if let Some(local) = self.locals.get_mut(usize::from(id.0)) {
            local.ty = ty.clone();
            self.learned.more |= self.learned.types.insert(local.span, ty.clone()).as_ref() != Some(ty);
        }
    }
}
