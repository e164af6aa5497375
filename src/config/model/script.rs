//! Commands that a configuration names: checks and notify hooks.

use serde::{Deserialize, Serialize};

/// A program with its arguments, as the file gives them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    /// The words of the command line, never empty; a first word without `/` is searched in `PATH`.
    pub argv: Vec<String>,
    /// User and group words; `None` means the default script user.
    pub account: Option<Account>,
}

/// Who a script runs as, by name or number as written; resolved on the host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// User name or number.
    pub user: String,
    /// Group name or number; `None` means the user's own group.
    pub group: Option<String>,
}

/// The `notify*` keywords of an instance or a group, and whether its changes are told in other ways. Most have few hooks
/// or none, so each takes room of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyScripts {
    /// `notify_master`.
    pub master: Option<Box<Command>>,
    /// `notify_backup`.
    pub backup: Option<Box<Command>>,
    /// `notify_fault`.
    pub fault: Option<Box<Command>>,
    /// `notify_stop`.
    pub stop: Option<Box<Command>>,
    /// `notify_deleted` with a script.
    pub deleted: Option<Box<Command>>,
    /// `notify_deleted` given at all: a removed instance is reported as DELETED instead of FAULT.
    pub reports_deleted: bool,
    /// `notify`: run at every transition, with four arguments appended.
    pub every: Option<Box<Command>>,
    /// `notify_master_rx_lower_pri`.
    pub master_rx_lower_pri: Option<Box<Command>>,
    /// `notify_priority_changes`, or what stands for it: FIFOs hear of each change of the effective priority.
    pub priority_changes: bool,
    /// `smtp_alert`, or what stands for it: changes are told by mail.
    pub smtp_alert: bool,
}
