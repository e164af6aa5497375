//! The file layer: any bytes become logical lines, each byte with its place.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vrrpd::config::invariants::lines_have_places(bytes));
