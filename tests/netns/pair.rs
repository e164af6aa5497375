//! Two nodes that have settled: node 1 serves the address, node 2 is its backup.

use std::time::Duration;

use crate::capture::{Capture, Frames};
use crate::lab::Lab;
use crate::node::{Node, Program};
use crate::protocol::{HIGH, LOW, Protocol};

/// What the scheduler of a busy test machine may add to a time before it counts as late.
pub(crate) const SLACK: Duration = Duration::from_millis(700);
/// What a capture's clock and a timer's rounding may take off a time before it counts as early.
pub(crate) const EARLY: Duration = Duration::from_millis(2);

/// Which of the two nodes runs the daemon that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectIs {
    Master,
    Backup,
}

impl SubjectIs {
    /// The programs of node 1, which serves, and of node 2.
    pub(crate) fn programs(self) -> [Program; 2] {
        match self {
            Self::Master => [Program::Subject, Program::Peer],
            Self::Backup => [Program::Peer, Program::Subject],
        }
    }
}

pub(crate) struct Pair {
    pub(crate) master: Node,
    pub(crate) backup: Node,
    pub(crate) capture: Capture,
    pub(crate) protocol: Protocol,
    pub(crate) lab: Lab,
}

impl Pair {
    pub(crate) fn settled(protocol: Protocol, subject: SubjectIs) -> Self {
        Self::settled_with(protocol, subject, &[], &[])
    }

    /// The same with further lines in the instances of the master and of the backup.
    pub(crate) fn settled_with(
        protocol: Protocol,
        subject: SubjectIs,
        first: &[&str],
        second: &[&str],
    ) -> Self {
        let configurations = [protocol.configuration(1, HIGH, first), protocol.configuration(2, LOW, second)];
        Self::settled_as(protocol, subject, configurations)
    }

    /// The same with whole configurations.
    pub(crate) fn settled_as(protocol: Protocol, subject: SubjectIs, [first, second]: [String; 2]) -> Self {
        let lab = Lab::new(2);
        let capture = Capture::start(&lab);
        let [one, two] = subject.programs();
        let master = lab.place(1).start(one, &first);
        wait_until_serving(&lab, &master, protocol);
        let backup = lab.place(2).start(two, &second);
        let heard = protocol.interval() * 2;
        lab.wait(Duration::from_secs(5), "node 2 is BACKUP", || backup.said("Entering BACKUP STATE") > 0);
        let silent = || backup.said("Entering MASTER STATE") == 0 && !backup.has(protocol.vip());
        lab.holds(heard, "node 2 leaves the address to the better node", silent);
        Self { master, backup, capture, protocol, lab }
    }

    /// How long node 2 lets node 1 be silent.
    pub(crate) fn master_down(&self) -> Duration {
        self.protocol.master_down(LOW)
    }

    pub(crate) fn skew(&self) -> Duration {
        self.protocol.skew(LOW)
    }

    pub(crate) fn wait_for_takeover(&self) -> Duration {
        let vip = self.protocol.vip();
        self.lab.wait(self.master_down() + SLACK, "node 2 has the address", || self.backup.has(vip))
    }

    /// Everything captured; fails when an advert is not valid.
    pub(crate) fn judged_frames(&self) -> Frames {
        let frames = self.capture.frames();
        frames.assert_valid(self.protocol);
        frames
    }
}

/// Waits until `node` has the virtual address, as it must one master-down time after its start.
pub(crate) fn wait_until_serving(lab: &Lab, node: &Node, protocol: Protocol) {
    // A start takes its own time; it is not what is judged here.
    let limit = protocol.master_down(1) + Duration::from_secs(3);
    lab.wait(limit, "the first node has the address", || node.has(protocol.vip()));
}

/// Fails unless `took` is within `[due, due + SLACK]`.
pub(crate) fn assert_due(took: Duration, due: Duration, what: &str) {
    assert!(took + EARLY >= due, "{what} came {took:?} after, too early: due {due:?}");
    assert!(took <= due + SLACK, "{what} came {took:?} after, too late: due {due:?}");
}
