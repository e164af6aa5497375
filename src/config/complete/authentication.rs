//! `authentication` and `auth_hmac` of an instance: which of them counts, and with what.

use std::time::Duration;

use super::instance::{Basics, Block};
use crate::config::keyword::AuthType;
use crate::config::model::{Authentication, Hmac, HmacMode, InitialState};
use crate::units::{AdvertInterval, Family, Version};

impl Block<'_, '_> {
    /// The authentication of the instance; `auth_hmac` takes the place of `authentication`.
    pub(super) fn authentication(&mut self, basics: Basics, interval: AdvertInterval) -> Authentication {
        let legacy = self.legacy(basics);
        self.hmac(legacy, interval)
    }

    /// `authentication`, or none for the first reason that applies.
    fn legacy(&mut self, basics: Basics) -> Authentication {
        let Some(kind) = self.draft.auth_type.as_ref().map(|kind| (kind.value, kind.place)) else {
            return Authentication::None;
        };
        let password = self.draft.auth_pass.as_ref().map(|password| password.value);
        let why = match (password, kind.0) {
            _ if self.strict => "is not used in strict mode",
            _ if basics.version == Version::V3 => "is not used with VRRPv3",
            (None, _) => "is not used without `auth_pass`",
            (Some(_), AuthType::Ah) if basics.family == Family::V6 => "AH is not used with IPv6",
            (Some(password), AuthType::Pass) => return Authentication::Pass(password),
            (Some(password), AuthType::Ah) => {
                if basics.state == InitialState::Master && !basics.priority.is_owner() {
                    self.adjusted(kind.1, "state", "MASTER does not go with `auth_type AH`; BACKUP is used");
                }
                return Authentication::Ah(password);
            }
        };
        self.adjusted(kind.1, "authentication", why);
        Authentication::None
    }

    fn hmac(&mut self, legacy: Authentication, interval: AdvertInterval) -> Authentication {
        let Some(hmac) = self.draft.hmac.take() else { return legacy };
        let place = hmac.place;
        if legacy != Authentication::None {
            self.adjusted(place, "auth_hmac", "takes the place of `authentication`, which is left out");
        }
        let Some(active) = hmac.signing_key() else {
            self.adjusted(place, "auth_hmac", "has no key with the number of `active_key` and is left out");
            return Authentication::None;
        };
        let mut mode = hmac.mode;
        if self.strict && mode != HmacMode::Enforce {
            self.adjusted(place, "auth_hmac", "has `mode enforce` in strict mode");
            mode = HmacMode::Enforce;
        }
        let window = (!hmac.monotonic).then(|| hmac.window.unwrap_or_else(|| time_window(interval)));
        Authentication::Hmac(Hmac { keys: hmac.keys, active, mode, window })
    }
}

/// Default of `time_window`: three intervals in whole seconds, 5 to 300.
fn time_window(interval: AdvertInterval) -> Duration {
    Duration::from_secs((interval.duration().as_secs() * 3).clamp(5, 300))
}
