//! What readers see of the engine: logs, dumps, a successor process.

use serde::{Deserialize, Serialize};

use crate::config::model::InstanceKey;
use crate::units::{Instant, Priority};
use crate::vrrp::{Counters, Memory, Past, State};

/// The state of everything at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Instances in file order.
    pub instances: Vec<InstanceSnapshot>,
}

/// The state of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceSnapshot {
    /// Block name.
    pub name: String,
    /// Identity over reloads and processes.
    pub key: InstanceKey,
    /// State.
    pub state: State,
    /// Effective priority.
    pub priority: Priority,
    /// When it advertised last, if it is master.
    pub last_advert: Option<Instant>,
    /// What was counted.
    pub counters: Counters,
    /// What a successor must know of the packets sent and heard.
    pub memory: Memory,
}

impl Snapshot {
    /// What a successor process must know to go on without a failover.
    pub fn past(&self) -> Vec<Past> {
        let past = |instance: &InstanceSnapshot| Past {
            key: instance.key.clone(),
            state: instance.state,
            last_advert: instance.last_advert.unwrap_or(Instant::ZERO),
            hooks_wait: false,
            memory: instance.memory.clone(),
        };
        self.instances.iter().map(past).collect()
    }
}
