//! `promote_secondaries`: the first address of a subnet may go without the others.
//!
//! Without the setting the kernel removes the secondary addresses of a subnet with its primary one, which a virtual
//! address may be.

use std::io;

use tracing::{debug, warn};

use crate::units::IfName;

/// Interfaces whose setting was changed, to be restored.
#[derive(Debug, Default)]
pub struct PromotedSecondaries {
    changed: Vec<IfName>,
}

impl PromotedSecondaries {
    /// Turns the setting on where it is off; one that is on already is not ours to restore.
    pub fn promote<'a>(&mut self, interfaces: impl IntoIterator<Item = &'a IfName>) {
        for interface in interfaces {
            match std::fs::read_to_string(path(interface)) {
                Ok(value) if value.trim() == "0" => match set(interface, "1") {
                    Ok(()) => self.changed.push(interface.clone()),
                    Err(error) => warn!(%interface, %error, "cannot set promote_secondaries"),
                },
                Ok(_) => {}
                Err(error) => warn!(%interface, %error, "cannot read promote_secondaries"),
            }
        }
    }

    /// Puts the setting back where it was changed.
    pub fn restore(&mut self) {
        for interface in self.changed.drain(..) {
            // The interface may be gone, and with it the setting.
            set(&interface, "0")
                .unwrap_or_else(|error| debug!(%interface, %error, "promote_secondaries stays"));
        }
    }
}

fn path(interface: &IfName) -> String {
    format!("/proc/sys/net/ipv4/conf/{interface}/promote_secondaries")
}

fn set(interface: &IfName, value: &str) -> io::Result<()> {
    std::fs::write(path(interface), value)
}
