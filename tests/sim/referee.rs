//! What one node may do with one event. Broken rules come back as a sentence.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use vrrpd::config::model::Preemption;
use vrrpd::units::Instant;
use vrrpd::vrrp::{NoticeKind, State};

use crate::conf::{Conf, own_address};
use crate::lan::Cause;
use crate::network::Said;
use crate::trace::Did;
use crate::turn::{Turn, Wait};

/// What the referee remembers of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// State after the last event.
    pub(crate) state: Option<State>,
    /// What the hooks were told last.
    pub(crate) told: Option<State>,
    pub(crate) last_sent: Instant,
    /// In MASTER: when the next advert is planned.
    next_advert: Instant,
    /// A master that overslept listens until then.
    pub(crate) listening_until: Option<Instant>,
    /// In BACKUP: when it may claim.
    pub(crate) turn: Option<Turn>,
    pub(crate) quiet_until: Instant,
    /// It has just woken: timers may be as late as they are.
    pub(crate) woke: bool,
    pub(crate) deadline: Option<Instant>,
    /// When the configuration or a script changed the priority last.
    changed: Instant,
    /// Interval and patience of the configuration before this event.
    interval: Duration,
    patience: Duration,
}

/// One event and what came of it.
pub(crate) struct Step<'a> {
    pub(crate) now: Instant,
    pub(crate) cause: Cause,
    pub(crate) node: usize,
    pub(crate) conf: &'a Conf,
    pub(crate) after: Option<State>,
    pub(crate) own: u8,
    pub(crate) did: &'a [Did],
    pub(crate) held: &'a BTreeSet<IpAddr>,
    /// How many routes and rules.
    pub(crate) held_routing: usize,
    pub(crate) deadline: Option<Instant>,
    /// How late a timer may be.
    pub(crate) lateness: Duration,
}

type Ruling = Result<(), String>;

