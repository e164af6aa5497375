//! Why a daemon does not start with a keyword that is not supported yet: what would happen without it.

/// The reason, for the first of `name` and the blocks it stands in that has one of its own.
pub(super) fn why(block: &str, name: &str) -> &'static str {
    let outwards = [name].into_iter().chain(block.rsplit('/'));
    outwards.filter_map(own).next().unwrap_or("the election, the packets or the traffic would change")
}

fn own(name: &str) -> Option<&'static str> {
    Some(match name {
        "bfd_instance" | "track_bfd" => "priority or state would not follow what is tracked",
        "virtual_server" | "virtual_server_group" => "nothing would be balanced; -P waives it",
        "lvs_sync_daemon" => "connections would not be known to the backup",
        _ => return None,
    })
}
