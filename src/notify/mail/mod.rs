//! SMTP alerts: what is told, as a mail, to a relay.
//!
//! In: notices (in the worker), alerts (in the supervisor, which can wait for a relay and outlives the worker).
//! Out: alerts, mails on the wire.
//! Never here: encryption or passwords, which `keepalived.conf` has no words for; a wait in the worker.

mod alert;
mod alerts;
mod dialogue;
mod envelope;
mod mailer;
mod send;

pub use alert::Alert;
pub use alerts::Alerts;
pub use envelope::Envelope;
pub use mailer::Mailer;
