//! Virtual servers: what keepalived looks at when everything has been read, in its order.

use std::collections::HashSet;
use std::time::Duration;

use super::scripts;
use crate::config::fault::Fault;
use crate::config::host::BadProgram;
use crate::config::keyword::{Context, GlobalDraft, Placed, ServerDraft};
use crate::config::model::virtual_server::{
    Checker, Forwarding, GroupEntry, Protocol, RealServer, Service, SorryServer,
};
use crate::config::model::{Command, VirtualServer, VirtualServerGroup};
use crate::config::source::Place;

/// The finished servers; those that name no usable group are left out.
pub(super) fn complete(
    drafts: Vec<ServerDraft>,
    groups: &[Placed<VirtualServerGroup>],
    global: &GlobalDraft,
    context: &mut Context<'_>,
) -> Vec<VirtualServer> {
    let mut done = Vec::with_capacity(drafts.len());
    let mut used = None;
    for mut draft in drafts {
        let place = draft.place;
        let mut places = std::mem::take(&mut draft.commands);
        let Some(server) = (Block { draft, entries: &[], context }).run(groups) else { continue };
        for command in commands(&server) {
            let place = places.next(&command.argv).unwrap_or(place);
            used = used.or(script(command, place, global, context));
        }
        done.push(server);
    }
    if let Some(place) = used.filter(|_| context.host.is_real() && !global.model.script_security) {
        context.problems.add(place, Fault::NoScriptSecurity);
    }
    done
}

/// Everything that a server may run.
fn commands(server: &VirtualServer) -> Vec<&Command> {
    let mut all: Vec<&Command> = [&server.quorum_up, &server.quorum_down].into_iter().flatten().collect();
    for real in &server.real_servers {
        all.extend([&real.notify_up, &real.notify_down].into_iter().flatten());
        all.extend(real.checkers.iter().filter_map(|checker| match checker {
            Checker::Misc(check) => Some(&check.command),
            _ => None,
        }));
    }
    all
}

/// Reports what is wrong with a command; answers where one stands that would run.
fn script(command: &Command, place: Place, global: &GlobalDraft, context: &mut Context<'_>) -> Option<Place> {
    if scripts::nobody_runs(command, global, context) {
        let what = "has scripts without a user to run as: name one in `script_user`".to_owned();
        context.problems.add(place, Fault::Adjusted { keyword: "virtual_server", what });
        return None;
    }
    let Err((path, why)) = scripts::program(command, global.model.script_security, context) else {
        return Some(place);
    };
    context.problems.add(place, Fault::Script { path, why: why.to_string(), noted: true });
    // keepalived takes it and fails when it should run.
    (why == BadProgram::NotExecutable).then_some(place)
}

/// A block while it is completed.
struct Block<'b, 'c> {
    draft: ServerDraft,
    /// Of the group, when it is one.
    entries: &'b [GroupEntry],
    context: &'b mut Context<'c>,
}

