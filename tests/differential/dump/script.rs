//! `VRRP Script`.

use vrrpd::config::model::{Command, Model, Test, VrrpScript};

use super::compare::{Expected, Row, Table};
use super::values::{ids, one, seconds, words};

type Field = Row<VrrpScript>;

pub(super) static TABLE: Table<VrrpScript> = Table {
    kind: "VRRP Script",
    name: |script| &script.name,
    rows: &[
        Field { key: "Command", ours: command },
        Field { key: "Interval", ours: |s, _| one(seconds(s.interval)) },
        Field { key: "Timeout", ours: timeout },
        Field { key: "Weight", ours: weight },
        Field { key: "Rise", ours: |s, _| one(s.rise) },
        Field { key: "Fall", ours: |s, _| one(s.fall) },
        Field { key: "Script uid:gid", ours: account },
    ],
    not_compared: &[
        ("Result", "of the moment"),
        ("Insecure", "of the judgement"),
        ("Init state", "of the moment"),
        ("Status", "of the moment"),
        ("State", "of the moment"),
        ("VRRP instances", "stands with the instances"),
        ("Tracking instances", "stands with the instances"),
    ],
};

fn command(script: &VrrpScript, _: &Model) -> Expected {
    match &script.test {
        Test::Run(command) => one(words(command)),
        Test::Readable(path) => one(format!("<{path}")),
    }
}

/// keepalived keeps 0 for the interval, which is its default.
fn timeout(script: &VrrpScript, _: &Model) -> Expected {
    one(if script.timeout == script.interval { "0 sec".to_owned() } else { seconds(script.timeout) })
}

fn weight(script: &VrrpScript, _: &Model) -> Expected {
    one(format!("{}{}", script.weight.get(), if script.reverse { " reverse" } else { "" }))
}

fn account(script: &VrrpScript, model: &Model) -> Expected {
    let own = match &script.test {
        Test::Run(Command { account, .. }) => account.as_ref(),
        Test::Readable(_) => None,
    };
    one(own.or(model.global.script_user.as_ref()).map_or("0:0".to_owned(), ids))
}
