//! `vrrpd __script UID GID GROUPS -- PROGRAM ARG...`: become another user, then the program.
//!
//! A child that changes its user between fork and exec must be forked, which copies the page tables of a process that
//! may be large and stalls its timers. This small detour through our own executable lets the worker spawn it instead.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};

use super::Identity;

/// First argument that asks for this role.
pub const SCRIPT_ROLE: &str = "__script";

/// Exit status when the program cannot be executed, as in a shell.
const CANNOT_EXECUTE: u8 = 126;
/// Exit status when the arguments make no sense.
const MISUSED: u8 = 125;

/// Carries out the words after [`SCRIPT_ROLE`]; returns only when that failed, with the status to exit with.
pub fn script_role(args: impl IntoIterator<Item = OsString>) -> u8 {
    let Some((identity, words)) = parse(args) else { return MISUSED };
    if become_user(&identity).is_err() {
        return CANNOT_EXECUTE;
    }
    // Only a failure comes back. `exec` also unblocks all signals and gives SIGPIPE its default action again.
    let error = Command::new(&words[0]).args(&words[1..]).exec();
    if error.raw_os_error() == Some(libc::ENOEXEC) {
        let _ = Command::new(super::spawn::SHELL).args(&words).exec();
    }
    CANNOT_EXECUTE
}

/// The arguments that have `program` run with `identity`.
pub(super) fn arguments(identity: &Identity, program: &Path) -> Vec<OsString> {
    let groups: Vec<String> = identity.groups.iter().map(u32::to_string).collect();
    let words = [SCRIPT_ROLE.into(), identity.uid.to_string(), identity.gid.to_string(), groups.join(",")];
    words.into_iter().map(OsString::from).chain(["--".into(), program.into()]).collect()
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Option<(Identity, Vec<OsString>)> {
    let mut args = args.into_iter();
    let uid = number(&args.next()?)?;
    let gid = number(&args.next()?)?;
    let groups = args.next()?;
    let groups = groups.to_str()?.split(',').filter(|group| !group.is_empty());
    let groups = groups.map(|group| group.parse().ok()).collect::<Option<Vec<u32>>>()?;
    let words: Vec<OsString> = args.skip_while(|word| word != "--").skip(1).collect();
    (!words.is_empty()).then_some((Identity { uid, gid, groups }, words))
}

fn number(word: &OsStr) -> Option<u32> {
    word.to_str()?.parse().ok()
}

/// Groups first: afterwards the right to change them is gone.
fn become_user(identity: &Identity) -> io::Result<()> {
    let groups: Vec<Gid> = identity.groups.iter().copied().map(Gid::from_raw).collect();
    setgroups(&groups)?;
    setgid(Gid::from_raw(identity.gid))?;
    setuid(Uid::from_raw(identity.uid))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_say_what_parse_reads() {
        for groups in [vec![], vec![1], vec![1, 4712]] {
            let identity = Identity { uid: 1, gid: 2, groups };
            let words = arguments(&identity, Path::new("/bin/true"));
            assert_eq!(words[0], SCRIPT_ROLE);
            assert_eq!(parse(words.into_iter().skip(1)), Some((identity, vec!["/bin/true".into()])));
        }
    }

    #[test]
    fn words_that_make_no_sense_run_nothing() {
        for line in ["", "1", "1 2", "1 2 3", "1 2 3 --", "x 2 3 -- /bin/true", "1 2 x -- /bin/true"] {
            assert_eq!(script_role(line.split_whitespace().map(OsString::from)), MISUSED, "{line}");
        }
    }
}
