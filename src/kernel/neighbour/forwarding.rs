//! Whether this host is an IPv6 router on a link, which its advertisements must say (RFC 4861 §4.4).

use std::collections::HashMap;
use std::time::Duration;

use crate::kernel::device;
use crate::units::{IfIndex, Instant};

/// How long a reading is good for, as in keepalived.
const FRESH: Duration = Duration::from_secs(5);

/// The `forwarding` settings that were read lately.
#[derive(Default)]
pub(super) struct Forwarding {
    read: HashMap<IfIndex, (Instant, bool)>,
}

impl Forwarding {
    /// The setting of the interface, at most 5 s old; off when it cannot be read.
    pub(super) fn is_on(&mut self, interface: IfIndex, now: Instant) -> bool {
        match self.read.get(&interface) {
            Some((when, on)) if now.since(*when) < FRESH => *on,
            _ => self.read_again(interface, now),
        }
    }

    fn read_again(&mut self, interface: IfIndex, now: Instant) -> bool {
        // Interfaces come and go; what is stale is not kept for ever.
        self.read.retain(|_, (when, _)| now.since(*when) < FRESH);
        let on = setting(interface);
        self.read.insert(interface, (now, on));
        on
    }
}

fn setting(interface: IfIndex) -> bool {
    let Ok(name) = device::name(interface) else { return false };
    let path = format!("/proc/sys/net/ipv6/conf/{}/forwarding", name);
    std::fs::read_to_string(path).is_ok_and(|text| text.trim() != "0")
}
