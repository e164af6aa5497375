//! The client's side of SMTP (RFC 5321) as keepalived speaks it, without sockets: replies in, lines out.

use std::fmt;

use super::envelope::Mail;

/// Where the dialogue stands: what the reply that comes next answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Greeting,
    Helo,
    From,
    /// The recipient with this number.
    Recipient(usize),
    Data,
    Body,
}

/// keepalived's names of the commands, for the log.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "(E)SMTP",
            Self::Helo => "HELO",
            Self::From => "MAIL",
            Self::Recipient(_) => "RCPT",
            Self::Data => "DATA",
            Self::Body => "BODY",
        })
    }
}

/// What came of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Write this and wait for a reply.
    Write(String),
    /// The relay takes this recipient not, but others may do; write this and wait for a reply.
    Without(String, Rejection),
    /// The mail is in the relay's hands; say so and close.
    Done,
    /// The relay does not take the mail; say so and close.
    Failed(Rejection),
}

/// A reply that was not the one hoped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Error processing {step} cmd. SMTP status code = {code}")]
pub(super) struct Rejection {
    pub(super) step: Step,
    pub(super) code: u16,
}

impl Rejection {
    /// Whether the same mail may be taken later (RFC 5321 §4.2.1).
    pub(super) fn is_temporary(self) -> bool {
        !(500..600).contains(&self.code)
    }
}

/// One mail on its way.
#[derive(Debug)]
pub(super) struct Dialogue<'m> {
    mail: &'m Mail,
    step: Step,
    /// Recipients that the relay takes.
    accepted: usize,
}

impl<'m> Dialogue<'m> {
    pub(super) fn new(mail: &'m Mail) -> Self {
        Self { mail, step: Step::Greeting, accepted: 0 }
    }

    /// Takes the code of a whole reply.
    pub(super) fn reply(&mut self, code: u16) -> Next {
        let rejection = Rejection { step: self.step, code };
        let ok = match self.step {
            Step::Greeting => code == 220,
            Step::Data => code == 354,
            Step::Helo | Step::From | Step::Recipient(_) | Step::Body => (250..=252).contains(&code),
        };
        match self.step {
            Step::Recipient(number) => self.recipient(number, ok, rejection),
            Step::Greeting | Step::Helo | Step::From | Step::Data | Step::Body if ok => self.advance(),
            Step::Greeting | Step::Helo | Step::From | Step::Data | Step::Body => Next::Failed(rejection),
        }
    }

    fn recipient(&mut self, number: usize, ok: bool, rejection: Rejection) -> Next {
        self.accepted += usize::from(ok);
        let last = number + 1 >= self.mail.recipients.len();
        if last && self.accepted == 0 {
            return Next::Failed(rejection);
        }
        match self.advance() {
            Next::Write(line) if !ok => Next::Without(line, rejection),
            next => next,
        }
    }

    fn advance(&mut self) -> Next {
        let (step, line) = match self.step {
            Step::Greeting => (Step::Helo, format!("HELO {}\r\n", self.mail.helo)),
            Step::Helo => (Step::From, format!("MAIL FROM:<{}>\r\n", self.mail.sender)),
            Step::From => self.next_recipient(0),
            Step::Recipient(number) => self.next_recipient(number + 1),
            Step::Data => (Step::Body, self.mail.text.clone()),
            Step::Body => return Next::Done,
        };
        self.step = step;
        Next::Write(line)
    }

    fn next_recipient(&self, number: usize) -> (Step, String) {
        match self.mail.recipients.get(number) {
            Some(address) => (Step::Recipient(number), format!("RCPT TO:<{address}>\r\n")),
            None => (Step::Data, "DATA\r\n".to_owned()),
        }
    }
}
