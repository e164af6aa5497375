//! The command line as an operator types it.

use super::*;
use crate::report::Facility;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn run(line: &str) -> Invocation {
    parse(words(line)).unwrap_or_else(|outcome| panic!("{line}: {outcome:?}"))
}

fn stopped(line: &str) -> Outcome {
    parse(words(line)).map_or_else(|outcome| outcome, |invocation| panic!("{line}: {invocation:?}"))
}

#[test]
fn clap_has_no_complaint_about_the_table_of_options() {
    Flags::command().debug_assert();
}

#[test]
fn the_options_of_a_service_unit_reach_the_daemon() {
    let asked = run("-nlDD -f /a.conf -P -p /p -r /r -c /c -b /b -i node -e -R -G -S local3 -u 022");
    let want = Options {
        file: "/a.conf".into(),
        vrrp_only: true,
        log_console: true,
        log_detail: 2,
        facility: Facility::Local(3),
        no_syslog: true,
        dont_fork: true,
        dont_respawn: true,
        pid_file: Some("/p".into()),
        vrrp_pid_file: Some("/r".into()),
        checkers_pid_file: Some("/c".into()),
        bfd_pid_file: Some("/b".into()),
        config_id: "node".into(),
        strict_includes: true,
        namespace: None,
        umask: Some(0o22),
        message_format: None,
    };
    assert_eq!((asked.action, asked.options, asked.warnings), (Action::Run, want, vec![]));
}

#[test]
fn without_options_it_is_a_daemon_with_the_file_of_keepalived() {
    let asked = run("");
    assert_eq!(asked.action, Action::Run);
    assert_eq!(asked.options.file, PathBuf::from("/etc/keepalived/keepalived.conf"));
    assert_eq!(asked.options.facility, Facility::Daemon);
    assert!(!asked.options.dont_fork && !asked.options.config_id.contains('.'));
}

#[test]
fn the_file_of_a_daemon_is_absolute_and_that_of_a_check_stays_as_typed() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(run("-f a.conf").options.file, here.join("a.conf"));
    assert_eq!(run("-p x.pid").options.pid_file, Some(here.join("x.pid")));
    assert_eq!(run("-t -f a.conf").options.file, PathBuf::from("a.conf"));
}

#[test]
fn a_config_test_takes_its_log_only_attached() {
    let test = |log: Option<&str>| Action::ConfigTest { log: log.map(PathBuf::from) };
    assert_eq!(run("-t").action, test(None));
    assert_eq!(run("-t/log").action, test(Some("/log")));
    assert_eq!(run("--config-test=/log").action, test(Some("/log")));
    assert_eq!(run("--config-test=").action, test(None));
    assert_eq!(run("-t=/log").action, test(Some("=/log")));
    let asked = run("-t FILE");
    assert_eq!((asked.action, asked.warnings), (test(None), vec!["Unexpected argument(s): FILE".to_owned()]));
    let implied = run("-t").options;
    assert!(implied.no_syslog && implied.dont_fork && implied.dont_respawn);
}

#[test]
fn check_config_takes_files_as_words_and_falls_back_to_that_of_f() {
    let check = |files: &[&str]| Action::CheckConfig { files: files.iter().map(PathBuf::from).collect() };
    assert_eq!(run("--check-config a b").action, check(&["a", "b"]));
    assert_eq!(run("a --check-config b -f c").action, check(&["a", "b"]));
    assert_eq!(run("--check-config -f c").action, check(&["c"]));
    assert_eq!(run("--check-config").action, check(&["/etc/keepalived/keepalived.conf"]));
}

#[test]
fn all_faults_are_named_and_exit_1() {
    let outcome = stopped("-Z --bogus -n -f");
    assert_eq!(outcome.err, "Unknown option -Z\nUnknown option --bogus\nMissing parameter for option -f\n");
    assert_eq!((outcome.out.as_str(), outcome.status), ("", exit::FATAL));
}

#[test]
fn signum_prints_the_numbers_that_scripts_send() {
    let cases = [("STOP", 15), ("RELOAD", 1), ("DATA", 10), ("STATS", 12), ("STATS_CLEAR", 63), ("JSON", 36)];
    for (name, number) in cases {
        let want = Outcome { out: format!("{number}\n"), ..Outcome::default() };
        assert_eq!(stopped(&format!("--signum={name}")), want);
        assert_eq!(stopped(&format!("--signum {name}")), want);
    }
    for name in ["data", "TDUMP", "1"] {
        let outcome = stopped(&format!("--signum={name}"));
        assert_eq!((outcome.err, outcome.status), (format!("Unknown sigfunc {name}\n"), exit::FATAL));
    }
    assert_eq!(stopped("--signum").err, "Missing parameter for option --signum\n");
}

