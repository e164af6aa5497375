//! Values with their meaning: the numbers of VRRP and of the kernel as types that cannot be confused.
//!
//! In: bare integers and words, once, at the edges. Out: types whose every value is valid.
//! Never here: I/O, clocks (an [`Instant`] is made by the driver), rules about what a value leads to.

mod instant;
mod interface;
mod interval;
mod priority;
mod vrid;
mod weight;

pub use instant::Instant;
pub use interface::{IfIndex, IfName, MacAddr};
pub use interval::{AdvertInterval, Centiseconds, Seconds};
pub use priority::{Priority, WirePriority};
pub use vrid::{Family, Version, Vrid};
pub use weight::Weight;
