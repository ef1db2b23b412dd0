//! Requests over HTTP: what may be reached, and what an answer means for trying again.

use super::config::{Network, Secret};
use super::{Refusal, token};
use crate::engine::Attempt;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use ureq::http::{self, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// The most of an answer that is read, in bytes.
const MOST: u64 = 1024 * 1024;

/// A request, ready to go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    /// `GET`, `POST`, `PUT` …
    pub method: String,
    /// Where to.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Texts within the address or body that are not shown.
    pub hidden: Vec<Secret>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it may take in all.
    pub timeout: Duration,
}

impl Request {
    /// A request without headers and body.
    pub(super) fn new(method: &str, url: &str, timeout: Duration) -> Self {
        let (method, url) = (method.to_owned(), url.to_owned());
        Self { method, url, headers: Vec::new(), hidden: Vec::new(), body: Vec::new(), timeout }
    }

    /// Adds a header.
    #[must_use]
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a body.
    #[must_use]
    pub(super) fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", kind)
    }

    /// Adds a name and a password.
    #[must_use]
    pub(super) fn login(mut self, login: Option<&(String, Secret)>) -> Self {
        use base64::Engine as _;
        if let Some((user, password)) = login {
            let pair = format!("{user}:{}", password.reveal());
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            self.hidden.push(Secret::new(encoded.clone()));
            self.headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
        }
        self
    }

    /// The request as people read it, without its secrets.
    pub(super) fn show(&self) -> String {
        let mut text = format!("{} {}\n", self.method, self.url);
        for (name, value) in &self.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        let _ = write!(text, "\n{}", String::from_utf8_lossy(&self.body));
        self.hidden.iter().filter(|s| !s.reveal().is_empty()).fold(text, |text, s| text.replace(s.reveal(), "(secret)"))
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    /// After how many milliseconds to ask again, if it said so.
    pub retry_after: Option<i64>,
}

impl Answer {
    /// What an answer that is no success means.
    pub(super) fn failure(&self, host: &str) -> Attempt {
        let said: String = self.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        let why = format!("{host} answered {}: {said}", self.status).trim_end_matches([':', ' ']).into();
        if matches!(self.status, 408 | 425 | 429 | 500..) {
            Attempt::Passing { why, after: self.retry_after }
        } else {
            Attempt::Permanent { why }
        }
    }

    /// The value at a place in a JSON answer, as text.
    pub(super) fn at(&self, pointer: &str) -> Option<String> {
        let json: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        match json.pointer(pointer)? {
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// Does requests.
#[derive(Debug)]
pub(super) struct Client {
    network: Network,
    agent: ureq::Agent,
}

impl Client {
    pub(super) fn new(network: &Network) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirect could lead to where nobody allowed it.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("dealflow")
            .build();
        let resolver = Guarded { network: network.clone(), inner: DefaultResolver::default() };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { network: network.clone(), agent }
    }

    /// Refuses what may not be reached, before anything is sent.
    pub(super) fn check(&self, url: &str) -> Result<String, Refusal> {
        let uri: Uri = url.parse().map_err(|_| Refusal::new(format!("`{url}` is no address")))?;
        let host = uri.host().filter(|_| uri.scheme().is_some());
        let host = host.ok_or_else(|| Refusal::new(format!("`{url}` is no address")))?;
        let allowed = |list: &Vec<String>| list.iter().any(|pattern| matches(pattern, host));
        if self.network.allow.as_ref().is_some_and(|list| !allowed(list)) {
            return Err(Refusal::new(format!("`{host}` is not among the hosts in `allow` of `[network]`")));
        }
        Ok(host.to_owned())
    }

    /// Sends a request; an error says already whether to try again.
    pub(super) fn send(&self, request: &Request) -> Result<Answer, Attempt> {
        let host = self.check(&request.url).map_err(Refusal::permanent)?;
        let mut builder = http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let wrong = |e: &dyn std::fmt::Display| Attempt::Permanent { why: format!("{host}: {e}").into() };
        let built = builder.body(request.body.as_slice()).map_err(|e| wrong(&e))?;
        let built = self.agent.configure_request(built).timeout_global(Some(request.timeout)).build();
        let mut answer = match self.agent.run(built) {
            Ok(answer) => answer,
            Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                return Err(wrong(&error));
            }
            Err(error @ (ureq::Error::Http(_) | ureq::Error::BadUri(_))) => return Err(wrong(&error)),
            Err(error) => return Err(Attempt::Passing { why: format!("{host}: {error}").into(), after: None }),
        };
        let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse::<i64>().ok());
        let retry_after = retry_after.map(|seconds| seconds.saturating_mul(1000).clamp(0, 86_400_000));
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MOST).lossy_utf8(true).read_to_string();
        // It was received and answered: a body that breaks off changes nothing about that.
        Ok(Answer { status, body: body.unwrap_or_default(), retry_after })
    }
}

/// Whether a host is meant by `example.com` or `*.example.com`.
fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => {
            host.len() > parent.len() + 1
                && host.to_ascii_lowercase().ends_with(&format!(".{}", parent.to_ascii_lowercase()))
        }
        None => pattern.eq_ignore_ascii_case(host.trim_matches(['[', ']'])),
    }
}

/// Looks names up, and refuses addresses inside networks: also those that a public name leads to.
#[derive(Debug)]
struct Guarded {
    network: Network,
    inner: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let listed = self.network.private.iter().any(|pattern| matches(pattern, host));
        if let Some(inside) = found.iter().map(SocketAddr::ip).find(|ip| !listed && !is_public(*ip)) {
            let text = format!("{inside} is a private address; list `{host}` in `private` of `[network]` to allow it");
            return Err(ureq::Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text)));
        }
        Ok(found)
    }
}

/// Whether an address is out in the world.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let tests = a == 198 && (b == 18 || b == 19);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || shared
                || tests)
        }
        IpAddr::V6(ip) => {
            if let Some(v4) = ip.to_ipv4_mapped() {
                return is_public(IpAddr::V4(v4));
            }
            let first = ip.segments()[0];
            let local = (first & 0xfe00) == 0xfc00 || (first & 0xffc0) == 0xfe80;
            // NAT64 and 6to4 carry addresses of the old kind, private ones too.
            let carried = first == 0x64 || first == 0x2002;
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() || local || carried)
        }
    }
}

/// Percent-encodes everything but what needs no encoding anywhere.
pub(super) fn percent(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&token::hex(&[byte]).to_ascii_uppercase());
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{is_public, matches, percent};

    #[test]
    fn addresses_inside_networks_are_known() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn hosts_are_matched_as_a_whole() {
        assert!(matches("example.com", "EXAMPLE.com") && matches("*.example.com", "a.Example.com"));
        for other in ["evilexample.com", "example.com", ".example.com", "example.com.evil"] {
            assert!(!matches("*.example.com", other), "{other}");
        }
        assert_eq!(percent("a b+ż&"), "a%20b%2B%C5%BC%26");
    }
}
