//! Values that programs work on.

use super::runner::Outcome;
use dealflow::value::{Moment, Money, Value};

/// Monday 2026-03-02, 09:00 in Warsaw.
pub(crate) const MONDAY: Moment = Moment(1_772_438_400_000);

/// So many złoty.
pub(crate) fn pln(amount: u32) -> Outcome<Value> {
    Ok(Value::Money(Money { amount: amount.into(), currency: "PLN".parse()? }))
}
