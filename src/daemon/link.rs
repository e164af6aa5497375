//! What supervisor and worker say to each other.

use serde::{Deserialize, Serialize};

use crate::config::model::Model;
use crate::vrrp::Past;

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// The first message: run this, where a predecessor left off if there was one.
    Run(Model, Vec<Past>),
    /// Run this from now on.
    Reload(Model),
    /// Give everything up and end.
    Stop,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The engine runs.
    Ready,
    /// An [`Order::Reload`] has been carried out.
    Reloaded,
    /// An instance changed its state.
    State(Past),
    /// Somebody sent the reload signal to the worker instead of the supervisor.
    ReloadWanted,
}
