//! `virtual_server`, `virtual_server_group` and the blocks inside them: one file per block.
//!
//! In: statements of the tree. Out: drafts of virtual servers with their real servers and checkers.
//! Never here: whether a virtual server fits together (see `complete`).

mod bfd_check;
mod checker;
mod commands;
mod dns_check;
mod file_check;
mod forwarding;
mod group;
mod http_get;
mod misc_check;
mod real_server;
mod server;
mod shared;
mod smtp_check;
mod ssl;
mod tcp_check;
mod udp_check;
mod url;

pub(super) use self::group::group;
pub(in crate::config) use self::server::ServerDraft;
pub(super) use self::server::{VIRTUAL_SERVER, open};
pub(super) use self::ssl::{SSL, ssl};
use super::table::Listed;

/// The keywords of every block in here.
pub(super) fn listed() -> Vec<Listed> {
    [
        VIRTUAL_SERVER.listed(),
        real_server::REAL_SERVER.listed(),
        tcp_check::TCP_CHECK.listed(),
        tcp_check::PING_CHECK.listed(),
        udp_check::UDP_CHECK.listed(),
        dns_check::DNS_CHECK.listed(),
        smtp_check::SMTP_CHECK.listed(),
        smtp_check::HOST.listed(),
        http_get::HTTP_GET.listed(),
        http_get::SSL_GET.listed(),
        url::HTTP_URL.listed(),
        url::SSL_URL.listed(),
        misc_check::MISC_CHECK.listed(),
        file_check::FILE_CHECK.listed(),
        bfd_check::BFD_CHECK.listed(),
        SSL.listed(),
    ]
    .concat()
}

/// The block in which a keyword belongs, when it is one of these.
pub(super) fn home(word: &str) -> Option<&'static str> {
    let tables = [
        (VIRTUAL_SERVER.knows(word), "virtual_server"),
        (real_server::REAL_SERVER.knows(word), "virtual_server/real_server"),
    ];
    tables.into_iter().find(|(knows, _)| *knows).map(|(_, block)| block)
}
