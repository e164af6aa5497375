//! `use_vmac` and `use_ipvlan`: interfaces that exist because an instance asks for them.

use serde::{Deserialize, Serialize};

use super::Prefix;
use crate::units::{Family, IfName, MacAddr, Vrid};

/// An interface over another one, made when the daemon starts and removed when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnInterface {
    /// What it is called; what [`Self::candidates`] offers first, until the host has been asked.
    pub name: IfName,
    /// Interface that it lies over.
    pub parent: IfName,
    /// What it is.
    pub kind: OwnKind,
    /// Family of the addresses that it was made for: decides about its settings.
    pub family: Family,
    /// An IPv4 one whose instance has IPv6 addresses too: IPv6 is not switched off there.
    pub keeps_ipv6: bool,
    /// It gets a copy of the parent's IPv6 link-local address, to send from.
    pub copies_link_local: bool,
    /// `group`, by its number; `None` takes the parent's.
    pub group: Option<u32>,
    /// How it may be called.
    pub wish: NameWish,
}

/// The two kinds of interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnKind {
    /// A macvlan in private mode with this Ethernet address.
    Vmac(MacAddr),
    /// An ipvlan in L2 mode.
    Ipvlan {
        /// `bridge`, `private`, `vepa`.
        mode: IpvlanMode,
        /// The address that it holds and that adverts leave from.
        address: Option<Prefix>,
    },
}

/// How the ipvlans over one interface see each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IpvlanMode {
    /// They reach each other directly.
    #[default]
    Bridge,
    /// They do not reach each other.
    Private,
    /// They reach each other by way of the switch.
    Vepa,
}

/// What a name is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameWish {
    /// The name that was asked for.
    pub given: Option<IfName>,
    /// `vmac_prefix` or `vmac_addr_prefix`.
    pub prefix: String,
    /// `virtual_router_id`.
    pub vrid: Vrid,
}

impl OwnInterface {
    /// Default of `vmac_prefix`.
    pub const PREFIX: &str = "vrrp";

    /// Names in the order in which they are tried: the one asked for, `vrrp.51`, for IPv6 `vrrp6.51`, `vrrp1.51`,
    /// `vrrp2.51` and so on. The prefix is shortened to what fits.
    pub fn candidates(&self) -> impl Iterator<Item = IfName> {
        let NameWish { given, prefix, vrid } = self.wish.clone();
        let special = (self.family == Family::V6).then(|| "6".to_owned());
        let numbers = (1..1000).filter(move |number| self.family == Family::V4 || *number != 6);
        let infixes =
            std::iter::once(String::new()).chain(special).chain(numbers.map(|n: u32| n.to_string()));
        given.into_iter().chain(infixes.filter_map(move |infix| assembled(&prefix, &infix, vrid)))
    }

    /// The virtual MAC address (RFC 9568 §7.3).
    pub fn virtual_mac(family: Family, vrid: Vrid) -> MacAddr {
        let of_family = match family {
            Family::V4 => 1,
            Family::V6 => 2,
        };
        MacAddr([0, 0, 0x5e, 0, of_family, vrid.get()])
    }

    /// Whether both are the same interface, however they are called.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let kind = match (&self.kind, &other.kind) {
            (OwnKind::Vmac(one), OwnKind::Vmac(two)) => one == two,
            (OwnKind::Ipvlan { .. }, OwnKind::Ipvlan { .. }) => self.wish == other.wish,
            _ => false,
        };
        kind && self.parent == other.parent
    }
}

fn assembled(prefix: &str, infix: &str, vrid: Vrid) -> Option<IfName> {
    let tail = format!("{infix}.{vrid}");
    let room = IfName::MAX.saturating_sub(tail.len());
    let mut end = prefix.len().min(room);
    while !prefix.is_char_boundary(end) {
        end -= 1;
    }
    IfName::new(&format!("{}{tail}", &prefix[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(family: Family, given: Option<&str>, prefix: &str) -> Vec<String> {
        let vrid = Vrid::new(51).unwrap();
        let given = given.and_then(IfName::new);
        let own = OwnInterface {
            name: IfName::new("x").unwrap(),
            parent: IfName::new("eth0").unwrap(),
            kind: OwnKind::Vmac(OwnInterface::virtual_mac(family, vrid)),
            family,
            keeps_ipv6: false,
            copies_link_local: false,
            group: None,
            wish: NameWish { given, prefix: prefix.to_owned(), vrid },
        };
        own.candidates().take(8).map(String::from).collect()
    }

    #[test]
    fn names_are_tried_in_keepalived_s_order() {
        let v4 =
            ["vrrp.51", "vrrp1.51", "vrrp2.51", "vrrp3.51", "vrrp4.51", "vrrp5.51", "vrrp6.51", "vrrp7.51"];
        assert_eq!(names(Family::V4, None, "vrrp"), v4);
        let v6 =
            ["vrrp.51", "vrrp6.51", "vrrp1.51", "vrrp2.51", "vrrp3.51", "vrrp4.51", "vrrp5.51", "vrrp7.51"];
        assert_eq!(names(Family::V6, None, "vrrp"), v6);
        assert_eq!(names(Family::V4, Some("lan"), "vrrp")[..2], ["lan", "vrrp.51"]);
        assert_eq!(names(Family::V6, None, "averylongprefix")[..2], ["averylongpre.51", "averylongpr6.51"]);
    }

    #[test]
    fn virtual_macs_are_those_of_the_rfc() {
        let vrid = Vrid::new(0x33).unwrap();
        assert_eq!(OwnInterface::virtual_mac(Family::V4, vrid).to_string(), "00:00:5e:00:01:33");
        assert_eq!(OwnInterface::virtual_mac(Family::V6, vrid).to_string(), "00:00:5e:00:02:33");
    }
}
