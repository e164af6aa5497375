//! `auth_hmac` of an instance: adverts with a keyed hash. Checked, though not supported yet.

use std::collections::HashSet;
use std::path::Path;

use super::draft::InstanceDraft;
use super::line::{Line, Rejected, Set, expected, number};
use super::table::{Keyword, Table};
use crate::config::fault::Fault;
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
        Row::words("time_window", "<1-300>", |_, l| l.number::<u16>(1, 300).map(drop)),
        Row::words("anti_replay", "time|monotonic", |_, l| one_of(l, &["time", "monotonic"]).map(drop)),
        Row::words("mode", "enforce|permissive|receive-only", |d, l| {
            let mode = one_of(l, &["enforce", "permissive", "receive-only"])?;
            hmac(d, l).enforced = mode == "enforce";
            Ok(())
        }),
    ],
);

/// A block on its way.
#[derive(Debug)]
pub(in crate::config) struct HmacDraft {
    pub(in crate::config) place: Place,
    keys: HashSet<u8>,
    active: Option<u8>,
    /// `mode enforce`, which is the default.
    pub(in crate::config) enforced: bool,
}

impl HmacDraft {
    pub(super) fn new(place: Place) -> Self {
        Self { place, keys: HashSet::new(), active: None, enforced: true }
    }

    /// Whether there is the key to sign with.
    pub(in crate::config) fn can_sign(&self) -> bool {
        self.active.is_some_and(|id| self.keys.contains(&id))
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
    let [id, secret, ..] = line.arguments() else { return Err(line.missing("an id and a secret")) };
    let number: u8 = number(id, 1, 255)?;
    if hmac(draft, line).keys.contains(&number) {
        let fault = Fault::ListedTwice { kind: "key", name: number.to_string() };
        return Err(Rejected { place: id.place, fault });
    }
    let bytes = match (secret.strip_prefix("hex:"), secret.strip_prefix("file:")) {
        (_, Some(path)) => {
            let file = line.context.host.secret(Path::new(path));
            if file.exposed {
                line.report(secret.place, Fault::ExposedSecret { path: path.to_owned() });
            }
            file.length.unwrap_or(0)
        }
        (Some(digits), _) if digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            digits.len() / 2
        }
        (Some(_), _) => 0,
        (None, _) => secret.len(),
    };
    if !(32..=64).contains(&bytes) {
        line.adjusted(secret.place, "takes a secret of 32 to 64 bytes; the key is left out");
        return Ok(());
    }
    hmac(draft, line).keys.insert(number);
    Ok(())
}
