//! Functions over numbers and money.

use super::arithmetic::number;
use super::compare::{in_base, rate};
use super::spec::{Answer, FnType, FunctionSpec, OnMissing, example, optional, param, wrong};
use super::{Env, Func, add, div, order};
use crate::value::{Currency, Money, Value};
use rust_decimal::{Decimal, RoundingStrategy};
use std::cmp::Ordering;

/// More decimal places than any amount of money or measure has.
const MOST_PLACES: i64 = 12;

pub(super) const ROUND: FunctionSpec = FunctionSpec {
    name: "round",
    func: Func::Round,
    params: &[param("amount", FnType::Amount), optional("places", FnType::Int)],
    result: FnType::Same,
    missing: OnMissing::Missing,
    doc: "The amount rounded to whole units, or to 0 to 12 decimal places; halves away from zero.",
    examples: &[
        example("round(2.5)", "3"),
        example("round(-2.5)", "-3"),
        example("round(12.346 PLN, 2)", "12.35 PLN"),
        example("round(7)", "7"),
    ],
    body: round,
};

pub(super) const ABS: FunctionSpec = FunctionSpec {
    name: "abs",
    func: Func::Abs,
    params: &[param("amount", FnType::Amount)],
    result: FnType::Same,
    missing: OnMissing::Missing,
    doc: "The amount without its minus.",
    examples: &[example("abs(-3)", "3"), example("abs(-3.5 PLN)", "3.5 PLN")],
    body: |args, _| match args {
        [Value::Int(n)] => n.checked_abs().map(Value::Int).ok_or_else(|| format!("`abs` of `{n}` is too large")),
        [Value::Decimal(n)] => Ok(Value::Decimal(n.abs())),
        [Value::Money(m)] => Ok(Value::Money(Money { amount: m.amount.abs(), ..*m })),
        _ => wrong("abs", args),
    },
};

pub(super) const MIN: FunctionSpec = FunctionSpec {
    name: "min",
    func: Func::Min,
    params: &[param("values", FnType::Spread(&FnType::Ordered))],
    result: FnType::Spreaded,
    missing: OnMissing::Handled,
    doc: "The smallest of the values or of the list; missing ones do not count.",
    examples: &[
        example("min(3, 1, 2)", "1"),
        example("min([3 PLN, 1 EUR])", "3 PLN"),
        example("min(2026-03-02, null)", "2026-03-02"),
        example("min([])", "null"),
    ],
    body: |args, env| extreme(args, env, Ordering::Less),
};

pub(super) const MAX: FunctionSpec = FunctionSpec {
    name: "max",
    func: Func::Max,
    params: &[param("values", FnType::Spread(&FnType::Ordered))],
    result: FnType::Spreaded,
    missing: OnMissing::Handled,
    doc: "The largest of the values or of the list; missing ones do not count.",
    examples: &[example("max(3, 1, 2.5)", "3"), example("max([3 PLN, 1 EUR])", "1 EUR")],
    body: |args, env| extreme(args, env, Ordering::Greater),
};

pub(super) const SUM: FunctionSpec = FunctionSpec {
    name: "sum",
    func: Func::Sum,
    params: &[param("values", FnType::Spread(&FnType::Summable))],
    result: FnType::Spreaded,
    missing: OnMissing::Handled,
    doc: "All values added up; missing ones do not count, and without any there is no sum.",
    examples: &[
        example("sum([1, 2, null])", "3"),
        example("sum(1 PLN, 2.5 PLN)", "3.5 PLN"),
        example("sum([])", "null"),
    ],
    body: sum,
};

