//! `auth_hmac` of an instance: adverts with a keyed hash.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use super::draft::InstanceDraft;
use super::line::{Line, Rejected, Set, expected, number};
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
use crate::config::model::{HmacKey, HmacMode};
use crate::config::source::Place;

type Row = Keyword<InstanceDraft>;

/// The only list of this block's keywords.
pub(super) static AUTH_HMAC: Table<InstanceDraft> = Table::new(
    "vrrp_instance/auth_hmac",
    &[
        Row::words("key", "<1-255> <secret>|hex:<digits>|file:<path>", key).bare_is_error(),
        Row::words("active_key", "<1-255>", |d, l| {
            let id = l.number(1, 255)?;
            hmac(d, l).active = Some(id);
            Ok(())
        }),
        Row::words("time_window", "<1-300>", |d, l| {
            let seconds: u16 = l.number(1, 300)?;
            hmac(d, l).window = Some(Duration::from_secs(seconds.into()));
            Ok(())
        }),
        Row::words("anti_replay", "time|monotonic", |d, l| {
            let kind = one_of(l, &["time", "monotonic"])?;
            hmac(d, l).monotonic = kind == "monotonic";
            Ok(())
        }),
        Row::words("mode", "enforce|permissive|receive-only", |d, l| {
            let mode = one_of(l, &["enforce", "permissive", "receive-only"])?;
            hmac(d, l).mode = match mode {
                "enforce" => HmacMode::Enforce,
                "permissive" => HmacMode::Permissive,
                _ => HmacMode::ReceiveOnly,
            };
            Ok(())
        }),
    ],
);

/// A block on its way.
#[derive(Debug)]
pub(in crate::config) struct HmacDraft {
    pub(in crate::config) place: Place,
    pub(in crate::config) keys: Vec<HmacKey>,
    active: Option<u8>,
    pub(in crate::config) mode: HmacMode,
    /// `time_window`.
    pub(in crate::config) window: Option<Duration>,
    /// `anti_replay monotonic`.
    pub(in crate::config) monotonic: bool,
}

impl HmacDraft {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            keys: Vec::new(),
            active: None,
            mode: HmacMode::default(),
            window: None,
            monotonic: false,
        }
    }

    /// The number of the key to sign with, if there is that key.
    pub(in crate::config) fn signing_key(&self) -> Option<u8> {
        self.active.filter(|id| self.has_key(*id))
    }

    fn has_key(&self, id: u8) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }
}

fn hmac<'d>(draft: &'d mut InstanceDraft, line: &Line<'_, '_>) -> &'d mut HmacDraft {
    draft.hmac.get_or_insert_with(|| HmacDraft::new(line.place()))
}

fn one_of<'l>(line: &Line<'l, '_>, words: &[&str]) -> Result<&'l str, Rejected> {
    let word = line.first()?;
    if words.contains(&&**word) { Ok(word) } else { Err(expected(word, words.join(", "))) }
}

/// The text of a secret must not show up in a problem.
fn key(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let [id, word, ..] = line.arguments() else { return Err(line.missing("an id and a secret")) };
    let id_place = id.place;
    let (number, place): (u8, Place) = (number(id, 1, 255)?, word.place);
    if hmac(draft, line).has_key(number) {
        let fault = Fault::ListedTwice { kind: "key", name: number.to_string() };
        return Err(Rejected { place: id_place, fault });
    }
    let secret = match word.strip_prefix("file:") {
        Some(path) => {
            let file = line.context.host.secret(Path::new(path));
            if file.exposed {
                line.report(place, Fault::ExposedSecret { path: path.to_owned() });
            }
            decoded(Cow::Owned(file.bytes.unwrap_or_default()))
        }
        None => decoded(Cow::Borrowed(word.as_bytes())),
    };
    if !(32..=64).contains(&secret.len()) {
        line.adjusted(place, "takes a secret of 32 to 64 bytes; the key is left out");
        return Ok(());
    }
    hmac(draft, line).keys.push(HmacKey { id: number, secret });
    Ok(())
}

/// The bytes after `hex:`, or the text itself; empty when the digits are none.
fn decoded(text: Cow<'_, [u8]>) -> Vec<u8> {
    let Some(digits) = text.strip_prefix(b"hex:") else { return text.into_owned() };
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |pair: &[u8; 2]| Some(value(pair[0])? << 4 | value(pair[1])?);
    let (pairs, rest) = digits.as_chunks::<2>();
    if rest.is_empty() {
        pairs.iter().map(byte).collect::<Option<_>>().unwrap_or_default()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_text_or_hexadecimal_digits() {
        for (text, bytes) in [
            ("text", &b"text"[..]),
            ("hex:00fF7a", &[0, 0xff, 0x7a]),
            ("hex:0", &[]),
            ("hex:0g", &[]),
            ("hex:", &[]),
            ("HEX:00", b"HEX:00"),
        ] {
            assert_eq!(decoded(Cow::Borrowed(text.as_bytes())), bytes, "{text}");
        }
    }
}
