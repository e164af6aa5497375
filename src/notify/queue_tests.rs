//! Orders of hooks under a virtual clock.

use super::*;

const A: InstanceId = InstanceId(1);
const B: InstanceId = InstanceId(2);

/// A queue of words with a clock; what it does is written down as `name`, `name!` (beside) and `-n` (dropped).
#[derive(Default)]
struct Lab {
    queue: Queue<&'static str>,
    ids: HashMap<&'static str, HookId>,
    steps: Vec<Step<&'static str>>,
}

impl Lab {
    fn state(&mut self, ms: u64, instance: InstanceId, hooks: &[&'static str]) -> String {
        self.queue.state(at(ms), instance, hooks.to_vec(), &mut self.steps);
        self.said()
    }

    fn stop(&mut self, ms: u64, instance: InstanceId, hooks: &[&'static str]) -> String {
        self.queue.stop(at(ms), instance, hooks.to_vec(), &mut self.steps);
        self.said()
    }

    fn heard_lower(&mut self, instance: InstanceId, hook: &'static str) -> String {
        self.queue.heard_lower(instance, hook, &mut self.steps);
        self.said()
    }

    fn ended(&mut self, ms: u64, hook: &str) -> String {
        self.queue.ended(at(ms), self.ids[hook], &mut self.steps);
        self.said()
    }

    fn due(&mut self, ms: u64) -> String {
        self.queue.due(at(ms), &mut self.steps);
        self.said()
    }

    fn said(&mut self) -> String {
        let ids = &mut self.ids;
        let words = self.steps.drain(..).map(|step| match step {
            Step::Start(id, turn, hook) => {
                ids.insert(hook, id);
                if turn == Turn::Beside { format!("{hook}!") } else { hook.to_owned() }
            }
            Step::Dropped(states) => format!("-{states}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

fn at(milliseconds: u64) -> Instant {
    Instant::from_nanos(milliseconds * 1_000_000)
}

#[test]
fn hooks_of_one_state_start_together_and_those_of_the_next_after_all_of_them() {
    let mut lab = Lab::default();
    assert_eq!(lab.state(0, A, &["backup", "every1"]), "backup every1");
    assert_eq!(lab.state(10, A, &["master", "every2"]), "");
    assert_eq!(lab.ended(20, "every1"), "");
    assert_eq!(lab.ended(30, "backup"), "master every2");
    assert_eq!((lab.ended(40, "master"), lab.ended(50, "every2")), (String::new(), String::new()));
    assert!(lab.queue.is_empty() && lab.queue.deadline().is_none());
    assert_eq!(lab.state(60, A, &["fault"]), "fault");
}

#[test]
fn instances_do_not_wait_for_each_other() {
    let mut lab = Lab::default();
    assert_eq!(lab.state(0, A, &["a1"]), "a1");
    assert_eq!(lab.state(0, A, &["a2"]), "");
    assert_eq!(lab.state(0, B, &["b1"]), "b1");
    assert_eq!(lab.ended(1, "b1"), "");
}

#[test]
fn a_hook_that_never_ends_delays_the_next_state_by_ten_seconds_only() {
    let mut lab = Lab::default();
    lab.state(0, A, &["endless"]);
    assert_eq!(lab.state(5_000, A, &["second"]), "");
    assert_eq!(lab.state(6_000, A, &["third"]), "");
    assert_eq!(lab.queue.deadline(), Some(at(15_000)));
    assert_eq!(lab.due(14_999), "");
    assert_eq!(lab.due(15_000), "second!", "the third waits for the second");
    assert_eq!(lab.queue.deadline(), Some(at(25_000)));
    assert_eq!(lab.ended(15_100, "second"), "third", "but no more for the first");
    assert_eq!(lab.state(15_200, A, &["fourth"]), "");
    assert_eq!(lab.ended(15_300, "endless"), "", "which is none of the fourth's concern");
    assert_eq!(lab.ended(15_400, "third"), "fourth");
}

#[test]
fn hooks_of_a_stop_come_after_those_that_waited_when_it_was_told() {
    let mut lab = Lab::default();
    lab.state(0, A, &["backup"]);
    lab.state(1, A, &["master"]);
    assert_eq!(lab.stop(2, A, &["stop", "every"]), "");
    assert!(lab.queue.is_stopping(), "though none of them has started");
    assert_eq!(lab.ended(3, "backup"), "master");
    assert_eq!(lab.ended(4, "master"), "stop every");
    assert!(lab.queue.is_stopping());
    assert_eq!((lab.ended(5, "stop"), lab.ended(6, "every")), (String::new(), String::new()));
    assert!(!lab.queue.is_stopping() && lab.queue.is_empty());
}

#[test]
fn a_stop_waits_one_second_for_a_hook_that_does_not_end() {
    let mut lab = Lab::default();
    lab.state(0, A, &["endless"]);
    lab.state(1, A, &["waiting"]);
    assert!(!lab.queue.is_stopping());
    assert_eq!(lab.stop(2, A, &["stop", "every"]), "");
    assert_eq!(lab.queue.deadline(), Some(at(1_002)));
    assert_eq!(lab.due(1_001), "");
    assert_eq!(lab.due(1_002), "waiting stop every");
    assert!(lab.queue.is_stopping());
    for hook in ["waiting", "stop", "every"] {
        lab.ended(1_003, hook);
    }
    assert!(!lab.queue.is_stopping() && !lab.queue.is_empty());
    assert_eq!(lab.queue.deadline(), None);
}

#[test]
fn a_stop_without_hooks_leaves_nothing_behind() {
    let mut lab = Lab::default();
    assert_eq!(lab.stop(0, A, &[]), "");
    assert!(lab.queue.is_empty() && !lab.queue.is_stopping());
}

#[test]
fn when_too_many_states_wait_the_oldest_are_not_told() {
    let mut lab = Lab::default();
    lab.state(0, A, &["endless"]);
    for _ in 0..Lane::<&str>::MAX_WAITING - 1 {
        assert_eq!(lab.state(1, A, &["old"]), "");
    }
    assert_eq!(lab.state(2_000, A, &["newer"]), "");
    assert_eq!(lab.state(3_000, A, &["newest"]), "-1");
    assert_eq!(lab.due(10_001), "old!");
}

#[test]
fn endless_hooks_are_bounded_except_by_a_stop() {
    let mut lab = Lab::default();
    let mut started = 0;
    for turn in 0..100 {
        let said = [lab.state(turn * 20_000, A, &["endless"]), lab.due(turn * 20_000 + 19_999)].join(" ");
        started += said.matches("endless").count();
    }
    assert_eq!(started, Lane::<&str>::MAX_ALIVE);
    assert_eq!(lab.queue.deadline(), None, "only the end of one can let another start");
    assert!(lab.ended(3_000_000, "endless").starts_with("endless"));
    assert_eq!(lab.stop(3_000_001, A, &["stop"]), "");
    assert!(lab.due(3_001_001).ends_with(" stop"));
}

#[test]
fn the_hook_of_a_losing_advert_belongs_to_the_state_and_runs_once_at_a_time() {
    let mut lab = Lab::default();
    lab.state(0, A, &["master"]);
    assert_eq!(lab.heard_lower(A, "lower1"), "lower1");
    assert_eq!(lab.heard_lower(A, "lower2"), "", "the one before still runs");
    lab.ended(1, "master");
    assert_eq!(lab.state(2, A, &["backup"]), "");
    assert_eq!(lab.ended(3, "lower1"), "backup");
    assert_eq!(lab.heard_lower(A, "lower3"), "lower3");
    assert_eq!(lab.heard_lower(B, "lower4"), "lower4", "without any state before");
}

#[test]
fn an_end_that_was_told_already_changes_nothing() {
    let mut lab = Lab::default();
    lab.state(0, A, &["one"]);
    lab.state(0, A, &["two"]);
    assert_eq!(lab.ended(1, "one"), "two");
    assert_eq!(lab.ended(2, "one"), "");
    assert!(!lab.queue.is_empty());
}
