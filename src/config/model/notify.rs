//! Where notices go besides scripts: FIFOs and mail, both of `global_defs`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Account, Command};

/// A FIFO that gets a line for each change, and the program that reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// Path, not empty.
    pub path: String,
    /// Who the FIFO is made for; `None` means the default script user.
    pub account: Option<Account>,
    /// `notify_fifo_script`, `vrrp_notify_fifo_script`: started with the path as its last argument.
    pub reader: Option<Command>,
}

/// How mail leaves: `smtp_*`, `notification_email*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// `smtp_server`; no mail leaves without it.
    pub server: Option<MailServer>,
    /// `notification_email_from`, as written; `None` means the user and the host that vrrpd runs on.
    pub from: Option<String>,
    /// `notification_email`, as written; no mail leaves without any.
    pub recipients: Vec<String>,
    /// `smtp_helo_name`; `None` means the host name.
    pub helo_name: Option<String>,
    /// `smtp_connect_timeout`: what each step of the dialogue may take; default 30 s, never zero.
    pub timeout: Duration,
    /// Unless `no_email_faults` is given: FAULT is told by mail too.
    pub faults: bool,
}

/// A mail relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Address or name; a name is looked up for each mail.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl MailServer {
    /// The port of `smtp_server` when none is given.
    pub const PORT: u16 = 25;
}

impl Mail {
    /// Default of `smtp_connect_timeout`.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: None,
            from: None,
            recipients: Vec::new(),
            helo_name: None,
            timeout: Self::TIMEOUT,
            faults: true,
        }
    }
}
