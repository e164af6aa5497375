//! Everything that can be wrong with a configuration, with its data.

use super::problem::{Class, Consequence};

/// One fault of a configuration, with its data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No main file.
    #[error("the configuration cannot be read: {why}")]
    NoMainFile {
        /// Reason.
        why: String,
    },
    /// The name of the main file is a pattern.
    #[error("{count} files match; all of them are read, in this order")]
    SeveralMainFiles {
        /// How many.
        count: usize,
    },
    /// A line beyond the limit is left out.
    #[error("the line is longer than {most} bytes and left out")]
    LineTooLong {
        /// Limit in bytes.
        most: usize,
    },
    /// A NUL byte.
    #[error("the line holds a NUL byte and is left out")]
    NulByte,
    /// Includes and loops give too much.
    #[error("more than {most} lines; what follows is left out")]
    TooManyLines {
        /// Limit.
        most: u32,
    },
    /// Definitions are used too often.
    #[error("definitions are used more than {most} times; what follows is left out")]
    TooManyReferences {
        /// Limit.
        most: u32,
    },
    /// A file that includes itself.
    #[error("`{path}` is being read already and cannot include itself")]
    IncludeLoop {
        /// The file.
        path: String,
    },
    /// Includes inside includes.
    #[error("includes nest deeper than {most}")]
    IncludeTooDeep {
        /// Limit.
        most: usize,
    },
    /// Blocks, loops or values inside each other.
    #[error("nested deeper than {most}")]
    NestedTooDeep {
        /// Limit.
        most: usize,
    },
    /// An include that names nothing.
    #[error("no file matches `{pattern}`")]
    IncludeWithoutMatch {
        /// The pattern, without braces.
        pattern: String,
        /// Whether the form of include makes it an error.
        strict: bool,
    },
    /// An include that names something unreadable.
    #[error("cannot include `{path}`: {why}")]
    IncludeUnread {
        /// The file.
        path: String,
        /// Reason.
        why: String,
        /// Whether the form of include makes it an error.
        strict: bool,
    },
    /// `~SEQ` or `~LST`.
    #[error("this loop cannot be: {why}; the line is left out")]
    BadLoop {
        /// Reason.
        why: String,
    },
    /// `$NAME`.
    #[error("substitution stopped: {why}")]
    Substitution {
        /// Reason.
        why: String,
    },
    /// No `"` to its end.
    #[error("this `\"` is never closed; the word is left out")]
    UnclosedQuote,
    /// A block without end.
    #[error("the block `{keyword}` opened here is never closed")]
    Unclosed {
        /// Keyword of the block.
        keyword: String,
    },
    /// A block without begin.
    #[error("`{keyword}` needs a block, but no `{{` follows")]
    MissingOpen {
        /// Keyword of the block.
        keyword: String,
    },
    /// A brace too many.
    #[error("{}", match keyword {
        Some(keyword) => format!("`{keyword}` takes no block; what stands in it is left out"),
        None => "no keyword stands before this `{`; what stands in it is left out".to_owned(),
    })]
    UnexpectedOpen {
        /// The word before it.
        keyword: Option<String>,
    },
    /// A brace too many.
    #[error("this `}}` closes nothing")]
    UnexpectedClose,
    /// A word that is no keyword.
    #[error("unknown keyword `{word}` in {block}")]
    UnknownKeyword {
        /// The word.
        word: String,
        /// The block, as people call it.
        block: &'static str,
        /// The nearest keyword.
        suggestion: Option<&'static str>,
    },
    /// A keyword at the wrong level.
    #[error("`{word}` belongs in {right}, not in {block}")]
    Misplaced {
        /// The keyword.
        word: String,
        /// Where it stands.
        block: &'static str,
        /// Where it belongs.
        right: &'static str,
    },
    /// A word is missing without which keepalived ends.
    #[error("`{keyword}` needs {what}")]
    MissingWord {
        /// The keyword.
        keyword: String,
        /// What is missing.
        what: &'static str,
        /// In `global_defs` or at root level.
        early: bool,
    },
    /// A word is missing and the line does not count.
    #[error("`{keyword}` needs {what}; the line is left out")]
    Incomplete {
        /// The keyword.
        keyword: String,
        /// What is missing.
        what: &'static str,
    },
    /// A value that cannot be.
    #[error("expected {want}, found `{found}`{}", then(.instead))]
    Expected {
        /// What the keyword takes.
        want: String,
        /// The word.
        found: String,
        /// What counts instead; empty when the line does not count.
        instead: &'static str,
    },
    /// A word that no option has.
    #[error("`{keyword}` has no option `{word}`")]
    UnknownOption {
        /// The keyword.
        keyword: String,
        /// The word.
        word: String,
    },
    /// Words beyond what the keyword takes.
    #[error("`{keyword}` takes no `{word}`")]
    SurplusWord {
        /// The keyword.
        keyword: String,
        /// The word.
        word: String,
    },
    /// A keyword that counts once.
    #[error("`{keyword}` is given again; the first one counts")]
    Repeated {
        /// The keyword.
        keyword: String,
    },
    /// Two things of one name.
    #[error("{kind} `{name}` is defined again; the first one counts")]
    Redefined {
        /// The kind of block.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// An entry that stands twice.
    #[error("{kind} `{name}` is listed twice; the first one counts")]
    ListedTwice {
        /// The kind of entry.
        kind: &'static str,
        /// The entry.
        name: String,
    },
    /// A name that nothing before it defines.
    #[error("no {kind} `{name}` is defined before this line")]
    Undefined {
        /// The kind of block.
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// A keyword whose value is changed or dropped.
    #[error("`{keyword}` {what}")]
    Adjusted {
        /// The keyword.
        keyword: &'static str,
        /// What happens and why.
        what: String,
    },
    /// The same, where keepalived only logs.
    #[error("`{keyword}` {what}")]
    Remark {
        /// The keyword.
        keyword: &'static str,
        /// What happens and why.
        what: String,
    },
    /// Works, but is probably not meant.
    #[error("`{keyword}` {what}")]
    Doubtful {
        /// The keyword.
        keyword: &'static str,
        /// What happens and why.
        what: String,
    },
    /// An old spelling.
    #[error("`{keyword}` is deprecated: {what}")]
    Deprecated {
        /// The keyword.
        keyword: &'static str,
        /// What to write.
        what: &'static str,
    },
    /// An instance that cannot run.
    #[error("vrrp_instance `{name}` {what}")]
    Unusable {
        /// The instance.
        name: String,
        /// Why.
        what: String,
    },
    /// An interface that is not on this host.
    #[error("interface `{name}` does not exist")]
    NoInterface {
        /// The interface.
        name: String,
        /// Whether a daemon could start all the same.
        ends: bool,
    },
    /// A script that cannot or may not run.
    #[error("script `{path}` {why}; it is left out")]
    Script {
        /// The program.
        path: String,
        /// Reason.
        why: String,
        /// keepalived only logs it.
        noted: bool,
    },
    /// Scripts run without `enable_script_security`.
    #[error("scripts are run, but `enable_script_security` is not set")]
    NoScriptSecurity,
    /// A secret that others than its owner may read.
    #[error("the secret in `{path}` can be read by others than its owner")]
    ExposedSecret {
        /// The file.
        path: String,
    },
    /// A group that cannot be.
    #[error("vrrp_sync_group `{name}` {what}")]
    SyncGroup {
        /// The group.
        name: String,
        /// Why, and what follows.
        what: String,
    },
    /// Understood only.
    #[error("`{keyword}` is understood, no effect yet")]
    NoEffectYet {
        /// The keyword.
        keyword: &'static str,
    },
    /// Understood only, and not safe to ignore.
    #[error("`{keyword}` is not supported yet")]
    Refused {
        /// The keyword.
        keyword: &'static str,
    },
}

fn then(instead: &str) -> String {
    if instead.is_empty() { String::new() } else { format!("; {instead}") }
}

impl Fault {
    /// Short name of the kind of fault, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoMainFile { .. } => "no-main-file",
            Self::SeveralMainFiles { .. } => "several-main-files",
            Self::LineTooLong { .. } => "line-too-long",
            Self::NulByte => "nul-byte",
            Self::TooManyLines { .. } => "too-many-lines",
            Self::TooManyReferences { .. } => "too-many-references",
            Self::IncludeLoop { .. } => "include-loop",
            Self::IncludeTooDeep { .. } => "include-too-deep",
            Self::NestedTooDeep { .. } => "nested-too-deep",
            Self::IncludeWithoutMatch { .. } => "include-without-match",
            Self::IncludeUnread { .. } => "include-unread",
            Self::BadLoop { .. } => "bad-loop",
            Self::Substitution { .. } => "substitution",
            Self::UnclosedQuote => "unclosed-quote",
            Self::Unclosed { .. } => "unclosed-block",
            Self::MissingOpen { .. } => "missing-brace",
            Self::UnexpectedOpen { .. } => "unexpected-brace",
            Self::UnexpectedClose => "surplus-brace",
            Self::UnknownKeyword { .. } => "unknown-keyword",
            Self::Misplaced { .. } => "misplaced-keyword",
            Self::MissingWord { .. } | Self::Incomplete { .. } => "missing-word",
            Self::Expected { .. } => "bad-value",
            Self::UnknownOption { .. } => "unknown-option",
            Self::SurplusWord { .. } => "surplus-word",
            Self::Repeated { .. } => "repeated",
            Self::Redefined { .. } => "redefined",
            Self::ListedTwice { .. } => "listed-twice",
            Self::Undefined { .. } => "undefined",
            Self::Adjusted { .. } => "adjusted",
            Self::Remark { .. } => "remark",
            Self::Doubtful { .. } => "doubtful",
            Self::Deprecated { .. } => "deprecated",
            Self::Unusable { .. } => "unusable-instance",
            Self::NoInterface { .. } => "no-interface",
            Self::Script { .. } => "script",
            Self::NoScriptSecurity => "no-script-security",
            Self::ExposedSecret { .. } => "exposed-secret",
            Self::SyncGroup { .. } => "sync-group",
            Self::NoEffectYet { .. } => "no-effect-yet",
            Self::Refused { .. } => "not-supported-yet",
        }
    }

    /// What follows from it, as keepalived has it.
    pub const fn consequence(&self) -> Consequence {
        match self {
            Self::NoMainFile { .. } => Consequence::NoMainFile,
            Self::SeveralMainFiles { .. } => Consequence::Reported(Class::MultipleFiles),
            Self::IncludeWithoutMatch { strict: true, .. } | Self::IncludeUnread { strict: true, .. } => {
                Consequence::IncludeFailed
            }
            Self::IncludeWithoutMatch { .. } | Self::IncludeUnread { .. } | Self::Remark { .. } => {
                Consequence::Noted
            }
            Self::UnclosedQuote => Consequence::Reported(Class::UnmatchedQuote),
            Self::Unclosed { .. } => Consequence::Reported(Class::MissingClose),
            Self::MissingOpen { .. } => Consequence::Reported(Class::MissingOpen),
            Self::UnexpectedOpen { .. } => Consequence::Reported(Class::UnexpectedOpen),
            Self::UnexpectedClose => Consequence::Reported(Class::UnexpectedClose),
            Self::UnknownKeyword { .. } | Self::Misplaced { .. } => {
                Consequence::Reported(Class::UnknownKeyword)
            }
            Self::MissingWord { early, .. } => Consequence::MissingWord { early: *early },
            Self::Expected { .. } => Consequence::Reported(Class::InvalidNumber),
            Self::Doubtful { .. } => Consequence::Reported(Class::Warning),
            Self::Deprecated { .. } => Consequence::Reported(Class::Deprecated),
            Self::Unusable { .. } => Consequence::EndsDaemon(Class::General),
            Self::NoInterface { ends: true, .. } => Consequence::EndsDaemon(Class::General),
            Self::NoInterface { ends: false, .. } => Consequence::Reported(Class::Fatal),
            Self::Script { noted: true, .. } => Consequence::Noted,
            Self::NoScriptSecurity | Self::ExposedSecret { .. } => Consequence::Reported(Class::Security),
            Self::NoEffectYet { .. } => Consequence::NoEffectYet,
            Self::Refused { .. } => Consequence::Refused,
            Self::LineTooLong { .. }
            | Self::NulByte
            | Self::TooManyLines { .. }
            | Self::TooManyReferences { .. }
            | Self::IncludeLoop { .. }
            | Self::IncludeTooDeep { .. }
            | Self::NestedTooDeep { .. }
            | Self::BadLoop { .. }
            | Self::Substitution { .. }
            | Self::Incomplete { .. }
            | Self::UnknownOption { .. }
            | Self::SurplusWord { .. }
            | Self::Repeated { .. }
            | Self::Redefined { .. }
            | Self::ListedTwice { .. }
            | Self::Undefined { .. }
            | Self::Adjusted { .. }
            | Self::SyncGroup { .. }
            | Self::Script { .. } => Consequence::Reported(Class::General),
        }
    }

    /// What may have been meant.
    pub(super) fn suggestion(&self) -> Option<String> {
        match self {
            Self::UnknownKeyword { suggestion, .. } => suggestion.map(str::to_owned),
            Self::Undefined { suggestion, .. } => suggestion.clone(),
            _ => None,
        }
    }
}
