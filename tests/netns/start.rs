//! How a daemon ends that cannot start, and what `-t` answers.

use std::time::{Duration, Instant};

use crate::known_differences::differs;
use crate::lab::Lab;
use crate::node::Program::Subject;
use crate::protocol::{HIGH, Protocol};

#[test]
fn an_interface_that_is_missing_at_the_start_ends_it_with_2() {
    let lab = Lab::new(1);
    let configuration = Protocol::V2.configuration(1, HIGH, &[]).replace("eth0", "eth7");
    let (status, log) = lab.place(1).run(Subject, &configuration, &[]);
    assert_eq!(status, Some(2), "{log}");
    assert!(log.contains("eth7"), "the log names the interface: {log}");
}

#[test]
fn a_file_that_is_missing_at_the_start_ends_it_with_6() {
    let lab = Lab::new(1);
    let (status, log) = lab.place(1).run(Subject, "", &["-f", "/nonexistent/daemon.conf"]);
    assert_eq!(status, Some(6), "{log}");
}

#[test]
fn an_unknown_option_ends_it_with_1() {
    let lab = Lab::new(1);
    let (status, log) = lab.place(1).run(Subject, "", &["--no-such-option"]);
    assert_eq!(status, Some(1), "{log}");
}

#[test]
fn a_test_of_the_configuration_answers_with_the_status_of_keepalived() {
    let good = Protocol::V2.configuration(1, HIGH, &[]);
    let cases = [
        ("a good file", good.clone(), 0),
        ("an unknown keyword", good.replace("priority 200", "prority 200"), 5),
        ("a value out of range", good.replace("priority 200", "priority 300"), 5),
        ("a word that is missing", good.replace("virtual_router_id 51", "virtual_router_id"), 2),
        ("a brace that is missing", good.trim_end().trim_end_matches('}').to_owned(), 5),
        ("an interface that does not exist", good.replace("eth0", "eth7"), 5),
        ("an include that does not exist", format!("{good}\ninclude /nonexistent/other.conf\n"), 0),
    ];
    let lab = Lab::new(1);
    for (what, configuration, expected) in cases {
        let (status, log) = lab.place(1).run(Subject, &configuration, &["-t"]);
        assert_eq!(status, Some(expected), "{what}:\n{log}");
    }
}

#[test]
fn a_test_of_a_file_that_is_missing_answers_4() {
    differs("a_test_of_a_file_that_is_missing_answers_4", || {
        let lab = Lab::new(1);
        let (status, log) = lab.place(1).run(Subject, "", &["-t", "-f", "/nonexistent/daemon.conf"]);
        assert_eq!(status, Some(4), "{log}");
    });
}

#[test]
fn the_caller_of_a_daemon_that_goes_to_the_background_sees_why_it_cannot_start() {
    differs("the_caller_of_a_daemon_that_goes_to_the_background_sees_why_it_cannot_start", || {
        let lab = Lab::new(1);
        let configuration = Protocol::V2.configuration(1, HIGH, &[]).replace("virtual_router_id 51", "");
        let (status, log) = lab.place(1).run_as_daemon(Subject, &configuration);
        assert_eq!(status, Some(2), "{log}");
    });
}

#[test]
fn a_test_with_a_named_facility_passes() {
    differs("a_test_with_a_named_facility_passes", || {
        let lab = Lab::new(1);
        let configuration = Protocol::V2.configuration(1, HIGH, &[]);
        let (status, log) = lab.place(1).run(Subject, &configuration, &["-S", "local3", "-t"]);
        assert_eq!(status, Some(0), "{log}");
    });
}

#[test]
fn a_daemon_without_hooks_stops_within_half_a_second() {
    differs("a_daemon_without_hooks_stops_within_half_a_second", || {
        let lab = Lab::new(1);
        let node = lab.place(1).start(Subject, &Protocol::V3.configuration(1, HIGH, &[]));
        lab.wait(Duration::from_secs(5), "it runs", || node.said("Entering BACKUP STATE") == 1);
        let told = Instant::now();
        node.stop(Duration::from_secs(8));
        assert!(told.elapsed() < Duration::from_millis(500), "{:?}", told.elapsed());
    });
}
