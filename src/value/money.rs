//! Amounts of one currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency by its three letters (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "[u8; 3]")]
pub struct Currency([u8; 3]);

/// Currencies whose smallest unit is not a hundredth, with the number of decimal places (ISO 4217).
const UNUSUAL: &[([u8; 3], u32)] = &[
    (*b"BHD", 3),
    (*b"BIF", 0),
    (*b"CLP", 0),
    (*b"DJF", 0),
    (*b"GNF", 0),
    (*b"IQD", 3),
    (*b"ISK", 0),
    (*b"JOD", 3),
    (*b"JPY", 0),
    (*b"KMF", 0),
    (*b"KRW", 0),
    (*b"KWD", 3),
    (*b"LYD", 3),
    (*b"OMR", 3),
    (*b"PYG", 0),
    (*b"RWF", 0),
    (*b"TND", 3),
    (*b"UGX", 0),
    (*b"VND", 0),
    (*b"VUV", 0),
    (*b"XAF", 0),
    (*b"XOF", 0),
    (*b"XPF", 0),
];

impl Currency {
    /// Euro: what a workspace counts in when it does not say.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimal places its amounts have.
    pub fn places(self) -> u32 {
        UNUSUAL.iter().find(|(code, _)| *code == self.0).map_or(2, |(_, places)| *places)
    }
}

impl TryFrom<[u8; 3]> for Currency {
    type Error = &'static str;

    fn try_from(letters: [u8; 3]) -> Result<Self, &'static str> {
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err("not a currency") }
    }
}

impl FromStr for Currency {
    type Err = String;

    /// Takes exactly three capital letters; whether such a currency exists is the schema's business.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(format!("`{text}` is not a currency: write its three letters, such as `EUR`")),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An exact amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
