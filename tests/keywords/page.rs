//! `docs/keywords.md` from the tables.

use std::fmt::Write;

use vrrpd::config::{Listed, Status};

/// The page.
pub(crate) fn page(rows: &[Listed]) -> String {
    let mut text = String::from(HEAD);
    writeln!(text, "{}\n", count(rows)).unwrap();
    let mut blocks: Vec<&str> = Vec::new();
    for row in rows {
        if !blocks.contains(&row.block) {
            blocks.push(row.block);
        }
    }
    for block in blocks {
        let title = if block == "/" { "Root level".to_owned() } else { format!("`{block}`") };
        writeln!(text, "## {title}\n\n| keyword | usage | status |\n| --- | --- | --- |").unwrap();
        for row in rows.iter().filter(|row| row.block == block) {
            let usage = format!("{} {}", row.name, row.usage);
            let usage = usage.trim_end().replace('|', "\\|");
            writeln!(text, "| `{}` | `{usage}` | {} |", row.name, status(row)).unwrap();
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

const HEAD: &str = "\
# Keywords

Made from the keyword tables in `src/config/keyword/` by `UPDATE=1 cargo test --release --test keywords`; `vrrpd
--list-keywords json` prints the same. Every keyword is understood and its value checked. A block that is not listed by
itself is only checked for its braces and quotes.

- **works**: it does what it does in keepalived; see [differences.md](differences.md).
- **no effect yet**: a daemon runs and warns once; elections, packets and traffic are the same without it.
- **refused**: a daemon does not start with it and says so; the reason is what would happen without it. `-t` and
  `--check-config` name it too, and keep keepalived's exit status.

";

fn status(row: &Listed) -> String {
    match row.status {
        Status::Effective => "works".to_owned(),
        Status::NoEffectYet => "no effect yet".to_owned(),
        Status::Refused => format!("refused: {}", row.refusal.unwrap_or_default()),
    }
}

fn count(rows: &[Listed]) -> String {
    let of = |status| rows.iter().filter(|row| row.status == status).count();
    format!(
        "{} keywords: {} work, {} have no effect yet, {} are refused.",
        rows.len(),
        of(Status::Effective),
        of(Status::NoEffectYet),
        of(Status::Refused)
    )
}
