//! SMTP alerts to a relay on the bridge.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::capture::Capture;
use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::protocol::{HIGH, Protocol};

const LIMIT: Duration = Duration::from_secs(8);
const PORT: u16 = 2525;

/// How the relay behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Usual,
    /// It takes connections and says nothing.
    Stalls,
    /// It does not know `second@example.org`.
    RefusesSecond,
}

/// What clients have said so far, a text a connection.
#[derive(Clone, Default)]
struct Relay(Arc<Mutex<Vec<String>>>);

impl Relay {
    fn start(lab: &Lab, manner: Manner) -> Self {
        let relay = Self::default();
        let listener = lab.bridge.inside(|| TcpListener::bind(("10.0.0.254", PORT)).unwrap());
        let heard = relay.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = heard.clone();
                thread::spawn(move || heard.serve(stream, manner));
            }
        });
        relay
    }

    fn serve(&self, stream: TcpStream, manner: Manner) {
        let number = {
            let mut texts = self.0.lock().unwrap();
            texts.push(String::new());
            texts.len() - 1
        };
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        let reply = |text: &str| drop((&stream).write_all(text.as_bytes()));
        if manner != Manner::Stalls {
            reply("220 relay\r\n");
        }
        let mut in_text = false;
        loop {
            let mut line = String::new();
            if !lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                return;
            }
            self.0.lock().unwrap()[number].push_str(&line);
            let answer = match line.trim_end() {
                "." => "250 taken\r\n",
                _ if in_text => continue,
                "DATA" => "354 go\r\n",
                "QUIT" => "221 bye\r\n",
                "RCPT TO:<second@example.org>" if manner == Manner::RefusesSecond => "550 who\r\n",
                _ => "250 ok\r\n",
            };
            in_text = answer.starts_with("354");
            reply(answer);
        }
    }

    /// The mails that were said to the end, but for their dates.
    fn mails(&self) -> Vec<String> {
        let texts = self.0.lock().unwrap().clone();
        let whole = texts.into_iter().filter(|text| text.contains("\r\n.\r\n"));
        let undated = |text: String| {
            let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("Date: "));
            lines.collect::<String>()
        };
        whole.map(undated).collect()
    }

    fn subjects(&self) -> Vec<String> {
        let subject = |mail: &String| {
            let line = mail.lines().find_map(|line| line.strip_prefix("Subject: "));
            line.unwrap_or_default().to_owned()
        };
        self.mails().iter().map(subject).collect()
    }

    fn connections(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

fn start(lab: &Lab, global: &str, lines: &[&str]) -> Node {
    lab.place(1).start(Program::Subject, &configuration(global, lines))
}

fn configuration(global: &str, lines: &[&str]) -> String {
    let instance = Protocol::V3.configuration(1, HIGH, lines);
    format!(
        "global_defs {{\n    router_id R1\n    notification_email {{\n        ops@example.org\n        \
         second@example.org \"Third Person <third@example.org>\"\n    }}\n    \
         notification_email_from \"VRRP <vrrp@example.org>\"\n    smtp_server 10.0.0.254 {PORT}\n    \
         smtp_helo_name node1.example.org\n    smtp_connect_timeout 2\n    {global}\n}}\n{instance}"
    )
}

/// A whole dialogue as keepalived 2.4.3 was heard to speak it, but for the date.
fn dialogue(title: &str, body: &str) -> String {
    format!(
        "HELO node1.example.org\r\nMAIL FROM:<vrrp@example.org>\r\nRCPT TO:<ops@example.org>\r\n\
         RCPT TO:<second@example.org>\r\nRCPT TO:<third@example.org>\r\nDATA\r\n\
         From: VRRP <vrrp@example.org>\r\nSubject: [R1] VRRP Instance VI_1 - {title}\r\n\
         X-Mailer: Keepalived\r\nTo: ops@example.org,\r\n second@example.org,\r\n \
         Third Person <third@example.org>\r\n\r\n=> {body} <=\r\n\r\n.\r\nQUIT\r\n"
    )
}

#[test]
fn changes_are_told_by_mails_that_are_keepalived_s_byte_by_byte() {
    let lab = Lab::new(1);
    let relay = Relay::start(&lab, Manner::Usual);
    let node = start(&lab, "smtp_alert", &["track_interface {\n lo\n }"]);
    lab.wait(LIMIT, "MASTER is told", || relay.mails().len() == 2);
    node.place().ip("link set lo down");
    lab.wait(LIMIT, "FAULT is told", || relay.mails().len() == 3);
    node.place().ip("link set lo up");
    let without = |body| format!("VRRP Instance is {body} owning VRRP VIPs");
    let expected = [
        dialogue("Entering BACKUP state", &without("no longer")),
        dialogue("Entering MASTER state", &without("now")),
        dialogue("Entering FAULT state", &without("no longer")),
        dialogue("Entering BACKUP state", &without("no longer")),
        dialogue("Entering MASTER state", &without("now")),
    ];
    let quit = || relay.mails().iter().all(|mail| mail.ends_with("QUIT\r\n"));
    lab.wait(LIMIT, "all are told", || relay.mails().len() == 5 && quit());
    assert_eq!(relay.mails(), expected);
}

#[test]
fn who_is_told_of_what_follows_the_nearest_setting() {
    let cases: [(&str, &[&str], &[&str]); 4] = [
        ("smtp_alert\n smtp_alert_vrrp no", &[], &[]),
        ("smtp_alert no", &["smtp_alert"], &["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"]),
        ("smtp_alert_vrrp", &["smtp_alert no"], &[]),
        // After a FAULT that is not told, the state before it is no news.
        ("smtp_alert_vrrp\n no_email_faults", &[], &["BACKUP", "MASTER", "BACKUP", "MASTER"]),
    ];
    for (global, lines, states) in cases {
        let lab = Lab::new(1);
        let relay = Relay::start(&lab, Manner::Usual);
        let lines = [lines, &["track_interface {\n lo\n }"]].concat();
        let node = start(&lab, global, &lines);
        lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
        node.place().ip("link set lo down");
        lab.wait(LIMIT, "FAULT", || node.said("Entering FAULT STATE") == 1);
        node.place().ip("link set lo up");
        lab.wait(LIMIT, "it serves again", || node.said("Entering MASTER STATE") == 2);
        let expected = states.iter().map(|state| format!("[R1] VRRP Instance VI_1 - Entering {state} state"));
        let expected: Vec<String> = expected.collect();
        lab.wait(LIMIT, &format!("{global} {lines:?}: {expected:?}"), || relay.subjects() == expected);
    }
}

#[test]
fn the_mail_of_the_stop_arrives() {
    differs("the_mail_of_the_stop_arrives", || {
        let lab = Lab::new(1);
        let relay = Relay::start(&lab, Manner::Usual);
        let node = start(&lab, "smtp_alert", &[]);
        lab.wait(LIMIT, "MASTER is told", || relay.mails().len() == 2);
        node.stop(LIMIT);
        assert_eq!(relay.mails()[2..], [dialogue("Stopping", "VRRP Instance stopping")]);
    });
}

#[test]
fn a_relay_that_stalls_stops_no_advert_and_no_stop() {
    let lab = Lab::new(1);
    let relay = Relay::start(&lab, Manner::Stalls);
    let capture = Capture::start(&lab);
    let node = start(&lab, "smtp_alert", &[]);
    lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
    lab.wait(LIMIT, "the relay is asked", || relay.connections() > 0);
    lab.holds(Duration::from_secs(3), "it serves on", || node.has("10.0.0.100/24"));
    let frames = capture.frames();
    assert!(frames.longest_gap(1) < Protocol::V3.interval() * 3 / 2, "an advert is missing: {frames:#?}");
    node.stop(LIMIT);
}

#[test]
fn a_mail_that_cannot_leave_now_leaves_later() {
    differs("a_mail_that_cannot_leave_now_leaves_later", || {
        let lab = Lab::new(1);
        let node = start(&lab, "smtp_alert", &[]);
        lab.wait(LIMIT, "it serves", || node.has("10.0.0.100/24"));
        // Only now there is somebody to take them.
        let relay = Relay::start(&lab, Manner::Usual);
        lab.wait(LIMIT * 2, "both mails, in order", || {
            let subjects = relay.subjects();
            subjects.len() == 2 && subjects[0].contains("BACKUP") && subjects[1].contains("MASTER")
        });
        drop(node);
    });
}

#[test]
fn one_bad_recipient_does_not_take_the_mail_from_the_others() {
    differs("one_bad_recipient_does_not_take_the_mail_from_the_others", || {
        let lab = Lab::new(1);
        let relay = Relay::start(&lab, Manner::RefusesSecond);
        let node = start(&lab, "smtp_alert", &[]);
        lab.wait(LIMIT, "MASTER is told", || relay.mails().len() == 2);
        drop(node);
    });
}
