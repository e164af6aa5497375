//! The rules that hold after every event of every host.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use vrrpd::config::model::{Model, Preemption};
use vrrpd::engine::{Action, InstanceId};
use vrrpd::units::Instant;
use vrrpd::vrrp::{self, NoticeKind, State, Subject};

use super::host::{GROUPS, LINKS, place_of, virtual_address};

/// Why a host was told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Start,
    Resume,
    Due,
    Heard { link: usize, priority: u8 },
    Link,
    AddressGone,
    Script,
    Reload,
    Stop,
}

/// One event and all that came of it.
pub(super) struct Step<'a> {
    pub(super) now: Instant,
    pub(super) cause: Cause,
    pub(super) before: [State; LINKS],
    pub(super) after: [State; LINKS],
    pub(super) actions: &'a [Action],
    pub(super) held: &'a BTreeSet<IpAddr>,
    /// The links as the engine knows them.
    pub(super) links: [bool; LINKS],
    pub(super) deadline: Option<Instant>,
}

type Ruling = Result<(), String>;

/// What the referee remembers of a host.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// State that the hooks of each instance and each group were last told of.
    told: [Option<State>; LINKS],
    told_groups: [Option<State>; GROUPS],
    /// When each backup last heard a master.
    heard: [Option<Instant>; LINKS],
}

