//! What an instance tracks, where its priority or its sync group leave no room for weights.

use super::instance::Block;
use crate::config::source::Place;
use crate::units::{Priority, Weight};

/// Why weights cannot count.
const OWNER: &str = "has no weight at priority 255";
const MEMBER: &str = "has no weight in a sync group without `sync_group_tracking_weight`";

impl Block<'_, '_> {
    /// Tracking that cannot be.
    pub(super) fn tracked(&mut self, priority: Priority) {
        let why = match (priority.is_owner(), self.draft.grouped) {
            (true, _) => Some(OWNER),
            (false, Some(false)) => Some(MEMBER),
            (false, _) => None,
        };
        self.tracked_interfaces(why);
        let Some(why) = why else { return };
        let weighs = |weight: Weight| !weight.is_fault();
        let mut found: Vec<(Place, &'static str)> = Vec::new();
        let tracks = &mut self.draft.tracks;
        let scripts = tracks.scripts.extract_if(.., |tracked| weighs(tracked.value.weight));
        found.extend(scripts.map(|tracked| (tracked.place, "track_script")));
        let files = tracks.files.extract_if(.., |tracked| weighs(tracked.value.weight));
        found.extend(files.map(|tracked| (tracked.place, "track_file")));
        let bfds = tracks.bfds.extract_if(.., |tracked| weighs(tracked.value.weight));
        found.extend(bfds.map(|tracked| (tracked.place, "track_bfd")));
        for (place, keyword) in found {
            self.adjusted(place, keyword, format!("{why}; the line is left out"));
        }
    }

    /// A member's weights stay in effect, whatever keepalived says of them.
    fn tracked_interfaces(&mut self, why: Option<&'static str>) {
        let own = self.draft.interface.as_ref().map(|interface| interface.value.clone());
        for tracked in std::mem::take(&mut self.draft.tracks.interfaces) {
            let weighs = !tracked.value.weight.is_fault();
            match why.filter(|_| weighs) {
                _ if Some(&tracked.value.name) == own.as_ref() => {
                    let what =
                        "names the instance's own interface, which counts anyway; the line is left out";
                    self.adjusted(tracked.place, "track_interface", what);
                    continue;
                }
                Some(OWNER) => {
                    self.adjusted(tracked.place, "track_interface", format!("{OWNER}; the line is left out"));
                    continue;
                }
                Some(why) => self.adjusted(tracked.place, "track_interface", why),
                None => {}
            }
            self.draft.tracks.interfaces.push(tracked);
        }
    }
}
