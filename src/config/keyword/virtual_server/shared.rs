//! Values and rows that several blocks of virtual servers have.

use std::marker::PhantomData;
use std::time::Duration;

use crate::config::keyword::line::{Line, Rejected, Set, number};
use crate::config::keyword::table::Keyword;
use crate::config::model::virtual_server::Defaults;
use crate::config::tree::Word;

/// Largest number of 32 bits.
pub(super) const U32: i64 = 4_294_967_295;
/// Longest delay in millionths of a second, 30,000 years.
const LONGEST: i64 = 999_999_999_999_000_000;

/// Keywords that blocks with a draft of type `D` share.
pub(super) struct Rows<D>(PhantomData<D>);

/// A block with settings that pass inwards.
pub(super) trait HasDefaults {
    fn defaults(&mut self) -> &mut Defaults;
}

impl<D: HasDefaults + 'static> Rows<D> {
    /// Of `virtual_server` and `real_server`.
    pub(super) const DEFAULTS: [Keyword<D>; 8] = [
        Keyword::words("retry", "<1-4294967295>", |d: &mut D, l| {
            d.defaults().retry = Some(l.number(1, U32)?);
            Ok(())
        }),
        Keyword::words("delay_before_retry", "<seconds>", |d: &mut D, l| {
            d.defaults().delay_before_retry = Some(delay(l)?);
            Ok(())
        }),
        Keyword::words("warmup", "<seconds>", |d: &mut D, l| {
            d.defaults().warmup = Some(delay(l)?);
            Ok(())
        }),
        Keyword::words("connect_timeout", "<seconds>", |d: &mut D, l| {
            d.defaults().connect_timeout = Some(timeout(l)?);
            Ok(())
        }),
        Keyword::words("delay_loop", "<seconds>", |d: &mut D, l| {
            d.defaults().delay_loop = Some(period(l)?);
            Ok(())
        }),
        Keyword::boolean("smtp_alert", |d: &mut D, yes| d.defaults().smtp_alert = Some(yes)),
        Keyword::words("virtualhost", "<name>", |d: &mut D, l| last(&mut d.defaults().virtualhost, l))
            .bare_is_error(),
        Keyword::words("snmp_name", "<name>", |d: &mut D, l| {
            l.at_most(1)?;
            last(&mut d.defaults().snmp_name, l)
        })
        .bare_is_error(),
    ];
}

/// A delay that may be 0.
pub(super) fn delay(line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    line.seconds(6, 0, LONGEST)
}

/// A delay that may not be 0.
pub(super) fn period(line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    line.seconds(6, 1, LONGEST)
}

/// `connect_timeout`.
pub(super) fn timeout(line: &mut Line<'_, '_>) -> Result<Duration, Rejected> {
    line.seconds(6, 1, U32)
}

/// A port; none, or zeros, means 0.
pub(super) fn port(word: Option<&Word>) -> Result<u16, Rejected> {
    match word {
        None => Ok(0),
        Some(word) if !word.is_empty() && word.bytes().all(|byte| byte == b'0') => Ok(0),
        Some(word) => number(word, 1, 65_535),
    }
}

/// A name of which the last one counts, which is an error all the same.
pub(super) fn last(name: &mut Option<String>, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    if name.replace(word.to_string()).is_some() {
        line.adjusted(line.place(), "is given again; the last one counts");
    }
    Ok(())
}
