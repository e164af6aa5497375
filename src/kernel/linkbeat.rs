//! Interfaces whose state is asked for each second (`linkbeat_interfaces`, `linkbeat_use_polling`).
//!
//! What the kernel tells of them is passed on with the answer in the place of its own word.

use std::collections::HashMap;
use std::io;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::Fact;
use super::sys::{self, LinkAnswer};
use crate::config::model::Linkbeat;
use crate::track::Link;
use crate::units::IfName;

/// The interfaces, what was told of them, and what they answered last.
pub struct Linkbeats {
    methods: HashMap<IfName, Linkbeat>,
    /// Links as the kernel told of them.
    links: HashMap<IfName, Link>,
    answers: HashMap<IfName, bool>,
}

impl Linkbeats {
    /// Asks these interfaces from now on.
    pub fn new(polled: &[(IfName, Linkbeat)]) -> Self {
        let methods = polled.iter().cloned().collect();
        Self { methods, links: HashMap::new(), answers: HashMap::new() }
    }

    /// Whether anybody is asked.
    pub fn is_empty(&self) -> bool {
        self.methods.is_empty()
    }

    /// Asks other interfaces; answers what is to be told of links that were or are now asked.
    pub fn set(&mut self, polled: &[(IfName, Linkbeat)]) -> Vec<Fact> {
        let before = std::mem::replace(&mut self.methods, polled.iter().cloned().collect());
        self.answers.clear();
        let concerns = |name: &IfName| before.contains_key(name) || self.methods.contains_key(name);
        let links: Vec<Link> = self.links.values().filter(|link| concerns(&link.name)).cloned().collect();
        links.into_iter().map(|link| self.seen(Fact::Link(link))).collect()
    }

    /// Takes note of what the kernel told; answers what is to be told of it.
    pub fn seen(&mut self, fact: Fact) -> Fact {
        match fact {
            Fact::Link(link) => {
                self.links.insert(link.name.clone(), link.clone());
                let up = self.methods.get(&link.name).map(|method| ask(&link.name, *method));
                self.answers.extend(up.map(|up| (link.name.clone(), up)));
                Fact::Link(Link { up: up.unwrap_or(link.up), ..link })
            }
            Fact::LinkGone(index) => {
                self.links.retain(|_, link| link.index != index);
                fact
            }
            Fact::Address(_) | Fact::AddressGone(_) => fact,
        }
    }

    /// Asks everybody; answers those that say something else than before.
    pub fn poll(&mut self) -> Vec<Fact> {
        let mut changed = Vec::new();
        for (name, method) in &self.methods {
            let Some(link) = self.links.get(name) else { continue };
            let up = ask(name, *method);
            if self.answers.insert(name.clone(), up) != Some(up) {
                changed.push(Fact::Link(Link { up, ..link.clone() }));
            }
        }
        changed
    }
}

/// Whether the interface is up and has a link; one that does not answer has none.
fn ask(name: &IfName, method: Linkbeat) -> bool {
    answer(name, method).unwrap_or(false)
}

fn answer(name: &IfName, method: Linkbeat) -> io::Result<bool> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    let LinkAnswer { up, running } = sys::link_flags(&socket, name)?;
    let mii = || sys::mii_link(&socket, name);
    let ethtool = || sys::ethtool_link(&socket, name);
    let beats = match method {
        Linkbeat::Mii => mii()?,
        Linkbeat::Ethtool => ethtool()?,
        Linkbeat::Ioctl => running,
        Linkbeat::Any => mii().or_else(|_| ethtool()).unwrap_or(running),
    };
    Ok(up && beats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::IfIndex;

    fn loopback() -> (IfName, Link) {
        let name = IfName::new("lo").unwrap();
        let link = Link {
            index: IfIndex::new(1).unwrap(),
            name: name.clone(),
            up: false,
            loopback: true,
            multicast: false,
            noarp: false,
            mac: None,
            mtu: 65_536,
            over: None,
            vrf: None,
        };
        (name, link)
    }

    #[test]
    fn an_answer_stands_in_the_place_of_the_kernel_s_word_while_it_is_asked_for() {
        let (name, link) = loopback();
        let up = |fact: &Fact| matches!(fact, Fact::Link(link) if link.up);
        for method in [Linkbeat::Any, Linkbeat::Ethtool, Linkbeat::Ioctl] {
            let mut beats = Linkbeats::new(&[(name.clone(), method)]);
            assert!(up(&beats.seen(Fact::Link(link.clone()))), "{method:?}");
            assert_eq!(beats.poll(), [], "nothing new");
            assert_eq!(
                beats.set(&[]).iter().map(up).collect::<Vec<_>>(),
                [false],
                "nobody is asked any more"
            );
        }
        let mut beats = Linkbeats::new(&[(name, Linkbeat::Mii)]);
        assert!(!up(&beats.seen(Fact::Link(link))), "it has no such registers");
    }
}
