//! `NAT|DR|TUN` with the options of a tunnel.

use crate::config::keyword::line::{Line, Rejected, expected, number};
use crate::config::model::virtual_server::{Checksum, Forwarding, Tunnel};
use crate::config::tree::Word;

/// How documents show the words.
pub(super) const USAGE: &str = "NAT|DR|TUN [type ipip|gue|gre] [port <port>] [nocsum|csum|remcsum]";

/// The options that were given.
#[derive(Default)]
struct Options<'w> {
    kind: Option<&'w str>,
    port: Option<u16>,
    checksum: Checksum,
}

/// Reads the words; the options are checked whatever the method is.
pub(super) fn forwarding(line: &Line<'_, '_>) -> Result<Forwarding, Rejected> {
    let word = line.first()?;
    let options = options(line)?;
    let tunnel = tunnel(&options).ok_or_else(|| bad_combination(line, word))?;
    match &**word {
        "NAT" => Ok(Forwarding::Nat),
        "DR" => Ok(Forwarding::Direct),
        "TUN" => Ok(Forwarding::Tunnel(tunnel)),
        _ => Err(expected(word, "NAT, DR or TUN")),
    }
}

fn options<'l>(line: &Line<'l, '_>) -> Result<Options<'l>, Rejected> {
    let mut options = Options::default();
    let mut words = line.arguments().iter().skip(1);
    while let Some(word) = words.next() {
        match &**word {
            "type" => {
                let kind = words.next().ok_or_else(|| line.missing("ipip, gue or gre after `type`"))?;
                if !matches!(&**kind, "ipip" | "gue" | "gre") {
                    return Err(expected(kind, "ipip, gue or gre"));
                }
                options.kind = Some(kind);
            }
            "port" => {
                let port = words.next().ok_or_else(|| line.missing("a port after `port`"))?;
                options.port = Some(number(port, 1, 65_535)?);
            }
            "nocsum" => options.checksum = Checksum::None,
            "csum" => options.checksum = Checksum::Full,
            "remcsum" => options.checksum = Checksum::Remote,
            _ => return Err(line.unknown_option(word)),
        }
    }
    Ok(options)
}

/// `None` for options that do not go together.
fn tunnel(options: &Options<'_>) -> Option<Tunnel> {
    let checksum = options.checksum;
    match (options.kind, options.port, checksum) {
        (Some("gue"), Some(port), _) => Some(Tunnel::Gue { port, checksum }),
        (Some("gre"), None, Checksum::None | Checksum::Full) => Some(Tunnel::Gre { checksum }),
        (None | Some("ipip"), None, Checksum::None) => Some(Tunnel::Ipip),
        _ => None,
    }
}

fn bad_combination(line: &Line<'_, '_>, first: &Word) -> Rejected {
    let word = line.arguments().get(1).unwrap_or(first);
    expected(word, "a port with gue and only there, no checksum with ipip, no remcsum with gre")
}
