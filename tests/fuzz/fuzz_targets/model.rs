//! A whole configuration: any bytes end in a Model or in problems, which can be told in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vrrpd::cli::{MessageFormat, told};

fuzz_target!(|bytes: &[u8]| {
    let reading = vrrpd::config::invariants::model_or_problems(bytes);
    // Nobody reads more; a file of faults alone would do nothing but draw them.
    let first = &reading.problems[..reading.problems.len().min(5)];
    for format in [MessageFormat::Human, MessageFormat::Short, MessageFormat::Json] {
        assert_eq!(told(first, format, false).is_empty(), first.is_empty());
    }
});