fn rule(holds: bool, what: &str) -> Ruling {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            state: None,
            told: None,
            last_sent: Instant::ZERO,
            next_advert: Instant::ZERO,
            listening_until: None,
            turn: None,
            quiet_until: Instant::ZERO,
            woke: false,
            deadline: None,
            changed: Instant::ZERO,
            interval: Duration::ZERO,
            patience: Duration::ZERO,
        }
    }

    /// Holds a step to the rules and remembers it.
    pub(crate) fn judge(&mut self, step: &Step<'_>) -> Ruling {
        if let Cause::Heard(Said { wrong: true, .. }) = step.cause {
            rule(step.did.is_empty(), "a rejected packet had a consequence")?;
            rule(self.state == step.after, "a rejected packet changed the state")?;
            return rule(self.deadline == step.deadline, "a rejected packet moved a deadline");
        }
        self.check_addresses(step)?;
        self.check_notices(step)?;
        let before = self.state.unwrap_or(State::Init);
        let after = step.after.unwrap_or(State::Init);
        match (before, after) {
            (State::Master, State::Master) => self.check_mastership(step)?,
            (State::Master, _) => self.check_release(step)?,
            (_, State::Master) => self.check_claim(step)?,
            (_, _) => self.check_silence(step)?,
        }
        self.follow(step, before, after);
        self.check_deadline(step, after)?;
        self.state = step.after;
        self.deadline = step.deadline;
        self.woke &= step.cause != Cause::Due;
        if matches!(step.cause, Cause::Reload | Cause::ScriptPassed | Cause::ScriptFailed) {
            self.changed = step.now;
        }
        self.interval = step.conf.interval.duration();
        self.patience = self.interval * u32::from(step.conf.down_timer_adverts);
        Ok(())
    }

    fn check_addresses(&self, step: &Step<'_>) -> Ruling {
        if step.after == Some(State::Master) {
            let wanted = step.conf.virtual_addresses();
            let all = step.held.len() == wanted.len() && wanted.iter().all(|one| step.held.contains(one));
            rule(all, "MASTER without all its addresses, or with others")?;
            rule(
                step.held_routing == Conf::ROUTING,
                "MASTER without all its routes and rules, or with others",
            )
        } else {
            rule(step.held_routing == 0, "holds routes or rules without being MASTER")?;
            rule(step.held.is_empty(), "holds addresses without being MASTER")
        }
    }

    fn check_notices(&mut self, step: &Step<'_>) -> Ruling {
        for did in step.did {
            match *did {
                Did::Notify(NoticeKind::Entered(state)) => {
                    rule(self.told != Some(state), "the hooks were told of one state twice")?;
                    self.told = Some(state);
                }
                Did::Notify(NoticeKind::Stopped) => {
                    rule(step.cause == Cause::Stop, "told of a stop without one")?;
                }
                Did::Notify(NoticeKind::Deleted) => {
                    rule(step.after.is_none(), "told of a removal without one")?;
                }
                _ => {}
            }
        }
        let waits_as_owner = step.own == 255 && step.now <= self.quiet_until;
        match step.after {
            Some(state @ (State::Backup | State::Master | State::Fault)) if !waits_as_owner => {
                let told = self.told == Some(state) || (step.own == 255 && state == State::Backup);
                rule(told, "the hooks do not know the state")
            }
            _ => Ok(()),
        }
    }

    /// A master goes on: adverts in time, answers where they are due, silence after oversleeping.
    fn check_mastership(&mut self, step: &Step<'_>) -> Ruling {
        let overslept = self.overslept(step);
        let orders = vrrp_orders(step);
        match step.cause {
            Cause::Due if overslept && self.listening_until.is_some_and(|until| step.now >= until) => {
                self.listening_until = None;
                rule(
                    is_like(
                        &orders,
                        &[Did::Send(step.own), Did::Add(0), Did::AddRouting(0), Did::Announce(0)],
                    ),
                    "after listening everything is said again, nothing else",
                )
            }
            Cause::Due if overslept => rule(orders.is_empty(), "spoke although it overslept"),
            Cause::Due => self.check_pace(step, &orders),
            Cause::Heard(said) if overslept => {
                let yields =
                    said.priority > 0 && (step.conf.preemption == Preemption::Never || wins(said, step));
                rule(!yields, "overslept, heard a master to respect, and stayed")?;
                rule(orders.is_empty(), "spoke although it overslept")
            }
            Cause::Heard(said) if said.priority == 0 => {
                rule(orders == [Did::Send(step.own)], "a farewell is answered by one advert")
            }
            Cause::Heard(said) => {
                rule(!wins(said, step), "stayed MASTER against a better one")?;
                let answer =
                    [Did::Send(step.own), Did::Announce(0), Did::Notify(NoticeKind::HeardLowerPriority)];
                rule(is_like(&orders, &answer), "a losing advert is answered by advert and announcement")
            }
            Cause::Reload if overslept => {
                rule(!orders.iter().any(|did| matches!(did, Did::Send(_))), "spoke although it overslept")
            }
            Cause::Reload => {
                let sent = orders.iter().filter(|did| matches!(did, Did::Send(_))).count();
                let kept = orders.is_empty() || sent == 1;
                rule(kept && !orders.contains(&Did::Send(0)), "a changed master says so once")
            }
            Cause::Start | Cause::Resume | Cause::Stop => Err("cannot go on as MASTER".to_owned()),
            Cause::LinkUp
            | Cause::LinkDown
            | Cause::Address
            | Cause::AddressGone
            | Cause::ScriptPassed
            | Cause::ScriptFailed => {
                rule(orders.is_empty(), "a fact that does not concern a master made it act")
            }
        }
    }

    fn check_pace(&self, step: &Step<'_>, orders: &[Did]) -> Ruling {
        let only_runs = !step.did.is_empty() && orders.is_empty();
        rule(only_runs || !orders.is_empty(), "woke for nothing")?;
        let expected = |did: &Did| *did == Did::Send(step.own) || matches!(did, Did::Announce(_));
        rule(orders.iter().all(expected), "a timer of a master did something else")?;
        if orders.contains(&Did::Send(step.own)) {
            rule(step.now >= self.next_advert, "advertised too early")?;
            rule(step.now <= self.next_advert + step.lateness || self.woke, "advertised too late")?;
        }
        Ok(())
    }

    /// RFC 9568 §6.4.3: farewell where there is a path and nobody better, then the addresses go.
    fn check_release(&mut self, step: &Step<'_>) -> Ruling {
        let overslept = self.overslept(step);
        self.listening_until = None;
        let orders = vrrp_orders(step);
        let farewell = match step.cause {
            Cause::Heard(said) => {
                let any = overslept && step.conf.preemption == Preemption::Never;
                rule(said.priority > 0 && (any || wins(said, step)), "yielded to a worse one")?;
                false
            }
            Cause::LinkDown => false,
            Cause::Stop | Cause::Reload | Cause::ScriptFailed | Cause::AddressGone | Cause::Due => true,
            Cause::Start | Cause::Resume | Cause::Address | Cause::LinkUp | Cause::ScriptPassed => {
                return Err("left MASTER without cause".to_owned());
            }
        };
        rule(step.cause != Cause::Due || step.conf.script.is_some(), "a timer ended a mastership")?;
        let notice = match step.after {
            Some(state) if step.cause != Cause::Stop => NoticeKind::Entered(state),
            Some(_) => NoticeKind::Stopped,
            None => NoticeKind::Deleted,
        };
        let mut wanted = vec![Did::RemoveRouting(0), Did::Remove(0), Did::Notify(notice)];
        if farewell {
            wanted.insert(0, Did::Send(0));
        }
        rule(
            is_like(&orders, &wanted),
            "left MASTER otherwise than: farewell if there is a way, rules and routes, addresses, hooks",
        )
    }

    /// RFC 9568 §6.4.2, Active_Down_Timer: advert, addresses, announcement, hooks, and not before its turn.
    fn check_claim(&mut self, step: &Step<'_>) -> Ruling {
        let orders = vrrp_orders(step);
        let mut wanted = vec![
            Did::Send(step.own),
            Did::Add(0),
            Did::AddRouting(0),
            Did::Announce(0),
            Did::Notify(NoticeKind::Entered(State::Master)),
        ];
        match step.cause {
            Cause::Due if self.state == Some(State::Backup) => self.check_turn(step)?,
            Cause::Due | Cause::ScriptPassed | Cause::ScriptFailed => {
                rule(step.own == 255, "claimed out of turn")?
            }
            Cause::Start => {
                rule(step.own == 255, "claimed out of turn")?;
                wanted.splice(0..0, [Did::RemoveRouting(0), Did::Remove(0)]);
            }
            Cause::Resume => {
                wanted.pop();
                let patience = step.conf.interval.duration() * u32::from(step.conf.down_timer_adverts);
                if step.now.since(self.last_sent) > patience {
                    self.listening_until = Some(step.now + step.conf.interval.duration());
                    wanted.clear();
                }
            }
            _ => return Err("claimed out of turn".to_owned()),
        }
        rule(
            is_like(&orders, &wanted),
            "became MASTER otherwise than: advert, addresses, routes and rules, announcement, hooks",
        )
    }

    fn check_turn(&self, step: &Step<'_>) -> Ruling {
        let Some(turn) = self.turn else { return Err("claimed without a turn".to_owned()) };
        let at = turn.at(step.conf, step.own);
        if step.now < at {
            return Err(format!("claimed before its turn at {at}"));
        }
        // A change of priority may move a turn into the past.
        if step.now > at.max(self.changed) + step.lateness && !self.woke {
            return Err(format!("claimed long after its turn at {at}"));
        }
        Ok(())
    }

    fn check_silence(&self, step: &Step<'_>) -> Ruling {
        let back_on_the_link = step.conf.unicast && self.state == Some(State::Fault);
        for did in step.did {
            let allowed = match did {
                Did::Send(_) | Did::Block(_) | Did::Add(_) | Did::AddRouting(_) => false,
                Did::Notify(NoticeKind::HeardLowerPriority) => false,
                Did::Announce(rounds) => back_on_the_link && *rounds == 1,
                Did::Remove(_) | Did::RemoveRouting(_) | Did::Unblock(_) => {
                    matches!(step.cause, Cause::Start | Cause::Resume | Cause::Reload)
                }
                Did::Listen | Did::Unlisten | Did::SizeBuffer(_) | Did::Remember => true,
                Did::Run | Did::Kill | Did::Notify(_) => true,
            };
            rule(allowed, "acted like a MASTER without being one")?;
        }
        let has_reason = step.cause != Cause::Due || !step.did.is_empty();
        rule(has_reason, "woke for nothing")
    }

    /// Whether this master has to listen before it speaks.
    fn overslept(&mut self, step: &Step<'_>) -> bool {
        // A fact about the host is looked at only when something is different for the instance.
        let looks = step.deadline == Some(step.now + self.interval);
        let notices = matches!(step.cause, Cause::Due | Cause::Heard(_) | Cause::Reload) || looks;
        if notices && self.listening_until.is_none() && step.now.since(self.last_sent) > self.patience {
            self.listening_until = Some(step.now + self.interval);
        }
        self.listening_until.is_some()
    }

    fn follow(&mut self, step: &Step<'_>, before: State, after: State) {
        if step.did.contains(&Did::Send(step.own)) {
            self.last_sent = step.now;
            // Timers keep their pace; whatever else makes a master speak begins a new interval.
            let interval = step.conf.interval.duration();
            let planned = self.next_advert + interval;
            let keeps_pace = step.cause == Cause::Due && before == State::Master && planned > step.now;
            self.next_advert = if keeps_pace { planned } else { step.now + interval };
        }
        if after != State::Backup {
            self.turn = None;
            return;
        }
        let own = step.conf.interval;
        match (before, step.cause, &mut self.turn) {
            (State::Backup, Cause::Heard(said), Some(turn)) if step.now >= self.quiet_until => {
                turn.hear(step.now, said, step.conf, step.own);
            }
            (State::Backup, Cause::Reload, Some(turn)) => turn.reload(step.conf),
            (State::Backup, _, Some(_)) => {}
            (State::Master, Cause::Heard(said), _) => {
                self.turn = Some(Turn::behind(step.now, said));
            }
            (State::Master, Cause::AddressGone, _) => {
                self.turn = Some(Turn::from(step.now, Wait::Skew, own));
            }
            (State::Init, Cause::Start, _) if step.own == 255 => {
                self.turn = Some(Turn::from(self.quiet_until, Wait::OwnInterval, own));
            }
            (_, _, _) => self.turn = Some(Turn::from(step.now.max(self.quiet_until), Wait::Down, own)),
        }
    }

    fn check_deadline(&self, step: &Step<'_>, after: State) -> Ruling {
        if step.cause == Cause::Due {
            rule(
                step.deadline.is_none_or(|at| at > step.now),
                "a deadline is still there after it was handled",
            )?;
        }
        if step.cause == Cause::Stop {
            return rule(step.deadline.is_none(), "a stopped engine has a deadline");
        }
        if step.conf.script.is_some() {
            return Ok(());
        }
        match after {
            State::Init | State::Fault => {
                rule(step.deadline.is_none(), "a deadline with nothing to wait for")
            }
            State::Backup => {
                let turn = self.turn.map(|turn| turn.at(step.conf, step.own));
                if turn == step.deadline {
                    return Ok(());
                }
                Err(format!("the deadline is not its turn, {turn:?} but {:?}", step.deadline))
            }
            State::Master => {
                let latest = self.listening_until.unwrap_or(self.next_advert);
                rule(step.deadline.is_some_and(|at| at <= latest), "the next advert would be late")
            }
        }
    }
}

/// What an instance ordered, without sockets and scripts.
fn vrrp_orders(step: &Step<'_>) -> Vec<Did> {
    let concerns_hands = |did: &&Did| !matches!(did, Did::Listen | Did::Unlisten | Did::Run | Did::Kill);
    step.did.iter().filter(concerns_hands).copied().collect()
}

/// Same orders in the same order, whatever the number of addresses and rounds.
fn is_like(did: &[Did], wanted: &[Did]) -> bool {
    let bare = |did: &Did| match did {
        Did::Add(_) => Did::Add(0),
        Did::Remove(_) => Did::Remove(0),
        Did::AddRouting(_) => Did::AddRouting(0),
        Did::RemoveRouting(_) => Did::RemoveRouting(0),
        Did::Announce(_) => Did::Announce(0),
        other => *other,
    };
    did.iter().map(bare).eq(wanted.iter().copied())
}

/// RFC 9568 §6.4.3: whether the sender is to be master rather than this node.
fn wins(said: Said, step: &Step<'_>) -> bool {
    let address = |node| own_address(step.conf.family, node);
    let higher = said.by.is_some_and(|by| address(by) > address(step.node));
    said.priority > step.own || (said.priority == step.own && higher)
}
