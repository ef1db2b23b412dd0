//! Addresses of people: only what is certainly none is refused, since real data is of all kinds.

/// An e-mail address: something, `@`, a domain with a dot or `localhost`.
pub(crate) fn email(text: &str) -> Result<(), String> {
    let fits = text.split_once('@').is_some_and(|(local, domain)| {
        let domain_fits = domain.split('.').all(|part| !part.is_empty()) && !domain.contains('@');
        !local.is_empty() && domain_fits && !text.chars().any(char::is_whitespace)
    });
    if fits { Ok(()) } else { Err(format!("`{text}` is not an e-mail address: write it as `anna@example.com`")) }
}

/// A phone number: three digits or more, and what people put between them.
pub(crate) fn phone(text: &str) -> Result<(), String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits = text.chars().all(|c| c.is_ascii_digit() || " +-()./#*xX".contains(c));
    if fits && digits >= 3 {
        return Ok(());
    }
    Err(format!("`{text}` is not a phone number: write it as `+48 22 123 45 67`"))
}

/// A web address: no spaces, and a dot or a scheme.
pub(crate) fn url(text: &str) -> Result<(), String> {
    let fits = !text.chars().any(char::is_whitespace) && (text.contains("://") || text.contains('.'));
    if fits { Ok(()) } else { Err(format!("`{text}` is not a web address: write it as `https://example.com`")) }
}
