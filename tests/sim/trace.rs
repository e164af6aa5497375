//! The last steps of a run, to be read after a failure.

use std::collections::VecDeque;
use std::fmt;

use vrrpd::engine::Action;
use vrrpd::track::ScriptAction;
use vrrpd::units::Instant;
use vrrpd::vrrp::{self, NoticeKind, State};

use crate::lan::Cause;

/// How many steps are kept.
const KEPT: usize = 60;

#[derive(Default)]
pub(crate) struct Trace {
    steps: VecDeque<Step>,
}

struct Step {
    at: Instant,
    node: Option<usize>,
    what: What,
}

enum What {
    Said(&'static str),
    Told { cause: Cause, state: Option<State>, did: Vec<Did>, deadline: Option<Instant> },
}

/// An action in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Listen,
    Unlisten,
    Send(u8),
    Block(usize),
    Unblock(usize),
    Add(usize),
    Remove(usize),
    AddRouting(usize),
    RemoveRouting(usize),
    Announce(u32),
    Notify(NoticeKind),
    Remember,
    SizeBuffer(u32),
    Run,
    Kill,
}

impl Did {
    pub(crate) fn of(action: &Action) -> Self {
        match action {
            Action::Listen(_) | Action::MakeInterface(_) => Self::Listen,
            Action::Unlisten(_) | Action::RemoveInterface(_) => Self::Unlisten,
            Action::ReceiveBuffer(_, bytes) => Self::SizeBuffer(*bytes),
            Action::KeepStatics(places) => Self::AddRouting(places.routing.len()),
            Action::DropStatics(places) => Self::RemoveRouting(places.routing.len()),
            Action::Script(_, _, ScriptAction::Run) => Self::Run,
            Action::Script(_, _, ScriptAction::Kill(_)) => Self::Kill,
            Action::Vrrp(_, order) => match order {
                vrrp::Action::Send(sent) => Self::Send(sent.advert.priority.byte()),
                vrrp::Action::BlockPackets(list) => Self::Block(list.len()),
                vrrp::Action::UnblockPackets(list) => Self::Unblock(list.len()),
                vrrp::Action::AddAddresses(list) => Self::Add(list.len()),
                vrrp::Action::RemoveAddresses(list) => Self::Remove(list.len()),
                vrrp::Action::AddRouting(list) => Self::AddRouting(list.len()),
                vrrp::Action::RemoveRouting(list) => Self::RemoveRouting(list.len()),
                vrrp::Action::Announce { repeat, .. } => Self::Announce(*repeat),
                vrrp::Action::Notify(notice) => Self::Notify(notice.kind),
                vrrp::Action::Remember(..) => Self::Remember,
            },
        }
    }
}

impl Trace {
    pub(crate) fn say(&mut self, at: Instant, node: Option<usize>, said: &'static str) {
        self.push(Step { at, node, what: What::Said(said) });
    }

    pub(crate) fn told(
        &mut self,
        at: Instant,
        node: usize,
        cause: Cause,
        state: Option<State>,
        actions: &[Did],
        deadline: Option<Instant>,
    ) {
        // The list of a step that leaves is used again: a long run allocates nothing here.
        let mut did = match (self.steps.len() >= KEPT).then(|| self.steps.pop_front()).flatten() {
            Some(Step { what: What::Told { mut did, .. }, .. }) => {
                did.clear();
                did
            }
            _ => Vec::new(),
        };
        did.extend(actions);
        self.push(Step { at, node: Some(node), what: What::Told { cause, state, did, deadline } });
    }

    fn push(&mut self, step: Step) {
        if self.steps.len() >= KEPT {
            self.steps.pop_front();
        }
        self.steps.push_back(step);
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { at, node, what } in &self.steps {
            match node {
                Some(node) => write!(f, "{at}  node {node}  ")?,
                None => write!(f, "{at}  network ")?,
            }
            match what {
                What::Said(said) => writeln!(f, "--- {said}")?,
                What::Told { cause, state, did, deadline } => {
                    let state = state.map_or("none".to_owned(), |state| state.to_string());
                    write!(f, "{state:6} after {cause:?}: {did:?}")?;
                    match deadline {
                        Some(deadline) => writeln!(f, ", next at {deadline}")?,
                        None => writeln!(f, ", nothing next")?,
                    }
                }
            }
        }
        Ok(())
    }
}
