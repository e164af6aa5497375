//! How packets reach a real server: `lb_kind` and `lvs_method`.

use serde::{Deserialize, Serialize};

/// A forwarding method of IPVS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Forwarding {
    /// `NAT`.
    Nat,
    /// `DR`: direct routing.
    Direct,
    /// `TUN`.
    Tunnel(Tunnel),
}

/// `type` of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tunnel {
    /// IP in IP.
    Ipip,
    /// Generic UDP encapsulation.
    Gue {
        /// Destination port, never 0.
        port: u16,
        /// Checksum.
        checksum: Checksum,
    },
    /// GRE; remote checksum offload is not possible.
    Gre {
        /// Checksum.
        checksum: Checksum,
    },
}

/// Checksum of a tunnel's outer header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checksum {
    /// `nocsum`.
    #[default]
    None,
    /// `csum`.
    Full,
    /// `remcsum`.
    Remote,
}
