//! One line of `virtual_ipaddress` or `virtual_ipaddress_excluded`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::units::{Family, IfName};

/// An address with its prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// `None` when `length` is more than the bits of the address.
    pub const fn new(address: IpAddr, length: u8) -> Option<Self> {
        let most = Self::host_length(address);
        if length <= most { Some(Self { address, length }) } else { None }
    }

    /// The address alone: /32 or /128.
    pub const fn host(address: IpAddr) -> Self {
        Self { address, length: Self::host_length(address) }
    }

    /// No bit of the address counts: `/0`.
    pub const fn whole(address: IpAddr) -> Self {
        Self { address, length: 0 }
    }

    /// The address, host bits included.
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// Prefix length in bits.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// Family of the address.
    pub const fn family(self) -> Family {
        Family::of(self.address)
    }

    const fn host_length(address: IpAddr) -> u8 {
        match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// The `brd`/`broadcast` word, resolved: what goes into the kernel's `IFA_BROADCAST`.
pub type Broadcast = Ipv4Addr;

/// The flag words of an address line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFlags {
    /// `home`: IPv6 mobility home address.
    pub home: bool,
    /// `-nodad`: let the kernel do duplicate address detection (IPv6); off unless asked for.
    pub detect_duplicates: bool,
    /// `mngtmpaddr`: template for temporary addresses (IPv6).
    pub mngtmpaddr: bool,
    /// `noprefixroute`: no route for the prefix.
    pub noprefixroute: bool,
    /// `autojoin`: join the multicast group of that address.
    pub autojoin: bool,
}

/// An address that the master holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualAddress {
    /// Address and prefix length; without `/N` in the file the full length.
    pub prefix: Prefix,
    /// `dev`: the interface it is put on; `None` means the instance's own.
    pub dev: Option<IfName>,
    /// `scope`: the kernel's number (global 0, site 200, link 253, host 254); 0 for IPv6.
    pub scope: u8,
    /// `brd`: broadcast address, IPv4 only.
    pub broadcast: Option<Broadcast>,
    /// `label`: interface label, at most 15 bytes, IPv4 only.
    pub label: Option<String>,
    /// `peer`: the other end of a point-to-point address, of the same family.
    pub peer: Option<IpAddr>,
    /// Flag words.
    pub flags: AddressFlags,
    /// `preferred_lft` in seconds; `u32::MAX` is forever, 0 deprecates the address at once.
    ///
    /// Without the word: 0 for an IPv6 /128, else forever.
    pub preferred_lifetime: u32,
    /// `no_track`: neither the loss of the address nor the state of its `dev` concerns the instance.
    pub no_track: bool,
    /// `use_vmac`, or `use_vmac_addr` of the instance: it is put on a VMAC over that interface.
    pub on_vmac: bool,
}

impl VirtualAddress {
    /// Lifetime value that never ends (`forever`).
    pub const FOREVER: u32 = u32::MAX;

    /// The address on the instance's interface with every option at its default.
    pub fn plain(prefix: Prefix) -> Self {
        let lone_ipv6 = prefix.family() == Family::V6 && prefix.length() == 128;
        Self {
            prefix,
            dev: None,
            scope: 0,
            broadcast: None,
            label: None,
            peer: None,
            flags: AddressFlags::default(),
            preferred_lifetime: if lone_ipv6 { 0 } else { Self::FOREVER },
            no_track: false,
            on_vmac: false,
        }
    }
}
