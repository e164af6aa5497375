//! Who of the running processes is one that a block asks for, by `/proc`.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;

use super::ProcessFact;
use crate::config::model::TrackProcess;
use crate::track::{is_process, looks_at_command_line};

/// The blocks and the processes that they ask for.
#[derive(Debug)]
pub(super) struct Table {
    blocks: Vec<(Arc<TrackProcess>, u32)>,
    /// Blocks that want each process; others have no entry.
    wanted_by: HashMap<u32, Vec<usize>>,
    changed: Vec<ProcessFact>,
}

impl Table {
    pub(super) fn new(blocks: &[TrackProcess]) -> Self {
        let blocks = blocks.iter().map(|block| (Arc::new(block.clone()), 0)).collect();
        Self { blocks, wanted_by: HashMap::new(), changed: Vec::new() }
    }

    /// How many processes each block has.
    pub(super) fn counts(&self) -> impl Iterator<Item = ProcessFact> {
        self.blocks.iter().map(|(of, count)| ProcessFact { of: of.clone(), count: *count })
    }

    /// Counts that changed since the list was emptied.
    pub(super) fn changed(&mut self) -> &mut Vec<ProcessFact> {
        &mut self.changed
    }

    /// Looks at every process there is.
    pub(super) fn scan(&mut self) {
        let Ok(entries) = fs::read_dir("/proc") else { return };
        let mut wanted_by = HashMap::new();
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let blocks = self.blocks_that_want(pid);
            if !blocks.is_empty() {
                wanted_by.insert(pid, blocks);
            }
        }
        self.wanted_by = wanted_by;
        let mut counts = vec![0; self.blocks.len()];
        for block in self.wanted_by.values().flatten() {
            counts[*block] += 1;
        }
        for (block, count) in counts.into_iter().enumerate() {
            self.set(block, count);
        }
    }

    /// Looks at one process again.
    pub(super) fn look_at(&mut self, pid: u32) {
        let blocks = self.blocks_that_want(pid);
        self.put(pid, blocks);
    }

    /// A new process runs what its parent runs.
    pub(super) fn copy(&mut self, parent: u32, child: u32) {
        if let Some(blocks) = self.wanted_by.get(&parent).cloned() {
            self.put(child, blocks);
        }
    }

    /// A process has ended.
    pub(super) fn forget(&mut self, pid: u32) {
        self.put(pid, Vec::new());
    }

    fn put(&mut self, pid: u32, blocks: Vec<usize>) {
        let before = self.wanted_by.remove(&pid).unwrap_or_default();
        for block in before.iter().filter(|block| !blocks.contains(block)) {
            self.set(*block, self.blocks[*block].1.saturating_sub(1));
        }
        for block in blocks.iter().filter(|block| !before.contains(block)) {
            self.set(*block, self.blocks[*block].1 + 1);
        }
        if !blocks.is_empty() {
            self.wanted_by.insert(pid, blocks);
        }
    }

    fn set(&mut self, block: usize, count: u32) {
        let (of, known) = &mut self.blocks[block];
        if *known != count {
            *known = count;
            self.changed.push(ProcessFact { of: of.clone(), count });
        }
    }

    fn blocks_that_want(&self, pid: u32) -> Vec<usize> {
        let Some(name) = name_of(pid) else { return Vec::new() };
        let reads = self.blocks.iter().any(|(block, _)| looks_at_command_line(block));
        let line =
            if reads { fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default() } else { Vec::new() };
        let wants = |(at, (block, _)): (usize, &(Arc<TrackProcess>, u32))| {
            is_process(block, &name, &line).then_some(at)
        };
        self.blocks.iter().enumerate().filter_map(wants).collect()
    }
}

/// The kernel's name of a process that runs; `None` when it has ended, even if nobody has waited for it yet.
fn name_of(pid: u32) -> Option<Vec<u8>> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let (open, close) =
        (stat.iter().position(|byte| *byte == b'(')?, stat.iter().rposition(|byte| *byte == b')')?);
    let ended = matches!(stat.get(close + 2), Some(b'Z' | b'X'));
    (!ended).then(|| stat.get(open + 1..close).map(<[u8]>::to_vec)).flatten()
}
