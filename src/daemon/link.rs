//! What supervisor and worker say to each other.

use serde::{Deserialize, Serialize};

use crate::config::model::Model;
use crate::notify::{Alert, FifoFiles};
use crate::script::Clearances;
use crate::vrrp::Past;

/// A configuration with everything about it that takes a look at this host: users, paths, permissions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Charge {
    pub(super) model: Model,
    pub(super) clearances: Clearances,
    /// Paths of the FIFOs that are there to be written, in order.
    pub(super) fifos: Vec<String>,
}

impl Charge {
    /// Looks up what `model` names, which may take as long as name services do, and makes its FIFOs.
    pub(super) fn new(model: Model, fifos: &mut FifoFiles) -> Self {
        let clearances = Clearances::of(&model);
        clearances.log();
        let fifos = fifos.prepare(&model.global.fifos, &clearances);
        Self { model, clearances, fifos }
    }
}

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// The first message: run this, where a predecessor left off if there was one.
    Run(Charge, Vec<Past>),
    /// Run this from now on.
    Reload(Charge),
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
    /// The instances of these names are in these states now.
    States(Vec<(String, Past)>),
    /// Send these.
    Mails(Vec<Alert>),
    /// Somebody sent the reload signal to the worker instead of the supervisor.
    ReloadWanted,
}
