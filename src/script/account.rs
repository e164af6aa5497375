//! Who a script runs as: names of the host's user database, resolved to numbers once.

use std::ffi::CString;

use nix::unistd::{Gid, Group, Uid, User, getegid, geteuid, getgrouplist, getgroups};
use serde::{Deserialize, Serialize};

use crate::config::model::Account;

/// Numbers that a process runs with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

/// Why an account cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AccountError {
    /// No such user.
    #[error("user `{0}` does not exist")]
    User(String),
    /// No such group.
    #[error("group `{0}` does not exist")]
    Group(String),
}

impl Identity {
    /// The account that scripts run as if it exists and the configuration names none.
    pub const DEFAULT_USER: &'static str = "keepalived_script";

    /// Our own.
    pub fn own() -> Self {
        let groups = getgroups().unwrap_or_default().into_iter().map(Gid::as_raw).collect();
        Self { uid: geteuid().as_raw(), gid: getegid().as_raw(), groups }
    }

    /// That of a configured account.
    ///
    /// # Errors
    /// When the host does not know the user or the group.
    pub fn of(account: &Account) -> Result<Self, AccountError> {
        let user = user(&account.user).ok_or_else(|| AccountError::User(account.user.clone()))?;
        let gid = match &account.group {
            Some(name) => group(name).ok_or_else(|| AccountError::Group(name.clone()))?,
            None => user.gid,
        };
        Ok(Self { uid: user.uid.as_raw(), gid: gid.as_raw(), groups: groups(&user, gid) })
    }

    /// That of scripts without an account: `script_user`, else [`Self::DEFAULT_USER`], else our own.
    ///
    /// # Errors
    /// When `script_user` is given and the host does not know it.
    pub fn default_of(script_user: Option<&Account>) -> Result<Self, AccountError> {
        if let Some(account) = script_user {
            return Self::of(account);
        }
        let account = Account { user: Self::DEFAULT_USER.to_owned(), group: None };
        Ok(Self::of(&account).unwrap_or_else(|_| Self::own()))
    }

    /// Whether a child of ours runs as this without changing anything.
    pub(super) fn is_own(&self) -> bool {
        self.uid == geteuid().as_raw() && self.gid == getegid().as_raw()
    }
}

fn user(word: &str) -> Option<User> {
    if let Ok(Some(user)) = User::from_name(word) {
        return Some(user);
    }
    User::from_uid(Uid::from_raw(word.parse().ok()?)).ok()?
}

fn group(word: &str) -> Option<Gid> {
    if let Ok(Some(group)) = Group::from_name(word) {
        return Some(group.gid);
    }
    word.parse().ok().map(Gid::from_raw)
}

fn groups(user: &User, gid: Gid) -> Vec<u32> {
    let name = CString::new(user.name.as_str()).unwrap_or_default();
    let groups = getgrouplist(&name, gid).unwrap_or_else(|_| vec![gid]);
    groups.into_iter().map(Gid::as_raw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(user: &str, group: Option<&str>) -> Account {
        Account { user: user.to_owned(), group: group.map(str::to_owned) }
    }

    #[test]
    fn names_and_numbers_are_found_and_unknown_ones_are_named() {
        let ids = |user, group| Identity::of(&account(user, group)).map(|found| (found.uid, found.gid));
        assert_eq!(ids("root", None), Ok((0, 0)));
        assert_eq!(ids("0", None), Ok((0, 0)));
        assert_eq!(ids("root", Some("daemon")), Ok((0, 1)));
        assert_eq!(ids("root", Some("4711")), Ok((0, 4711)));
        assert_eq!(ids("nobody-of-this-name", None), Err(AccountError::User("nobody-of-this-name".into())));
        assert_eq!(ids("root", Some("no-such-group")), Err(AccountError::Group("no-such-group".into())));
    }

    #[test]
    fn script_user_is_the_default_and_must_exist() {
        assert_eq!(Identity::default_of(Some(&account("daemon", None))).map(|found| found.uid), Ok(1));
        assert!(Identity::default_of(Some(&account("nobody-of-this-name", None))).is_err());
    }
}
