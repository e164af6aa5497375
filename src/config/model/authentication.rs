//! `authentication` and `auth_hmac`: how adverts of an instance are made believable. Secrets have no readable `Debug`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What an instance does so that its adverts are believed, and asks of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authentication {
    /// Nothing.
    #[default]
    None,
    /// `auth_type PASS`; VRRPv2 only.
    Pass(Password),
    /// `auth_type AH`; VRRPv2 over IPv4 only.
    Ah(Password),
    /// `auth_hmac`, beside which there is no `authentication`.
    Hmac(Hmac),
}

/// `auth_pass`, padded with zeros to the 8 bytes that go on the wire (RFC 2338 §5.3.6.2).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password([u8; 8]);

impl Password {
    /// Takes the first 8 bytes; `None` when there is none.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        let used = secret.len().min(8);
        bytes[..used].copy_from_slice(&secret[..used]);
        (used > 0).then_some(Self(bytes))
    }

    /// The bytes for the wire; nothing else may see them.
    pub const fn wire_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// Redacted.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// An `auth_hmac` block whose `active_key` exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hmac {
    /// `key`: every key that is believed, in file order; numbers are unique.
    pub keys: Vec<HmacKey>,
    /// `active_key`: number of the key that signs.
    pub active: u8,
    /// `mode`.
    pub mode: HmacMode,
    /// `time_window` of whole seconds under `anti_replay time`, 1 to 300 s; `None` under `anti_replay monotonic`.
    pub window: Option<Duration>,
}

/// One `key` of `auth_hmac`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HmacKey {
    /// Number of the key, 1 to 255.
    pub id: u8,
    /// The secret: 32 to 64 bytes. Only the packets may see it.
    pub secret: Vec<u8>,
}

/// Redacted.
impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HmacKey({}, ..)", self.id)
    }
}

/// The `mode` of `auth_hmac`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HmacMode {
    /// Sign; believe only what is signed.
    #[default]
    Enforce,
    /// Sign; believe what is not signed too.
    Permissive,
    /// Do not sign; believe what is not signed too.
    ReceiveOnly,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_shows_in_debug_output() {
        let password = Password::new(b"geheimnis").unwrap();
        let key = HmacKey { id: 7, secret: b"geheimnis".to_vec() };
        let hmac = Hmac {
            keys: vec![key],
            active: 7,
            mode: HmacMode::Enforce,
            window: Some(Duration::from_secs(5)),
        };
        let all = [Authentication::Pass(password), Authentication::Ah(password), Authentication::Hmac(hmac)];
        for text in [format!("{all:?}"), format!("{all:#?}")] {
            let numbers = format!("{:?}", b"geheimnis");
            let bare = numbers.trim_matches(['[', ']']);
            assert!(!text.contains("geheim") && !text.contains(bare) && !text.contains("103"), "{text}");
        }
    }
}