#[test]
fn version_and_help_answer_on_stderr_and_read_no_further() {
    let version = stopped("-v -Z");
    assert!(version.err.starts_with(concat!("vrrpd v", env!("CARGO_PKG_VERSION"), " ")), "{}", version.err);
    assert_eq!((version.out.as_str(), version.status), ("", exit::OK));
    let after_fault = stopped("-Zv");
    assert!(after_fault.err.starts_with("Unknown option -Z\nvrrpd v"), "{}", after_fault.err);
    assert_eq!(after_fault.status, exit::OK);
    let help = stopped("-nh");
    assert!(
        help.err.contains("-f, --use-file <FILE>") && help.err.contains("--check-config"),
        "{}",
        help.err
    );
    assert_eq!((help.out.as_str(), help.status), ("", exit::OK));
}

#[test]
fn an_option_that_changes_role_or_traffic_is_refused_by_name() {
    let cases = [
        ("-C", "--check: "),
        ("-V", "--dont-release-vrrp: "),
        ("-I", "--dont-release-ipvs: "),
        ("-X", "--release-vips: "),
        ("-T -s 10.0.0.1 -p 80", "-T: "),
        ("-g/log", "-g: "),
    ];
    for (line, named) in cases {
        let outcome = stopped(line);
        assert!(outcome.err.starts_with(named), "{line}: {}", outcome.err);
        assert_eq!(outcome.status, exit::FATAL, "{line}");
    }
    assert_eq!(stopped("-VC").err.lines().count(), 2, "both are named");
}

#[test]
fn a_check_passes_what_a_start_refuses_with_a_warning() {
    for line in ["-t -V", "--check-config -C"] {
        assert_eq!(run(line).warnings.len(), 1, "{line}");
    }
}

#[test]
fn a_network_namespace_is_for_starts_and_checks() {
    for line in ["-s blue", "-t -s blue"] {
        let asked = run(line);
        assert_eq!((asked.options.namespace.as_deref(), asked.warnings.len()), (Some("blue"), 0), "{line}");
    }
}

#[test]
fn an_option_without_effect_warns_once() {
    let asked = run("-n -d -d -a -x -A /s -m -Mcore --ignore-sigint");
    let want =
        ["dump-conf", "address-monitoring", "snmp", "snmp-agent-socket", "core-dump", "core-dump-pattern"];
    let named: Vec<&str> =
        asked.warnings.iter().map(|line| line.split(':').next().unwrap().trim_start_matches('-')).collect();
    assert_eq!(named, [&want[..], &["ignore-sigint"]].concat());
}

#[test]
fn a_bad_facility_or_mask_is_named_and_the_daemon_starts_with_the_default() {
    let asked = run("-S local9 -u abc");
    assert_eq!(asked.warnings, ["Invalid log facility 'local9'", "Invalid --umask option abc"]);
    assert_eq!((asked.options.facility, asked.options.umask), (Facility::Daemon, None));
    assert_eq!((asked.options_status, run("-u abc").options_status), (exit::REPORTED, exit::OK));
}

#[test]
fn all_undoes_an_earlier_restriction() {
    assert!(!run("-P --all").options.vrrp_only);
    assert!(run("--all -P").options.vrrp_only);
}

#[test]
fn the_list_of_keywords_is_json_on_stdout() {
    let outcome = stopped("--list-keywords json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(rows.len(), crate::config::keywords().len());
    let of = |block: &str, keyword: &str| {
        rows.iter().find(|row| row["block"] == block && row["keyword"] == keyword).unwrap()
    };
    assert_eq!(of("vrrp_instance", "priority")["status"], "works");
    assert_eq!(of("global_defs", "enable_dbus")["status"], "no-effect-yet");
    assert_eq!(of("/", "bfd_instance")["status"], "refused");
    assert!(of("/", "bfd_instance")["refusal"].is_string());
    assert_eq!((outcome.err.as_str(), outcome.status), ("", exit::OK));
    assert_eq!(stopped("--list-keywords yaml").status, exit::FATAL);
}

#[test]
fn the_format_of_messages_is_one_of_three() {
    assert_eq!(run("--check-config --message-format json").options.message_format, Some(MessageFormat::Json));
    assert_eq!(run("-t --message-format=human").options.message_format, Some(MessageFormat::Human));
    assert_eq!(run("-t").options.message_format, None);
    assert_eq!(stopped("-t --message-format xml").status, exit::FATAL);
}
