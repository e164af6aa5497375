//! What a tracked object adds to a priority.

use serde::{Deserialize, Serialize};

/// Priority change of a tracked object, -254 to 254; 0 means that its failure is a fault (keyword `weight`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Weight(i16);

impl Weight {
    /// A failure of the tracked object puts the instance in FAULT.
    pub const FAULT: Self = Self(0);

    /// `None` beyond -254..=254.
    pub const fn new(weight: i16) -> Option<Self> {
        if weight >= -254 && weight <= 254 { Some(Self(weight)) } else { None }
    }

    /// -254 to 254.
    pub const fn get(self) -> i16 {
        self.0
    }

    /// Whether a failure is a fault rather than a change of priority.
    pub const fn is_fault(self) -> bool {
        self.0 == 0
    }
}
