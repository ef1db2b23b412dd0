//! Signatures: of webhooks, and of the links in mails that are counted.

use super::config::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt::Write as _;

fn mac(secret: &Secret, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

/// HMAC-SHA256 in hexadecimal digits.
pub(super) fn signature(secret: &Secret, parts: &[&[u8]]) -> String {
    let bytes = mac(secret, parts).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    hex(&bytes)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The token of a counted link: which message, where it leads, and the signature of both.
pub(super) fn link(secret: &Secret, key: &str, url: &str) -> String {
    let body = URL_SAFE_NO_PAD.encode(format!("{key}\n{url}"));
    let sign = mac(secret, &[body.as_bytes()]).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(sign))
}

/// The message's key and where its link leads, if the token is ours and whole. Nobody can make us lead people elsewhere.
pub fn read_link(secret: &Secret, token: &str) -> Option<(String, String)> {
    let (body, sign) = token.split_once('.')?;
    mac(secret, &[body.as_bytes()])?.verify_slice(&URL_SAFE_NO_PAD.decode(sign).ok()?).ok()?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    text.split_once('\n').map(|(key, url)| (key.to_owned(), url.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Secret, link, read_link, signature};

    #[test]
    fn a_token_tells_its_message_and_cannot_be_changed() {
        let secret = Secret::new("s3cret");
        let token = link(&secret, "12/3", "https://a.b/?q=ż");
        assert_eq!(read_link(&secret, &token), Some(("12/3".to_owned(), "https://a.b/?q=ż".to_owned())));
        assert_eq!(read_link(&Secret::new("other"), &token), None);
        for at in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
            let wrong = String::from_utf8(wrong).unwrap();
            // The last letter of a signature has bits that say nothing.
            assert!(read_link(&secret, &wrong).is_none() || at + 1 == token.len(), "{wrong}");
        }
        assert_eq!(read_link(&secret, ""), None);
    }

    /// Test case 2 of RFC 4231.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let made = signature(&Secret::new("Jefe"), &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(made, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
