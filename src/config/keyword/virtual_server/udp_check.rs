//! `UDP_CHECK`: a datagram that is not refused, or is answered as it should be.

use super::checker::{Draft, Parts, inside, reachable};
use super::shared::Rows;
use crate::config::fault::Fault;
use crate::config::keyword::line::{Context, Line, Set, expected};
use crate::config::keyword::table::{Keyword, Seen, Status, Table};
use crate::config::model::virtual_server::{Checker, Connection, RealServer, Schedule, UdpCheck};
use crate::config::tree::Statement;

type Row = Keyword<Draft<UdpCheck>>;

/// The only list of this block's keywords.
pub(super) static UDP_CHECK: Table<Draft<UdpCheck>> = Table::new(
    "virtual_server/real_server/UDP_CHECK",
    &[
        Row::words("payload", "<hexadecimal digits>", payload).bare_is_error(),
        Row::words("require_reply", "[<hexadecimal digits, x for any>]", require_reply).bare_is_fine(),
        Row::words("min_reply_length", "<0-65535>", |d, l| {
            d.check.min_reply = l.number(0, 65_535)?;
            Ok(())
        }),
        Row::words("max_reply_length", "<0-65535>", |d, l| {
            d.check.max_reply = l.number(0, 65_535)?;
            Ok(())
        }),
    ],
)
.sharing(&[&Rows::<Draft<UdpCheck>>::CONNECTION, &Rows::<Draft<UdpCheck>>::SCHEDULE])
.part_of(Status::Refused);

impl Parts for UdpCheck {
    fn parts(&mut self) -> (&mut Schedule, &mut Connection) {
        (&mut self.schedule, &mut self.connection)
    }
}

pub(super) fn open(server: &mut RealServer, statement: &Statement, context: &mut Context<'_>) {
    let mut draft = Draft::new(Some(server.address));
    UDP_CHECK.apply(inside(statement), &mut draft, &mut Seen::new(), context);
    let check: UdpCheck = draft.check;
    if check.min_reply > check.max_reply {
        let (least, most) = (check.min_reply, check.max_reply);
        let what = format!("always fails: a reply has at least {least} and at most {most} bytes");
        context.problems.add(statement.place(), Fault::Adjusted { keyword: "UDP_CHECK", what });
    }
    if reachable(&check.connection, server.address, "UDP_CHECK", statement, context) {
        server.checkers.push(Checker::Udp(check));
    }
}

fn payload(draft: &mut Draft<UdpCheck>, line: &mut Line<'_, '_>) -> Set {
    let bytes = bytes(line, false).ok_or_else(|| expected(line.rest(), "hexadecimal digits"))?;
    draft.check.payload = bytes.into_iter().map(|(byte, _)| byte).collect();
    Ok(())
}

fn require_reply(draft: &mut Draft<UdpCheck>, line: &mut Line<'_, '_>) -> Set {
    draft.check.reply = Some(Vec::new());
    if !line.arguments().is_empty() {
        let want = "hexadecimal digits, or x for any";
        draft.check.reply = Some(bytes(line, true).ok_or_else(|| expected(line.rest(), want))?);
    }
    Ok(())
}

/// Bytes of two digits, the last of each word perhaps of one, with the bits that count; `None` when there are none.
fn bytes(line: &Line<'_, '_>, wildcards: bool) -> Option<Vec<(u8, u8)>> {
    let nibble = |digit: char| match digit {
        'x' | 'X' if wildcards => Some((0, 0)),
        _ => digit.to_digit(16).and_then(|value| u8::try_from(value).ok()).map(|value| (value, 0xf)),
    };
    let mut bytes = Vec::new();
    for word in line.arguments().iter().flat_map(|word| word.split_ascii_whitespace()) {
        let nibbles = word.chars().map(nibble).collect::<Option<Vec<_>>>()?;
        bytes.extend(nibbles.chunks(2).map(|pair| match *pair {
            [(high, high_mask), (low, low_mask)] => (high << 4 | low, high_mask << 4 | low_mask),
            [(low, mask), ..] => (low, 0xf0 | mask),
            [] => (0, 0),
        }));
    }
    (!bytes.is_empty()).then_some(bytes)
}
