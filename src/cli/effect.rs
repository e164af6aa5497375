//! What becomes of each option of keepalived here.

/// How far an option is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// As keepalived does, or there is nothing that it could concern.
    Full,
    /// Understood; leaving it out changes no packet, no traffic and no role.
    None,
    /// Leaving it out would change who serves or what is served, so it ends the start.
    Refused(&'static str),
}

/// The effect of the option with this long name.
pub(super) fn of(long: &str) -> Effect {
    match long {
        "all" | "dump-conf" | "address-monitoring" | "snmp" | "snmp-agent-socket" | "core-dump"
        | "core-dump-pattern" | "config-fd" | "ignore-sigint" => Effect::None,
        "check" => Effect::Refused("there is no checker process, and without VRRP nothing would serve"),
        "release-vips" => Effect::Refused("addresses that vrrpd did not set would stay"),
        "dont-release-vrrp" => Effect::Refused("the addresses would be removed at the stop"),
        "dont-release-ipvs" => Effect::Refused("there are no virtual servers to keep"),
        _ => Effect::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::Flags;
    use clap::CommandFactory;

    #[test]
    fn the_help_says_of_each_option_what_becomes_of_it() {
        for arg in Flags::command().get_arguments().filter(|arg| !arg.is_hide_set()) {
            let (long, help) = (arg.get_long().unwrap(), arg.get_help().unwrap().to_string());
            let answered_at_once = ["genhash", "log-file"].contains(&long);
            match of(long) {
                Effect::Refused(_) => assert!(help.contains("(refused)"), "{long}: {help}"),
                Effect::Full => assert_eq!(help.contains("(refused)"), answered_at_once, "{long}: {help}"),
                Effect::None if long == "all" => {}
                Effect::None => assert!(help.contains("(no effect"), "{long}: {help}"),
            }
        }
    }
}
