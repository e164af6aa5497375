//! Scripts of `global_defs`: before and after everything else, and those that read FIFOs.

use crate::config::keyword::draft::{GlobalDraft, Placed};
use crate::config::model::Command;

/// A script of the whole daemon.
#[derive(Clone, Debug)]
pub(in crate::config) struct GlobalScript {
    pub(in crate::config) keyword: &'static str,
    pub(in crate::config) command: Placed<Command>,
    /// `enable_script_security` stood before it and no user did: keepalived decides when it reads the line.
    pub(in crate::config) nobody: bool,
}

/// Who runs a script of `global_defs`, and where it would be missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Runner {
    /// The daemon itself, whatever else the file holds.
    Daemon,
    /// What looks after instances, after virtual servers, or both.
    Readers { instances: bool, virtual_servers: bool },
}

impl GlobalScript {
    /// Who runs it.
    pub(in crate::config) fn runner(&self) -> Runner {
        match self.keyword {
            "notify_fifo_script" => Runner::Readers { instances: true, virtual_servers: true },
            "vrrp_notify_fifo_script" => Runner::Readers { instances: true, virtual_servers: false },
            "lvs_notify_fifo_script" => Runner::Readers { instances: false, virtual_servers: true },
            _ => Runner::Daemon,
        }
    }
}

/// Remembers a script, to be judged when everything has been read.
pub(super) fn remember(
    draft: &mut GlobalDraft,
    keyword: &'static str,
    command: Option<Box<Placed<Command>>>,
) {
    let Some(command) = command.map(|command| *command) else { return };
    let unnamed = command.value.account.is_none() && draft.model.script_user.is_none();
    let nobody = draft.model.script_security && unnamed;
    draft.scripts.push(GlobalScript { keyword, command, nobody });
}
