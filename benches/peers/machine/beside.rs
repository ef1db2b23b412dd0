//! Ours beside a peer's: a rule's condition, a turn of a loop, a call.

use super::nanos::{many, nanos};
use super::programs::{CALLS, Computing, Condition, TURNS};
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use dealflow::value::{Fields, Value};
use dealflow::vm::Scratch;

/// What the loops of peers must come to.
pub(crate) const COUNTED: i64 = TURNS as i64;
/// The twentieth number of Fibonacci.
pub(crate) const FIB: i64 = 6765;

/// A field of the record, in what every peer has; money is a whole number to them.
pub(crate) enum Fact<'a> {
    Text(&'a str),
    Number(i64),
}

/// The fields of the record.
pub(crate) fn facts(deal: &Fields) -> impl Iterator<Item = (&str, Fact<'_>)> {
    deal.iter().filter_map(|(name, value)| {
        let fact = match value {
            Value::Text(text) => Fact::Text(text),
            Value::Int(number) => Fact::Number(*number),
            Value::Money(money) => Fact::Number(money.amount.try_into().ok()?),
            _ => return None,
        };
        Some((&**name, fact))
    })
}

/// The condition, over a record that the peer has in its own form already, and over one that is handed over each time.
pub(crate) fn condition(
    show: Show<'_>,
    peer: &str,
    ours: &Condition,
    mut ready: impl FnMut() -> bool,
    mut anew: impl FnMut() -> bool,
) -> Outcome {
    if !ready() || !anew() {
        return Err(format!("the condition does not hold for {peer}").into());
    }
    let mut scratch = Scratch::default();
    let [ours, ready, anew] = nanos([&mut many(|| ours.holds(&mut scratch)), &mut many(ready), &mut many(anew)]);
    let row = |theirs: f64, how: &str| {
        let what = "condition of 3 parts over a record of 20 fields";
        Row::new(what, Figure::new(ours, "ns"), format!("{peer}, {how}"), Figure::new(theirs, "ns")).goal("≤ 1 ×")
    };
    show(row(ready, "the record ready"))?;
    show(row(anew, "the record handed over"))
}

/// A loop.
pub(crate) fn counting(show: Show<'_>, peer: &str, theirs: impl FnMut() -> i64) -> Outcome {
    let [ours, theirs] = computing(&Computing::counting()?, peer, COUNTED, theirs)?;
    let turn = |nanos: f64| Figure::new(nanos / f64::from(TURNS), "ns");
    show(Row::new("one turn of a counting loop", turn(ours), peer, turn(theirs)).goal("≤ 1 ×"))
}

/// A function that calls itself.
pub(crate) fn calls(show: Show<'_>, peer: &str, theirs: impl FnMut() -> i64) -> Outcome {
    let [ours, theirs] = computing(&Computing::calling()?, peer, FIB, theirs)?;
    let call = |nanos: f64| Figure::new(nanos / f64::from(CALLS), "ns");
    show(Row::new("one call of a function that calls itself", call(ours), peer, call(theirs)).goal("≤ 1 ×"))
}

fn computing(ours: &Computing, peer: &str, result: i64, mut theirs: impl FnMut() -> i64) -> Outcome<[f64; 2]> {
    let found = theirs();
    if found != result {
        return Err(format!("{peer} comes to {found}, not to {result}").into());
    }
    Ok(nanos([&mut many(|| ours.run()), &mut many(theirs)]))
}
