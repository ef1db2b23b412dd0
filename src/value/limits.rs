//! How large and how deep one value may be, so that no script can eat the machine it runs on.

use super::Value;

/// How much one value may weigh, in bytes of its content (see [`Value::weight`]).
pub const MAX_WEIGHT: usize = 1 << 20;

/// How deep lists and records may lie in one another.
pub const MAX_DEPTH: usize = 32;

impl Value {
    /// Whether it can be of any size: a text, a list, a record.
    #[inline]
    pub const fn is_large(&self) -> bool {
        matches!(self, Self::Text(_) | Self::List(_) | Self::Record(_))
    }

    /// Whether it owns no memory.
    #[inline]
    pub const fn is_plain(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Ref(_) | Self::List(_) | Self::Record(_))
    }

    /// About how many bytes its content takes when written down; `None` when that is more than [`MAX_WEIGHT`] or when
    /// it is nested deeper than [`MAX_DEPTH`].
    pub fn weight(&self) -> Option<usize> {
        let mut left = MAX_WEIGHT;
        self.charge(&mut left, MAX_DEPTH)?;
        Some(MAX_WEIGHT - left)
    }

    /// Takes its weight off `left`; the walk ends as soon as nothing is left, so shared parts cannot make it long.
    fn charge(&self, left: &mut usize, depth: usize) -> Option<()> {
        let own = match self {
            Self::Missing | Self::Bool(_) => 1,
            Self::Int(_) | Self::Date(_) | Self::DateTime(_) | Self::Time(_) => 8,
            Self::Decimal(_) | Self::Money(_) | Self::Period(_) => 16,
            Self::Text(text) => 2 + text.len(),
            Self::Ref(of) => 3 + of.kind.len() + of.id.len(),
            Self::List(_) | Self::Record(_) => 2,
        };
        *left = left.checked_sub(own)?;
        match self {
            Self::List(items) => {
                let depth = depth.checked_sub(1)?;
                items.iter().try_for_each(|item| item.charge(left, depth))
            }
            Self::Record(fields) => {
                let depth = depth.checked_sub(1)?;
                fields.iter().try_for_each(|(name, value)| {
                    *left = left.checked_sub(1 + name.len())?;
                    value.charge(left, depth)
                })
            }
            Self::Missing
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Decimal(_)
            | Self::Money(_)
            | Self::Text(_)
            | Self::Date(_)
            | Self::DateTime(_)
            | Self::Time(_)
            | Self::Period(_)
            | Self::Ref(_) => Some(()),
        }
    }
}
