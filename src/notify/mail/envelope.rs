//! From whom, to whom, and the text of a mail byte by byte as keepalived writes it.

use chrono::{DateTime, Local};
use nix::unistd::{User, geteuid, gethostname};

use super::Alert;
use crate::config::model;

/// What is the same for all mails of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    settings: model::Mail,
    /// What stands before each subject.
    router_id: String,
    /// Of the sender and for HELO where none is configured.
    host: String,
    /// `notification_email_from`, or what stands for it.
    from: String,
}

/// A mail that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) helo: String,
    /// Bare addresses for the envelope.
    pub(super) sender: String,
    pub(super) recipients: Vec<String>,
    /// Headers and body, up to the line with the dot.
    pub(super) text: String,
}

impl Envelope {
    /// For a configuration, with the names of this host where it gives none.
    pub fn new(global: &model::GlobalDefs) -> Self {
        let host = host_name();
        let user =
            User::from_uid(geteuid()).ok().flatten().map_or_else(|| "root".to_owned(), |user| user.name);
        Self {
            settings: global.mail.clone(),
            router_id: global.router_id.clone().unwrap_or_else(|| host.clone()),
            from: global.mail.from.clone().unwrap_or_else(|| format!("{user}@{host}")),
            host,
        }
    }

    /// The relay and what each step may take; `None` when no mail is to leave.
    pub(super) fn relay(&self) -> Option<(&model::MailServer, std::time::Duration)> {
        let server = self.settings.server.as_ref().filter(|_| !self.settings.recipients.is_empty())?;
        Some((server, self.settings.timeout))
    }

    /// The mail for an alert, dated `at`.
    pub(super) fn mail(&self, alert: &Alert, at: DateTime<Local>) -> Mail {
        let recipients = &self.settings.recipients;
        let text = format!(
            "Date: {}\r\nFrom: {}\r\nSubject: [{}] {}\r\nX-Mailer: Keepalived\r\nTo: {}\r\n\r\n{}\r\n\r\n.\r\n",
            at.format("%a, %d %b %Y %H:%M:%S %z"),
            on_one_line(&self.from),
            on_one_line(&self.router_id),
            on_one_line(&alert.subject),
            recipients.iter().map(|to| on_one_line(to)).collect::<Vec<_>>().join(",\r\n "),
            alert.body,
        );
        Mail {
            helo: on_one_line(self.settings.helo_name.as_deref().unwrap_or(&self.host)),
            sender: bare(&self.from),
            recipients: recipients.iter().map(|to| bare(to)).collect(),
            text,
        }
    }
}

/// A configured word can hold any character, but must not make a line of its own.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The address in `Name <address>`.
fn bare(address: &str) -> String {
    let inside = address.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    on_one_line(inside.map_or(address, |(inside, _)| inside))
}

/// The name of this host with its domain where `/etc/hosts` tells it, as its line's first name.
fn host_name() -> String {
    let name = gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    full_name(&hosts, &name).unwrap_or(&name).to_owned()
}

fn full_name<'h>(hosts: &'h str, name: &str) -> Option<&'h str> {
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let mut names = lines.map(|line| line.split_ascii_whitespace().skip(1).collect::<Vec<_>>());
    names.find(|names| names.contains(&name))?.first().copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_text_is_keepalived_s_byte_by_byte() {
        let settings = model::Mail {
            server: Some(model::MailServer { host: "10.0.0.1".to_owned(), port: 25 }),
            from: Some("VRRP <vrrp@example.org>".to_owned()),
            recipients: ["ops@example.org", "Third Person <third@example.org>"].map(str::to_owned).into(),
            ..model::Mail::default()
        };
        let global = model::GlobalDefs {
            router_id: Some("RID_1\r\nX: y".to_owned()),
            mail: settings,
            ..model::GlobalDefs::default()
        };
        let alert = Alert {
            subject: "VRRP Instance VI_1 - Entering MASTER state".to_owned(),
            body: "=> VRRP Instance is now owning VRRP VIPs <=".to_owned(),
        };
        let at = Local.timestamp_opt(1_795_276_884, 0).unwrap();
        let mail = Envelope::new(&global).mail(&alert, at);
        let date = at.format("%a, %d %b %Y %H:%M:%S %z");
        let want = format!(
            "Date: {date}\r\nFrom: VRRP <vrrp@example.org>\r\n\
             Subject: [RID_1  X: y] VRRP Instance VI_1 - Entering MASTER state\r\nX-Mailer: Keepalived\r\n\
             To: ops@example.org,\r\n Third Person <third@example.org>\r\n\r\n\
             => VRRP Instance is now owning VRRP VIPs <=\r\n\r\n.\r\n"
        );
        assert_eq!(mail.text, want);
        assert_eq!(mail.sender, "vrrp@example.org");
        assert_eq!(mail.recipients, ["ops@example.org", "third@example.org"]);
    }

    #[test]
    fn no_mail_leaves_without_a_relay_and_a_recipient() {
        let server = Some(model::MailServer { host: "relay".to_owned(), port: 25 });
        let to = vec!["ops@example.org".to_owned()];
        for (server, recipients, leaves) in
            [(None, to.clone(), false), (server.clone(), vec![], false), (server, to, true)]
        {
            let mail =
                model::Mail { server, recipients, timeout: Duration::from_secs(1), ..Default::default() };
            let global = model::GlobalDefs { mail, ..Default::default() };
            assert_eq!(Envelope::new(&global).relay().is_some(), leaves);
        }
    }

    #[test]
    fn the_first_name_of_the_line_is_the_full_one() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1 a.example.org a # b\n";
        assert_eq!(full_name(hosts, "a"), Some("a.example.org"));
        assert_eq!(full_name(hosts, "b"), None);
    }
}
