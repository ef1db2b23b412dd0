//! Numbers and amounts. Decimals are read from their text, never through binary fractions.

use super::shown;
use crate::schema::currencies;
use crate::value::{Currency, Money, Value};
use rust_decimal::Decimal;
use serde_json::Value as Json;

pub(super) fn int(json: &Json) -> Result<Value, String> {
    let wrong = || format!("{} is not a whole number", shown(json));
    let number = decimal(json).map_err(|_| wrong())?;
    if !number.fract().is_zero() {
        return Err(wrong());
    }
    i64::try_from(number).map(Value::Int).map_err(|_| format!("{} is too large a number", shown(json)))
}

/// A number, or a text that is one.
pub(super) fn decimal(json: &Json) -> Result<Decimal, String> {
    let text = match json {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.trim().to_owned(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => String::new(),
    };
    let read = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text));
    read.map_err(|_| format!("{} is not a number", shown(json)))
}

/// `12000` in the currency of the field or the workspace, `"12000 PLN"`, or `{"amount": 12000, "currency": "PLN"}`.
pub(super) fn money(own: Currency, json: &Json) -> Result<Value, String> {
    let wrong = || format!("{} is not an amount: write 12000 or \"12000 {}\"", shown(json), own);
    let (amount, currency) = match json {
        Json::Number(_) => (decimal(json).map_err(|_| wrong())?, own),
        Json::String(text) => match text.trim().rsplit_once(char::is_whitespace) {
            Some((amount, code)) => {
                let amount: String = amount.chars().filter(|c| !c.is_whitespace()).collect();
                (decimal(&amount.into()).map_err(|_| wrong())?, currency(code)?)
            }
            None => (decimal(json).map_err(|_| wrong())?, own),
        },
        Json::Object(members) => {
            let amount = members.get("amount").ok_or_else(wrong)?;
            let code = members.get("currency").and_then(Json::as_str);
            let known = members.keys().all(|key| ["amount", "currency"].contains(&key.as_str()));
            if !known {
                return Err(wrong());
            }
            (decimal(amount).map_err(|_| wrong())?, code.map_or(Ok(own), currency)?)
        }
        Json::Null | Json::Bool(_) | Json::Array(_) => return Err(wrong()),
    };
    Ok(Value::Money(Money { amount, currency }))
}

fn currency(code: &str) -> Result<Currency, String> {
    if currencies::is_currency(code) {
        return code.parse();
    }
    Err(match currencies::meant(code) {
        Some(meant) => format!("there is no currency `{code}`: did you mean `{meant}`?"),
        None => format!("there is no currency `{code}`"),
    })
}
