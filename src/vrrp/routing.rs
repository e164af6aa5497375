//! A route or a rule as the kernel is to have it now: with the numbers of its interfaces.

use std::fmt;

use crate::config::model::{Route, Rule};
use crate::units::IfIndex;

/// What steers packets, besides addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routing {
    /// A line of `virtual_routes` or `static_routes`.
    Route(Box<PlacedRoute>),
    /// A line of `virtual_rules` or `static_rules`; the kernel knows its interfaces by name.
    Rule(Box<Rule>),
}

impl Routing {
    /// Whether somebody wants to know when it is lost.
    pub fn is_tracked(&self) -> bool {
        match self {
            Self::Route(placed) => !placed.route.no_track,
            Self::Rule(rule) => !rule.no_track,
        }
    }

    /// Whether the kernel may have dropped it while this interface was down: a route by it, or by whichever interface
    /// leads to its gateway.
    pub fn may_go_with(&self, interface: IfIndex) -> bool {
        match self {
            Self::Route(placed) => {
                let named = [placed.interface].into_iter().chain(placed.hops.iter().copied());
                let mut named = named.flatten().peekable();
                named.peek().is_none() || named.any(|index| index == interface)
            }
            Self::Rule(_) => false,
        }
    }
}

/// As operators know it.
impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Route(placed) => placed.route.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

/// A route and the interfaces that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRoute {
    /// The route with its options.
    pub route: Route,
    /// The interface of its `dev`.
    pub interface: Option<IfIndex>,
    /// The interface of each of its next hops.
    pub hops: Vec<Option<IfIndex>>,
}
