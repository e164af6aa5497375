//! The lists in which iproute2 gives numbers names: `rt_tables`, `rt_protos` and their kin.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The folders that hold the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IprouteFolders {
    /// The administrator's (`iproute_etc_dir`).
    pub(super) etc: PathBuf,
    /// The distribution's (`iproute_usr_dir`).
    pub(super) usr: PathBuf,
}

impl Default for IprouteFolders {
    fn default() -> Self {
        const OF_DISTRIBUTION: [&str; 3] = ["/usr/share/iproute2", "/usr/lib/iproute2", "/etc/iproute2"];
        let usr = OF_DISTRIBUTION.into_iter().find(|folder| Path::new(folder).is_dir());
        Self { etc: "/etc/iproute2".into(), usr: usr.unwrap_or(OF_DISTRIBUTION[0]).into() }
    }
}

impl IprouteFolders {
    /// The names in the list `file`: the administrator's or else the distribution's own, and what both folders of
    /// additions (`file.d/*.conf`) hold; an addition of the administrator hides one of the same name.
    pub(super) fn names(&self, file: &str) -> HashMap<String, u32> {
        let main = [self.etc.join(file), self.usr.join(file)].into_iter().find(|path| path.is_file());
        let mut names = main.map(|path| names_of(&path, numbered)).unwrap_or_default();
        let (etc, usr) = (self.etc.join(format!("{file}.d")), self.usr.join(format!("{file}.d")));
        let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| etc.join(name).exists());
        for path in additions(&usr).into_iter().filter(|path| usr == etc || !hidden(path)) {
            names.extend(names_of(&path, numbered));
        }
        for path in additions(&etc) {
            names.extend(names_of(&path, numbered));
        }
        names
    }
}

/// The files of a folder of additions.
fn additions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let counts = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && path.extension().is_some_and(|extension| extension == "conf")
    };
    entries.filter(counts).collect()
}

/// The name in a line `NUMBER NAME`.
fn numbered(line: &str) -> Vec<(&str, u32)> {
    let mut words = line.split_ascii_whitespace();
    let number = words.next().and_then(|text| match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    });
    number.and_then(|number| Some((words.next()?, number))).into_iter().collect()
}

/// The names of a file with one thing a line and comments after `#`; none when it cannot be read.
pub(super) fn names_of(path: &Path, names: fn(&str) -> Vec<(&str, u32)>) -> HashMap<String, u32> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(names).map(|(name, number)| (name.to_owned(), number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_s_list_comes_before_the_distribution_s() {
        let folder = tempfile::tempdir().unwrap();
        let folders = IprouteFolders { etc: folder.path().join("etc"), usr: folder.path().join("usr") };
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let told = || {
            let mut names: Vec<String> = folders.names("rt_tables").into_keys().collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(told(), "");
        write("usr/rt_tables", "# tables\n77 blue # sky\n");
        assert_eq!(told(), "blue");
        write("etc/rt_tables", "78 green\n");
        assert_eq!(told(), "green");
        write("usr/rt_tables.d/a.conf", "79 red\n");
        write("usr/rt_tables.d/b.conf", "80 black\n");
        write("etc/rt_tables.d/b.conf", "81 white\n");
        write("etc/rt_tables.d/c.txt", "82 grey\n");
        assert_eq!(told(), "green red white");
    }
}