impl Record {
    /// A new daemon tells everything anew.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn judge(
        &mut self,
        step: &Step<'_>,
        model: &Model,
        places: &HashMap<InstanceId, usize>,
    ) -> Ruling {
        if step.cause == Cause::Resume {
            self.heard = [None; LINKS];
        }
        self.members_agree(step)?;
        addresses_follow_states(step)?;
        self.hooks_follow_states(step)?;
        for link in 0..LINKS {
            let orders = orders_of(step, link, places);
            masters_begin_in_order(step, link, &orders)?;
            masters_end_in_order(step, link, &orders)?;
            self.nobody_is_displaced(step, link, model)?;
        }
        match step.deadline {
            Some(at) if step.cause == Cause::Due && at <= step.now => {
                Err("a deadline is still there after it was handled".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// All members of a group are in one state after every event.
    fn members_agree(&self, step: &Step<'_>) -> Ruling {
        for group in 0..GROUPS {
            let states: Vec<State> = (group..LINKS).step_by(GROUPS).map(|link| step.after[link]).collect();
            rule(states.windows(2).all(|pair| pair[0] == pair[1]), || {
                format!("G{group} is split: {states:?}")
            })?;
        }
        Ok(())
    }

    /// Each change is told once, in the order of the states, and what was told last is what is.
    fn hooks_follow_states(&mut self, step: &Step<'_>) -> Ruling {
        for action in step.actions {
            let Action::Vrrp(_, vrrp::Action::Notify(notice)) = action else { continue };
            let NoticeKind::Entered(state) = notice.kind else { continue };
            let told = match notice.subject {
                Subject::Instance(_) => &mut self.told[place_of(&notice.name)],
                Subject::Group => &mut self.told_groups[place_of(&notice.name)],
            };
            rule(told.replace(state) != Some(state), || format!("{} was told {state} twice", notice.name))?;
        }
        if step.cause == Cause::Stop {
            return Ok(());
        }
        for link in 0..LINKS {
            let (told, is) = (self.told[link], step.after[link]);
            // Until a script has had its first result nothing is said.
            let right = told == Some(is) || is == State::Init;
            rule(right, || format!("V{link} is {is}, but its hooks know of {told:?}"))?;
            let told = self.told_groups[link % GROUPS];
            let right = told == Some(is) || is == State::Init;
            rule(right, || format!("V{link} is {is}, but the hooks of its group know of {told:?}"))?;
        }
        Ok(())
    }

    /// A router that does not preempt never claims while the master that it heard is alive.
    fn nobody_is_displaced(&mut self, step: &Step<'_>, link: usize, model: &Model) -> Ruling {
        let settings = model.instances.iter().find(|one| place_of(&one.name) == link);
        let never = settings.is_some_and(|settings| settings.preemption == Preemption::Never);
        let claims = step.before[link] == State::Backup && step.after[link] == State::Master;
        let heard = self.heard[link].map(|at| step.now.since(at));
        let alive = heard.is_some_and(|ago| ago < Duration::from_secs(3));
        rule(!(never && claims && alive), || format!("V{link} displaces a master heard {heard:?} ago"))?;
        if step.after[link] != State::Backup || step.before[link] != State::Backup {
            self.heard[link] = None;
        }
        if let Cause::Heard { link: on, priority } = step.cause
            && on == link
            && step.after[link] == State::Backup
        {
            self.heard[link] = (priority > 0).then_some(step.now);
        }
        Ok(())
    }
}

/// Addresses are held exactly while MASTER.
fn addresses_follow_states(step: &Step<'_>) -> Ruling {
    for link in 0..LINKS {
        let (held, is) = (step.held.contains(&virtual_address(link)), step.after[link]);
        rule(held == (is == State::Master), || format!("V{link} is {is}, but holds its address: {held}"))?;
    }
    Ok(())
}

/// An advert, the addresses, announcements, the hooks.
fn masters_begin_in_order(step: &Step<'_>, link: usize, orders: &[&vrrp::Action]) -> Ruling {
    let enters = step.after[link] == State::Master && step.before[link] != State::Master;
    if !enters {
        return Ok(());
    }
    let place = |what: &str, is: &dyn Fn(&vrrp::Action) -> bool| {
        let found = orders.iter().position(|order| is(order));
        found.ok_or_else(|| format!("V{link} entered MASTER without {what}"))
    };
    let said = place("an advert", &|order| priority_of(order).is_some_and(|priority| priority > 0))?;
    let added = place("addresses", &|order| matches!(order, vrrp::Action::AddAddresses(_)))?;
    let announced = place("announcements", &|order| matches!(order, vrrp::Action::Announce { .. }))?;
    let told = place(
        "its hooks",
        &|order| matches!(order, vrrp::Action::Notify(notice) if notice.kind == NoticeKind::Entered(State::Master)),
    )?;
    rule(said < added && added < announced && announced < told, || {
        format!("V{link} entered MASTER out of order")
    })
}

/// Priority 0 on every orderly exit where there is a way to send it, once; never when a better router serves.
fn masters_end_in_order(step: &Step<'_>, link: usize, orders: &[&vrrp::Action]) -> Ruling {
    let farewells = orders.iter().filter(|order| priority_of(order) == Some(0)).count();
    let left = step.before[link] == State::Master && step.after[link] != State::Master;
    let wanted = match (left, step.cause) {
        (false, _) | (true, Cause::Heard { .. } | Cause::Due) => 0,
        (
            true,
            Cause::Stop | Cause::Resume | Cause::Link | Cause::Script | Cause::Reload | Cause::AddressGone,
        ) => usize::from(step.links[link]),
        (true, Cause::Start) => 0,
    };
    // A script that is over its time is noticed by a timer.
    let by_timer = left && step.cause == Cause::Due && step.after[link] == State::Fault;
    rule(farewells == wanted || by_timer, || {
        format!("V{link} said {farewells} farewells instead of {wanted}")
    })
}

fn orders_of<'a>(step: &Step<'a>, link: usize, places: &HashMap<InstanceId, usize>) -> Vec<&'a vrrp::Action> {
    let of_link = |action: &'a Action| match action {
        Action::Vrrp(id, order) if places.get(id) == Some(&link) => Some(order),
        _ => None,
    };
    step.actions.iter().filter_map(of_link).collect()
}

fn priority_of(order: &vrrp::Action) -> Option<u8> {
    match order {
        vrrp::Action::Send(sent) => Some(sent.advert.priority.byte()),
        _ => None,
    }
}

fn rule(holds: bool, why: impl FnOnce() -> String) -> Ruling {
    if holds { Ok(()) } else { Err(why()) }
}