pub(super) const AVG: FunctionSpec = FunctionSpec {
    name: "avg",
    func: Func::Avg,
    params: &[param("values", FnType::Spread(&FnType::Amount))],
    result: FnType::Mean,
    missing: OnMissing::Handled,
    doc: "The mean of the values; missing ones do not count, and without any there is no mean.",
    examples: &[
        example("avg([1, 2])", "1.5"),
        example("avg(10 PLN, 20 PLN)", "15 PLN"),
        example("avg([null, 4])", "4"),
        example("avg([])", "null"),
    ],
    body: |args, env| match sum(args, env)? {
        Value::Missing => Ok(Value::Missing),
        total => {
            let n = present(args).count();
            div(&total, &Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
        }
    },
};

pub(super) const EXCHANGE: FunctionSpec = FunctionSpec {
    name: "exchange",
    func: Func::Exchange,
    params: &[param("amount", FnType::Money), param("currency", FnType::Currency)],
    result: FnType::Money,
    missing: OnMissing::Missing,
    doc: "The amount in another currency by the workspace's rates, rounded to that currency's smallest unit.",
    examples: &[
        example("exchange(10 EUR, PLN)", "40 PLN"),
        example("exchange(10 PLN, EUR)", "2.5 EUR"),
        example("exchange(1 PLN, PLN)", "1 PLN"),
    ],
    body: exchange,
};

pub(super) const RANDOM: FunctionSpec = FunctionSpec {
    name: "random",
    func: Func::Random,
    params: &[param("from", FnType::Int), param("to", FnType::Int)],
    result: FnType::Int,
    missing: OnMissing::Missing,
    doc: "A whole number from `from` to `to`, both included; another one at each call, the same when a run is repeated.",
    examples: &[example("random(7, 7)", "7")],
    body: random,
};

/// The arguments, or the elements of the one list given instead, without missing ones.
fn present(args: &[Value]) -> impl Iterator<Item = &Value> {
    let items = match args {
        [Value::List(items)] => items.as_slice(),
        values => values,
    };
    items.iter().filter(|value| **value != Value::Missing)
}

fn round(args: &[Value], _: &Env<'_>) -> Answer {
    let places = match args {
        [_] => 0,
        [_, Value::Int(places @ 0..=MOST_PLACES)] => u32::try_from(*places).unwrap_or_default(),
        [_, Value::Int(places)] => return Err(format!("`round` cannot round to {places} decimal places")),
        _ => return wrong("round", args),
    };
    let rounded = |n: Decimal| n.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    match args.first() {
        Some(Value::Int(n)) => Ok(Value::Int(*n)),
        Some(Value::Decimal(n)) => Ok(Value::Decimal(rounded(*n))),
        Some(Value::Money(m)) => Ok(Value::Money(Money { amount: rounded(m.amount), ..*m })),
        _ => wrong("round", args),
    }
}

fn extreme(args: &[Value], env: &Env<'_>, wanted: Ordering) -> Answer {
    let mut best: Option<&Value> = None;
    for value in present(args) {
        let better = match best {
            None => true,
            Some(best) => match order(value, best, env.schema)? {
                Some(found) => found == wanted,
                None => return Err(format!("there is no rate to compare `{}` with `{}`", value.brief(), best.brief())),
            },
        };
        if better {
            best = Some(value);
        }
    }
    Ok(best.cloned().unwrap_or_default())
}

fn sum(args: &[Value], env: &Env<'_>) -> Answer {
    let mut values = present(args);
    let Some(first) = values.next() else { return Ok(Value::Missing) };
    if number(first).is_none() && !matches!(first, Value::Money(_) | Value::Period(_)) {
        return wrong("sum", args);
    }
    values.try_fold(first.clone(), |total, value| add(&total, value, &env.schema.calendar))
}

fn exchange(args: &[Value], env: &Env<'_>) -> Answer {
    let [Value::Money(money), Value::Text(code)] = args else { return wrong("exchange", args) };
    let currency: Currency = code.parse()?;
    if money.currency == currency {
        return Ok(Value::Money(*money));
    }
    let amount =
        in_base(money, env.schema).zip(rate(currency, env.schema)).and_then(|(base, rate)| base.checked_div(rate));
    let Some(amount) = amount else { return Err(format!("there is no rate to exchange `{money}` to {currency}")) };
    let amount = amount.round_dp_with_strategy(currency.places(), RoundingStrategy::MidpointAwayFromZero).normalize();
    Ok(Value::Money(Money { amount, currency }))
}

fn random(args: &[Value], env: &Env<'_>) -> Answer {
    let [Value::Int(from), Value::Int(to)] = *args else { return wrong("random", args) };
    if from > to {
        return Err(format!("`random` has nothing to choose from between {from} and {to}"));
    }
    // The high half of the product spreads the number evenly over the range (Lemire); the range may be all of i64.
    let range = i128::from(to) - i128::from(from) + 1;
    let range = u128::try_from(range).unwrap_or(1);
    let offset = (u128::from(scramble(env.seed)) * range) >> 64;
    let chosen = i128::from(from) + i128::try_from(offset).unwrap_or(0);
    Ok(Value::Int(i64::try_from(chosen).unwrap_or(from)))
}

/// Mixes the bits of a seed so that neighbouring seeds give unrelated numbers (splitmix64).
fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
