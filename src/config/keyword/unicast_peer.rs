//! One line of `unicast_peer`.

use super::draft::InstanceDraft;
use super::line::{Line, Rejected, Set, address, expected, number};
use crate::config::fault::Fault;
use crate::config::model::UnicastPeer;
use crate::units::Family;

/// `ADDR [min_ttl N] [max_ttl N]`.
pub(super) fn peer(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Set {
    let words = line.all();
    let first = words.first().ok_or_else(|| line.missing("an address"))?;
    let address = address(first)?;
    if !draft.accepts(Family::of(address)) {
        return Err(expected(first, "a peer of the instance's family"));
    }
    if draft.listed().peers.contains(&address) {
        let fault = Fault::ListedTwice { kind: "peer", name: first.to_string() };
        return Err(Rejected { place: first.place, fault });
    }
    let mut peer = UnicastPeer { address, min_ttl: 0, max_ttl: 255 };
    if let Err(rejected) = options(&mut peer, draft, line) {
        line.reject(rejected);
    }
    if peer.min_ttl > peer.max_ttl {
        line.adjusted(line.place(), "has a `min_ttl` above its `max_ttl`: nothing will be heard from it");
    }
    draft.listed().peers.insert(address);
    draft.peers.push(peer);
    Ok(())
}

fn options(peer: &mut UnicastPeer, draft: &mut InstanceDraft, line: &Line<'_, '_>) -> Set {
    for pair in line.arguments().chunks(2) {
        let Some(name) = pair.first() else { continue };
        let limit = match &**name {
            "min_ttl" => &mut peer.min_ttl,
            "max_ttl" => &mut peer.max_ttl,
            _ => return Err(line.unknown_option(name)),
        };
        let value = pair.get(1).ok_or_else(|| line.missing("a number after `min_ttl` and `max_ttl`"))?;
        *limit = number(value, 0, 255)?;
        draft.check_unicast_src = true;
    }
    Ok(())
}
