//! What must hold whatever the files say, for property tests and fuzz targets (`tests/fuzz`); no part of a daemon.
//!
//! Each function takes bytes: the main file, and after a line `=== NAME` a file that it may include by that name.

use std::collections::HashSet;
use std::path::Path;

use super::host::Offline;
use super::model::Model;
use super::problem::Problems;
use super::source::memory::Memory;
use super::source::{self, Place};
use super::{Excerpt, Level, Reading, Request, read_from};

/// Every byte of every logical line has its place in a physical line.
///
/// # Panics
/// When it has not.
pub fn lines_have_places(bytes: &[u8]) {
    let mut problems = Problems::default();
    let lines = source::read(&request(), &Memory::of(bytes), &mut problems);
    let live = (0..).map_while(|line| lines.live(line).map(|text| (line, text)));
    for (line, text) in live {
        let length = text.map_or(0, |text| text.len());
        for offset in 0..=u32::try_from(length).unwrap_or(u32::MAX) {
            let place = Place { line, offset };
            let physical = lines.physical(place).expect("a line has a physical one");
            assert!(physical.text.is_char_boundary(physical.byte), "{place:?}: {physical:?}");
            assert!(!physical.text.contains('\n'), "{place:?}: {physical:?}");
        }
    }
    for problem in problems.into_problems(&lines) {
        assert!(!problem.to_string().is_empty());
    }
}

/// The text ends in a Model or in problems, and both are what those who take them rely on.
///
/// # Panics
/// When they are not.
pub fn model_or_problems(bytes: &[u8]) -> Reading {
    let reading = read_from(&Memory::of(bytes), &request(), &Offline);
    assert!([0, 2, 4, 5, 6].contains(&reading.exit_status()), "{}", reading.exit_status());
    for problem in &reading.problems {
        assert_eq!(problem.excerpt.is_none(), problem.line == 0, "{problem:?}");
        assert!(!problem.text.is_empty() && !problem.text.contains('\n'), "{problem:?}");
        let related = problem.related.as_ref().map(|related| (related.column, &related.excerpt));
        let here = problem.excerpt.as_ref().map(|excerpt| (problem.column, excerpt));
        here.into_iter().chain(related).for_each(|(column, excerpt)| shows_its_word(column, excerpt));
    }
    if let Some(model) = &reading.model {
        is_sound(model);
    }
    // Both judge every problem; what they say is for other tests.
    let _ = (reading.clone().for_start(), reading.clone().for_reload());
    reading
}

fn shows_its_word(column: u32, excerpt: &Excerpt) {
    let before = excerpt.line.get(..excerpt.span.start).expect("the span begins in the line");
    assert!(excerpt.line.get(excerpt.span.clone()).is_some(), "{excerpt:?}");
    assert_eq!(before.chars().count() + 1, column as usize, "{excerpt:?}");
}

/// The worker gets the Model as JSON, and finds instances by their names.
fn is_sound(model: &Model) {
    let sent = serde_json::to_vec(model).expect("a Model can be sent");
    let received: Model = serde_json::from_slice(&sent).expect("a Model can be received");
    assert_eq!(&received, model);
    let names: HashSet<&str> = model.instances.iter().map(|instance| instance.name.as_str()).collect();
    assert_eq!(names.len(), model.instances.len());
    for instance in &model.instances {
        assert!(instance.addresses.iter().all(|address| address.prefix.family() == instance.family));
        assert!(instance.addresses.len() <= 255, "{} addresses", instance.addresses.len());
    }
}

fn request() -> Request<'static> {
    Request {
        file: Path::new(Memory::MAIN),
        config_id: "node1",
        strict_includes: false,
        level: Level::Offline,
        vrrp_only: false,
        namespace: None,
    }
}
