//! `disable_local_igmp`: no reports of membership in groups of the link, as that of VRRP.

use std::fs;

use tracing::{debug, warn};

/// The setting of this network namespace.
const SETTING: &str = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";

/// Whether the setting was changed and is to be restored.
#[derive(Debug, Default)]
pub struct LocalIgmp {
    changed: bool,
}

impl LocalIgmp {
    /// Turns the reports off; that they are off already is not ours to undo.
    pub fn disable(&mut self) {
        match fs::read_to_string(SETTING) {
            Ok(value) if value.trim() == "0" => {}
            Ok(_) => match fs::write(SETTING, "0") {
                Ok(()) => self.changed = true,
                Err(error) => warn!("disable_local_igmp: {error}"),
            },
            Err(error) => warn!("disable_local_igmp: {error}"),
        }
    }

    /// Turns them on again where they were on.
    pub fn restore(&mut self) {
        if std::mem::take(&mut self.changed)
            && let Err(error) = fs::write(SETTING, "1")
        {
            debug!("local IGMP stays off: {error}");
        }
    }
}
