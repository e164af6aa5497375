//! Mails to relays that take them, refuse them, stall and are not there.

use super::*;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::config::model;

/// What a relay answers to a line, by how it begins; 250 to all others.
type Answers = &'static [(&'static str, &'static str)];

const USUAL: Answers = &[("greeting", "220-a\r\n220 b\r\n"), ("DATA", "354 go\r\n"), ("QUIT", "221 bye\r\n")];

/// Takes one connection; answers what the client wrote.
async fn take(listener: &TcpListener, answers: Answers) -> String {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut said = String::new();
    let answer = |line: &str| {
        let found = answers.iter().chain(USUAL).find(|(word, _)| line.starts_with(word));
        found.map_or("250 ok\r\n", |(_, answer)| *answer)
    };
    stream.write_all(answer("greeting").as_bytes()).await.unwrap();
    let mut in_text = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return said;
        }
        said.push_str(&line);
        let is_end = line == ".\r\n";
        if in_text && !is_end {
            continue;
        }
        let reply = answer(if is_end { "." } else { &line });
        in_text = reply.starts_with("354");
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}

fn envelope(port: u16) -> Envelope {
    let mail = model::Mail {
        server: Some(MailServer { host: "127.0.0.1".to_owned(), port }),
        from: Some("V <v@example.org>".to_owned()),
        recipients: ["a@example.org", "B <b@example.org>"].map(str::to_owned).into(),
        helo_name: Some("here".to_owned()),
        timeout: Duration::from_secs(5),
        faults: true,
    };
    Envelope::new(&model::GlobalDefs { mail, ..model::GlobalDefs::default() })
}

fn alert(subject: &str) -> Alert {
    Alert { subject: subject.to_owned(), body: "=> x <=".to_owned() }
}

async fn relay() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn commands(said: &str) -> Vec<&str> {
    let text = said.lines().skip_while(|line| !line.starts_with("Date: ")).take_while(|line| *line != ".");
    let text: Vec<&str> = text.collect();
    said.lines().filter(|line| !text.contains(line)).collect()
}

#[tokio::test]
async fn the_dialogue_is_keepalived_s() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("one"));
    let said = take(&listener, &[]).await;
    let expected = [
        "HELO here",
        "MAIL FROM:<v@example.org>",
        "RCPT TO:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "DATA",
        ".",
        "QUIT",
    ];
    assert_eq!(commands(&said), expected, "{said}");
    assert!(said.contains(
        "\r\nX-Mailer: Keepalived\r\nTo: a@example.org,\r\n B <b@example.org>\r\n\r\n=> x <=\r\n\r\n.\r\n"
    ));
    mailer.finish().await;
}

#[tokio::test]
async fn one_bad_recipient_does_not_take_the_mail_from_the_others() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("one"));
    let said = take(&listener, &[("RCPT TO:<a", "550 who\r\n")]).await;
    assert!(said.contains("\r\nDATA\r\n"), "{said}");
    mailer.alert(&alert("two"));
    let said = take(&listener, &[("RCPT", "550 who\r\n")]).await;
    assert!(!said.contains("DATA") && said.ends_with("QUIT\r\n"), "{said}");
    mailer.finish().await;
}

#[tokio::test]
async fn a_mail_that_is_not_taken_now_is_sent_again_and_those_behind_it_after_it() {
    for answers in [&[("greeting", "421 later\r\n")], &[(".", "451 later\r\n")]] as [Answers; 2] {
        let (listener, port) = relay().await;
        let mut mailer = Mailer::start(envelope(port));
        mailer.alert(&alert("one"));
        mailer.alert(&alert("two"));
        take(&listener, answers).await;
        assert!(take(&listener, &[]).await.contains("] one\r\n"));
        assert!(take(&listener, &[]).await.contains("] two\r\n"));
        mailer.finish().await;
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_sent_again() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("one"));
    mailer.alert(&alert("two"));
    take(&listener, &[("MAIL", "550 no\r\n")]).await;
    assert!(take(&listener, &[]).await.contains("] two\r\n"));
    mailer.finish().await;
}

#[tokio::test]
async fn the_last_mail_is_sent_before_the_end() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("Stopping"));
    let (said, ()) = tokio::join!(take(&listener, &[]), mailer.finish());
    assert!(said.contains("] Stopping\r\n"));
}

#[tokio::test]
async fn a_relay_that_stalls_holds_the_end_up_for_five_seconds_only() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("one"));
    let held: TcpStream = listener.accept().await.unwrap().0;
    let began = Instant::now();
    mailer.finish().await;
    let took = began.elapsed();
    assert!(took >= Mailer::AT_STOP && took < Mailer::AT_STOP * 2, "{took:?}");
    drop(held);
}

#[tokio::test]
async fn without_a_relay_the_end_comes_at_once() {
    let (listener, port) = relay().await;
    drop(listener);
    let mut mailer = Mailer::start(envelope(port));
    mailer.alert(&alert("one"));
    mailer.alert(&alert("two"));
    let began = Instant::now();
    mailer.finish().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_too_much_is_left_out() {
    let (listener, port) = relay().await;
    let mut mailer = Mailer::start(envelope(port));
    let _held = async {
        mailer.alert(&alert("first"));
        listener.accept().await.unwrap().0
    }
    .await;
    for _ in 0..Mailer::MAX_WAITING + 3 {
        mailer.alert(&alert("more"));
    }
    assert_eq!(mailer.left_out, 3);
    mailer.task.abort();
}
