//! What comes from the wire, to an instance with any demands.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vrrpd::packet::invariants::hold(bytes));
