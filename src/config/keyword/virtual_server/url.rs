//! `url`: one request and what its answer must be.

use super::shared::last;
use crate::config::fault::Fault;
use crate::config::keyword::line::{Line, Rejected, Set, expected, number};
use crate::config::keyword::script::{Lexed, words};
use crate::config::keyword::table::{Keyword, Status, Table};
use crate::config::model::virtual_server::Url;
use crate::config::tree::Word;

type Row = Keyword<UrlDraft>;

/// Digits of an MD5 digest.
const DIGEST: usize = 32;

/// A block on its way.
#[derive(Default)]
pub(super) struct UrlDraft {
    path: Option<String>,
    url: Url,
}

impl UrlDraft {
    /// `None` without a path.
    pub(super) fn finish(self) -> Option<Url> {
        Some(Url { path: self.path?, ..self.url })
    }
}

const COMMON: [Row; 10] = [
    Row::words("path", "<path>", |d, l| last(&mut d.path, l)),
    Row::words("digest", "<32 hexadecimal digits>", digest).first(),
    Row::words("status_code", "<code>[-<code>] ...", status_code).bare_is_fine(),
    Row::words("virtualhost", "<name>", |d, l| last(&mut d.url.virtualhost, l)).bare_is_error(),
    Row::words("regex", "<pattern>", regex).bare_is_error(),
    Row::flag("regex_no_match", |d| d.url.regex_no_match = true),
    Row::words("regex_options", "<option> ...", |d, l| {
        d.url.regex_options.extend(l.arguments().iter().map(|word| word.to_string()));
        Ok(())
    })
    .bare_is_fine(),
    // keepalived only logs what is wrong with these.
    Row::words("regex_min_offset", "<number>", |_, l| remark(l, 1)).bare_is_fine(),
    Row::words("regex_max_offset", "<number>", |_, l| remark(l, 1)).bare_is_fine(),
    Row::words("regex_stack", "<start> <most>", |_, l| remark(l, 2)).bare_is_fine(),
];

/// The only list of this block's keywords.
pub(super) static HTTP_URL: Table<UrlDraft> =
    Table::new("virtual_server/real_server/HTTP_GET/url", &[]).sharing(&[&COMMON]).part_of(Status::Refused);

/// The only list of this block's keywords.
pub(super) static SSL_URL: Table<UrlDraft> = Table::new(
    "virtual_server/real_server/SSL_GET/url",
    &[Row::boolean("tls_compliant", |d, yes| d.url.tls_compliant = Some(yes))],
)
.sharing(&[&COMMON])
.part_of(Status::Refused);

fn digest(draft: &mut UrlDraft, line: &mut Line<'_, '_>) -> Set {
    let word = line.first()?;
    if word.len() != DIGEST || !word.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(expected(word, "an MD5 digest of 32 hexadecimal digits"));
    }
    draft.url.digest = Some(word.to_string());
    Ok(())
}

fn status_code(draft: &mut UrlDraft, line: &mut Line<'_, '_>) -> Set {
    for word in line.arguments() {
        draft.url.status_codes.push(codes(word)?);
    }
    Ok(())
}

/// `CODE` or `CODE-CODE`.
fn codes(word: &Word) -> Result<(u16, u16), Rejected> {
    let bad = || expected(word, "a status code from 100 to 599, or a range of them");
    let code = |text: &str| text.parse().ok().filter(|code| (100..=599).contains(code)).ok_or_else(bad);
    let (first, end) = word.split_once('-').unwrap_or((word, word));
    let (first, end) = (code(first)?, code(end)?);
    if first <= end { Ok((first, end)) } else { Err(bad()) }
}

/// One word, of either kind of quotes; the pattern itself is looked at by whoever runs it.
fn regex(draft: &mut UrlDraft, line: &mut Line<'_, '_>) -> Set {
    let rest = line.rest();
    let cut_off = rest.chars().rev().take_while(|last| *last == '\\').count() % 2 == 1;
    let Lexed::Words(words) = words(rest) else {
        return Err(expected(rest, "a pattern with its quotes closed"));
    };
    let (Some(pattern), None, false) = (words.first(), words.get(1), cut_off) else {
        return Err(expected(rest, "one pattern, quoted when it has blanks, with something after each \\"));
    };
    if draft.url.regex.replace(pattern.clone()).is_some() {
        line.adjusted(line.place(), "is given again; the last one counts");
    }
    Ok(())
}

fn remark(line: &mut Line<'_, '_>, count: usize) -> Set {
    let given = line.arguments();
    let fits = |word: &Word| number::<u32>(word, 0, i64::from(u32::MAX)).is_ok();
    if given.len() < count || !given.iter().take(count).all(fits) {
        let what = "needs numbers; the line is left out".to_owned();
        line.report(line.place(), Fault::Remark { keyword: line.keyword, what });
    }
    Ok(())
}
