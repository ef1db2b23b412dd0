//! Customer-match files for the audiences of Google and Meta: addresses and phones, normalised and hashed as each of them
//! asks, so that no plain address leaves the machine.
//!
//! Google (*About the customer matching process*): addresses without spaces and in lower case, in `gmail.com` and
//! `googlemail.com` also without dots before the `@`; phones as E.164 with `+`; SHA-256 of both in hexadecimal digits.
//! Meta (*Customer information parameters*): addresses trimmed and in lower case; phones as digits with the country's code,
//! without `+` and leading zeros; SHA-256 of both.

use super::token::hex;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Whose audience it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Google's customer match.
    Google,
    /// A custom audience of Meta.
    Meta,
}

/// A member of an audience: all addresses and phones that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Phones, with the country's code.
    pub phones: Vec<String>,
}

/// The file to upload; members without anything usable are left out, and nothing is there twice.
pub fn file(network: Network, members: &[Member]) -> String {
    let mut out = match network {
        Network::Google => "Email,Phone\n".to_owned(),
        Network::Meta => "email,phone\n".to_owned(),
    };
    let mut seen = std::collections::BTreeSet::new();
    for member in members {
        let emails: Vec<String> = member.emails.iter().filter_map(|text| email(network, text)).collect();
        let phones: Vec<String> = member.phones.iter().filter_map(|text| phone(network, text)).collect();
        // One line for each pair; who has more addresses than phones has lines with the address alone.
        for at in 0..emails.len().max(phones.len()) {
            let part = |list: &[String]| list.get(at).map_or_else(String::new, |text| hash(text));
            let line = (part(&emails), part(&phones));
            if seen.insert(line.clone()) {
                let _ = writeln!(out, "{},{}", line.0, line.1);
            }
        }
    }
    out
}

/// An address as the network wants it before it is hashed; `None` for what is none.
pub fn email(network: Network, text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let (name, domain) = text.split_once('@')?;
    if name.is_empty() || !domain.contains('.') || domain.contains('@') {
        return None;
    }
    let google_mail = network == Network::Google && matches!(domain, "gmail.com" | "googlemail.com");
    Some(if google_mail { format!("{}@{domain}", name.replace('.', "")) } else { text })
}

/// A phone as the network wants it before it is hashed; `None` for what is none, or has no country.
pub fn phone(network: Network, text: &str) -> Option<String> {
    let text = text.trim();
    let with_country = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    if !with_country.chars().all(|c| c.is_ascii_digit() || " -()/.".contains(c)) {
        return None;
    }
    let digits: String = with_country.chars().filter(char::is_ascii_digit).collect();
    if !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    Some(match network {
        Network::Google => format!("+{digits}"),
        Network::Meta => digits,
    })
}

/// SHA-256 in hexadecimal digits.
fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
