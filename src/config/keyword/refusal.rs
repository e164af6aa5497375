//! Why a daemon does not start with a keyword that is not supported yet: what would happen without it.

/// The reason, for the first of `name` and the blocks it stands in that has one of its own.
pub(super) fn why(block: &str, name: &str) -> &'static str {
    let outwards = [name].into_iter().chain(block.rsplit('/'));
    outwards.filter_map(own).next().unwrap_or("the election, the packets or the traffic would change")
}

fn own(name: &str) -> Option<&'static str> {
    Some(match name {
        "vrrp_sync_group" => "instances would not change their state together",
        "track_group" | "static_ipaddress" | "static_routes" | "static_rules" => {
            "addresses, routes or rules would be missing"
        }
        "virtual_routes" | "virtual_rules" => "routes or rules would be missing on the master",
        "bfd_instance" | "track_bfd" | "track_file" | "track_process" => {
            "priority or state would not follow what is tracked"
        }
        "virtual_server" | "virtual_server_group" => "nothing would be balanced; -P waives it",
        "lvs_sync_daemon" => "connections would not be known to the backup",
        "net_namespace" => "it would run in the wrong network namespace",
        "auth_hmac" => "adverts would go out and be believed without authentication",
        "vrrp_strict" | "strict_mode" => "packets that break RFC 9568 would be sent and believed",
        "no_accept" | "accept" => "a master that does not own the addresses would answer for them",
        "timer_expired_backup" => "a node that was away would turn master at once",
        _ => return None,
    })
}