impl<'b> Block<'b, '_> {
    fn run(mut self, groups: &'b [Placed<VirtualServerGroup>]) -> Option<VirtualServer> {
        if !self.group(groups) {
            return None;
        }
        self.marks();
        self.service();
        self.unique();
        self.methods();
        self.sorry_server();
        self.quorum();
        self.ports();
        let ServerDraft { server, sorry, real_servers, .. } = self.draft;
        let real_servers = real_servers.into_iter().map(|real| real.value).collect();
        Some(VirtualServer { sorry_server: sorry.map(|sorry| sorry.value), real_servers, ..server })
    }

    fn adjusted(&mut self, place: Place, keyword: &'static str, what: impl Into<String>) {
        self.context.problems.add(place, Fault::Adjusted { keyword, what: what.into() });
    }

    /// Finds the group; keepalived only logs that there is none, or none of the right family.
    fn group(&mut self, groups: &'b [Placed<VirtualServerGroup>]) -> bool {
        let Service::Group(name) = &self.draft.server.service else { return true };
        let group = groups.iter().find(|group| group.value.name == *name);
        let family = self.draft.server.family;
        let what = match group {
            None => format!("names the group `{name}`, which is not defined, and is left out"),
            Some(group) => {
                let other =
                    |entry: &GroupEntry| entry.family().zip(family).is_some_and(|(one, two)| one != two);
                if !group.value.entries.iter().any(other) {
                    self.entries = &group.value.entries;
                    return true;
                }
                format!("names the group `{name}`, which is of another family, and is left out")
            }
        };
        let keyword = "virtual_server";
        self.context.problems.add(self.draft.place, Fault::Remark { keyword, what });
        false
    }

    fn has_marks(&self) -> bool {
        let mark = |entry: &GroupEntry| matches!(entry, GroupEntry::Fwmark { .. });
        matches!(self.draft.server.service, Service::Fwmark(_)) || self.entries.iter().any(mark)
    }

    /// The ports that clients use; none with marks alone.
    fn service_ports(&self) -> Vec<u16> {
        match self.draft.server.service {
            Service::Address { port, .. } => vec![port],
            Service::Fwmark(_) => Vec::new(),
            Service::Group(_) => self.entries.iter().filter_map(range_port).collect(),
        }
    }

    fn marks(&mut self) {
        if self.draft.server.ha_suspend && self.has_marks() {
            self.draft.server.ha_suspend = false;
            let place = self.draft.place_of("ha_suspend");
            self.adjusted(place, "ha_suspend", "needs addresses, not marks, and is left out");
        }
    }

    fn service(&mut self) {
        let place = self.draft.place;
        let ports = self.service_ports();
        if ports.is_empty() {
            if self.draft.server.protocol.take().is_some() {
                let place = self.draft.place_of("protocol");
                self.adjusted(place, "protocol", "is not used with marks");
            }
        } else {
            if self.draft.server.protocol.is_none() {
                self.draft.server.protocol = Some(Protocol::Udp);
                self.adjusted(place, "virtual_server", "has no `protocol`; UDP is used");
            }
            if self.draft.server.one_packet && self.draft.server.protocol != Some(Protocol::Udp) {
                self.draft.server.one_packet = false;
                let place = self.draft.place_of("ops");
                self.adjusted(place, "ops", "needs `protocol UDP` and is left out");
            }
            if ports.contains(&0) && self.draft.server.persistence.is_none() {
                self.draft.server.persistence = Some(Duration::from_secs(360));
                let what = "has no port, which needs persistence; `persistence_timeout 360` is used";
                self.adjusted(place, "virtual_server", what);
            }
        }
        if self.draft.server.scheduler.is_none() {
            self.draft.server.scheduler = Some("wlc".to_owned());
            self.adjusted(place, "virtual_server", "has no `lb_algo`; wlc is used");
        }
    }

    fn unique(&mut self) {
        let mut known = HashSet::new();
        let again = |real: &mut Placed<RealServer>| !known.insert((real.value.address, real.value.port));
        let surplus: Vec<_> = self.draft.real_servers.extract_if(.., again).collect();
        for real in surplus {
            let what = format!("{} is listed twice; the first one counts", real.value.address);
            self.adjusted(real.place, "real_server", what);
        }
    }

    fn methods(&mut self) {
        let sorry = self.draft.sorry.as_ref();
        let open = sorry.is_some_and(|sorry| sorry.value.forwarding.is_none())
            || self.draft.real_servers.iter().any(|real| real.value.forwarding.is_none());
        if open && self.draft.server.forwarding.is_none() {
            self.draft.server.forwarding = Some(Forwarding::Nat);
            let place = self.draft.place;
            self.adjusted(place, "virtual_server", "has no `lb_kind`; NAT is used");
        }
        let own = self.draft.server.forwarding;
        for real in &mut self.draft.real_servers {
            real.value.forwarding = real.value.forwarding.or(own);
        }
        if let Some(sorry) = &mut self.draft.sorry {
            sorry.value.forwarding = sorry.value.forwarding.or(own);
        }
    }

    /// One server in both roles is inhibited in both or in neither.
    fn sorry_server(&mut self) {
        let own = self.draft.server.defaults.inhibit;
        let Some(sorry) = &mut self.draft.sorry else { return };
        let same = |real: &&Placed<RealServer>| {
            real.value.address == sorry.value.address && real.value.port == sorry.value.port
        };
        let Some(twin) = self.draft.real_servers.iter().find(same) else { return };
        let inhibit = twin.value.defaults.inhibit.or(own).unwrap_or(false);
        if std::mem::replace(&mut sorry.value.inhibit, inhibit) != inhibit {
            let place = sorry.place;
            self.adjusted(place, "sorry_server", "is a real server too; that one's inhibition counts");
        }
    }

    fn quorum(&mut self) {
        let own = self.draft.server.weight;
        let weight = |real: &Placed<RealServer>| u64::from(real.value.weight.unwrap_or(own));
        let sum: u64 = self.draft.real_servers.iter().map(weight).sum();
        if u64::from(self.draft.server.quorum) > sum {
            self.draft.server.quorum = u32::try_from(sum).unwrap_or(u32::MAX);
            let place = self.draft.place_of("quorum");
            self.adjusted(place, "quorum", format!("is more than all real servers weigh; {sum} is used"));
        }
        let (quorum, hysteresis) = (self.draft.server.quorum, self.draft.server.hysteresis);
        if hysteresis >= quorum {
            let most = quorum.saturating_sub(1);
            self.draft.server.hysteresis = most;
            let place = self.draft.place_of("hysteresis");
            if quorum > 0 {
                self.adjusted(place, "hysteresis", format!("is less than the quorum; {most} is used"));
            }
        }
    }

    /// Without NAT packets keep their port.
    fn ports(&mut self) {
        let (services, marks) = (self.service_ports(), self.has_marks());
        let differs = |port: u16| port != 0 && (marks || services.iter().any(|service| *service != port));
        let mut wrong = Vec::new();
        for real in &mut self.draft.real_servers {
            let RealServer { forwarding, port, .. } = &mut real.value;
            if *forwarding != Some(Forwarding::Nat) && differs(*port) {
                *port = 0;
                wrong.push((real.place, "real_server"));
            }
        }
        if let Some(sorry) = &mut self.draft.sorry {
            let SorryServer { forwarding, port, .. } = &mut sorry.value;
            if *forwarding != Some(Forwarding::Nat) && differs(*port) {
                *port = 0;
                wrong.push((sorry.place, "sorry_server"));
            }
        }
        for (place, keyword) in wrong {
            self.adjusted(
                place,
                keyword,
                "has the port of the virtual server without NAT; its own is left out",
            );
        }
    }
}

fn range_port(entry: &GroupEntry) -> Option<u16> {
    match entry {
        GroupEntry::Range { port, .. } => Some(*port),
        GroupEntry::Fwmark { .. } => None,
    }
}
