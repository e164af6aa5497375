//! `vrrp_script`: a periodic check.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Command;
use crate::units::Weight;

/// What one run of a check does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// Run a command; exit status 0 is success.
    Run(Command),
    /// `script "</path"`: success when the file can be opened for reading.
    Readable(String),
}

/// A `vrrp_script` block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VrrpScript {
    /// Block name.
    pub name: String,
    /// `script`.
    pub test: Test,
    /// `interval`: time between starts; default 1 s.
    pub interval: Duration,
    /// `timeout`: a run that takes longer is killed and has failed; default the interval.
    pub timeout: Duration,
    /// `weight`; default 0.
    pub weight: Weight,
    /// `weight N reverse`.
    pub reverse: bool,
    /// `rise`: successes in a row from down to up; default 1.
    pub rise: NonZeroU32,
    /// `fall`: failures in a row from up to down; default 1.
    pub fall: NonZeroU32,
    /// `init_fail`: counts as failed until the first success.
    pub init_fail: bool,
}
