//! Sync groups over two links: one instance on each, both on the same node whatever happens to either.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::checks::executable;
use crate::lab::Lab;
use crate::node::Node;
use crate::pair::{SLACK, SubjectIs};
use crate::protocol::{HIGH, LOW, Protocol};

const FIRST: &str = "10.0.0.100/24";
const SECOND: &str = "10.1.0.100/24";
/// A check each second, its result, and a whole election that waits for its slowest member.
const LIMIT: Duration = Duration::from_secs(8);

macro_rules! with_role {
    ($module:ident, $role:ident) => {
        mod $module {
            use crate::pair::SubjectIs::$role;

            #[test]
            fn a_group_moves_as_a_whole_when_one_of_its_links_is_lost_and_back_again() {
                super::lose_one_link($role);
            }

            #[test]
            fn a_group_that_is_stopped_is_followed_within_the_skew_time() {
                super::stop($role);
            }

            #[test]
            fn a_check_that_fails_for_one_member_moves_the_whole_group() {
                super::fail_a_check($role);
            }
        }
    };
}

with_role!(subject_is_master, Master);
with_role!(subject_is_backup, Backup);

/// Two nodes with two links; node 1 serves on both.
struct Groups {
    master: Node,
    backup: Node,
    lab: Lab,
}

impl Groups {
    fn settled(subject: SubjectIs, blocks: &str, of_group: &str) -> Self {
        let lab = Lab::new(2).with_second_link();
        let [one, two] = subject.programs();
        let master = lab.place(1).start(one, &configuration(HIGH, blocks, of_group));
        lab.wait(LIMIT, "node 1 serves on both links", || has_both(&master));
        let backup = lab.place(2).start(two, &configuration(LOW, "", ""));
        let entered = || backup.said("Entering BACKUP STATE") == 2;
        lab.wait(LIMIT, "both members of node 2 are BACKUP", entered);
        Self { master, backup, lab }
    }

    fn moved(&self, limit: Duration) {
        self.lab.wait(limit, "node 2 serves on both links", || has_both(&self.backup));
        self.lab.wait(limit, "node 1 gave up both", || has_none(&self.master));
    }

    fn back(&self) {
        let back = || has_both(&self.master) && has_none(&self.backup);
        self.lab.wait(LIMIT, "node 1 alone serves on both links again", back);
    }
}

fn configuration(priority: u8, blocks: &str, of_group: &str) -> String {
    let instance = |number: u8| {
        format!(
            "vrrp_instance VI_{number} {{\n interface eth{link}\n virtual_router_id {vrid}\n version 3\n \
             advert_int 0.3\n priority {priority}\n virtual_ipaddress {{\n 10.{link}.0.100/24\n }}\n}}\n",
            link = number - 1,
            vrid = 50 + number
        )
    };
    let (one, two) = (instance(1), instance(2));
    format!(
        "global_defs {{\n script_user root\n}}\n{blocks}\nvrrp_sync_group G {{\n group {{\n VI_1\n VI_2\n }}\n \
         {of_group}\n}}\n{one}{two}"
    )
}

fn has_both(node: &Node) -> bool {
    node.has(FIRST) && node.has(SECOND)
}

fn has_none(node: &Node) -> bool {
    !node.has(FIRST) && !node.has(SECOND)
}

fn lose_one_link(subject: SubjectIs) {
    let groups = Groups::settled(subject, "", "");
    let faults = groups.master.said("Entering FAULT STATE");
    groups.master.place().unplug_second();
    groups.moved(Protocol::V3.master_down(LOW) + SLACK);
    assert_eq!(groups.master.said("Entering FAULT STATE"), faults + 2, "one line each");
    groups.master.place().plug_second();
    groups.back();
}

fn stop(subject: SubjectIs) {
    let groups = Groups::settled(subject, "", "");
    let stopped = groups.master.stop(Duration::from_secs(8));
    assert!(stopped.success(), "{stopped}");
    assert!(has_none(&groups.master), "addresses stayed on the node that stopped");
    groups.lab.wait(LIMIT, "node 2 serves on both links", || has_both(&groups.backup));
}

fn fail_a_check(subject: SubjectIs) {
    let directory = TempDir::new().unwrap();
    let script =
        executable(directory.path(), "check", &format!("test ! -e {}/broken", directory.path().display()));
    let check = format!("vrrp_script check {{\n script {}\n interval 1\n user root\n}}", script.display());
    let groups = Groups::settled(subject, &check, "track_script {\n check\n }");
    fs::write(directory.path().join("broken"), "").unwrap();
    groups.moved(LIMIT);
    fs::remove_file(directory.path().join("broken")).unwrap();
    groups.back();
}

#[test]
fn the_hooks_of_a_group_hear_of_each_state_of_the_whole() {
    let directory = TempDir::new().unwrap();
    let log = directory.path().join("log");
    let hook = executable(directory.path(), "hook", &format!("echo \"$@\" >> {}", log.display()));
    let lines = format!("notify \"{0} any\"\n notify_master \"{0} master\"", hook.display());
    let groups = Groups::settled(SubjectIs::Master, "", &lines);
    let count = |words: &str| said(&log).iter().filter(|line| *line == words).count();
    groups.lab.wait(LIMIT, "the hooks of MASTER ran", || {
        count("any GROUP G MASTER 0") == 1 && count("master") == 1
    });
    groups.master.place().unplug_second();
    groups.lab.wait(LIMIT, "the hook of FAULT ran", || count("any GROUP G FAULT 0") == 1);
    groups.master.place().plug_second();
    groups.lab.wait(LIMIT, "the hooks of MASTER ran again", || count("any GROUP G MASTER 0") == 2);
    groups.master.stop(Duration::from_secs(8));
    groups.lab.wait(LIMIT, "the hook of STOP ran", || count("any GROUP G STOP 0") == 1);
    let states: Vec<String> = said(&log).into_iter().filter(|line| line.starts_with("any")).collect();
    let wanted = ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"];
    assert_eq!(states, wanted.map(|state| format!("any GROUP G {state} 0")));
}

fn said(log: &Path) -> Vec<String> {
    fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}
