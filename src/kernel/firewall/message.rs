//! Messages that change one table of nftables.

use rtnetlink::packet_core::{NLM_F_APPEND, NLM_F_CREATE};

use super::attribute::Attributes;
use super::expression::{Expressions, MEMBER, VALUE};
use crate::units::Family;

/// The kinds of message (`NFT_MSG_*`).
const NEW_TABLE: u16 = 0;
const GET_TABLE: u16 = 1;
const DELETE_TABLE: u16 = 2;
const NEW_CHAIN: u16 = 3;
const NEW_RULE: u16 = 6;
const NEW_SET: u16 = 9;
const NEW_ELEMENTS: u16 = 12;
const DELETE_ELEMENTS: u16 = 14;

/// `NFT_SET_CONSTANT`: nobody changes it.
const CONSTANT: u32 = 2;
/// Members of a set in one message: their list must fit an attribute of 64 KiB.
const ELEMENTS: usize = 1000;

/// A message without what depends on its place in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) flags: u16,
    /// `AF_INET` or `AF_INET6`.
    pub(super) family: u8,
    pub(super) attributes: Attributes,
}

/// Where a chain stands (`NF_INET_*`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Hook {
    /// Packets for this host.
    Input = 1,
    /// Packets of this host.
    Output = 3,
}

/// What a set holds: its length in bytes, and the number by which nft knows how to print it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetOf {
    pub(super) bytes: u32,
    pub(super) printed_as: u32,
}

/// Makes messages for one table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    pub(super) family: Family,
    pub(super) name: &'a str,
}

impl Table<'_> {
    fn message(self, kind: u16, flags: u16, attributes: Attributes) -> Message {
        let family = match self.family {
            Family::V4 => libc::AF_INET,
            Family::V6 => libc::AF_INET6,
        };
        Message { kind, flags, family: u8::try_from(family).unwrap_or_default(), attributes }
    }

    /// Every message begins with the table's name.
    fn named(self) -> Attributes {
        Attributes::default().text(1, self.name)
    }

    /// The table; one that is there stays as it is.
    pub(super) fn create(self) -> Message {
        self.message(NEW_TABLE, NLM_F_CREATE, self.named())
    }

    /// A question: whether the table is there.
    pub(super) fn get(self) -> Message {
        self.message(GET_TABLE, 0, self.named())
    }

    /// The table with all that is in it.
    pub(super) fn delete(self) -> Message {
        self.message(DELETE_TABLE, 0, self.named())
    }

    /// A chain to go to.
    pub(super) fn chain(self, name: &str) -> Message {
        self.message(NEW_CHAIN, NLM_F_CREATE, self.named().text(3, name))
    }

    /// A chain that sees packets by itself.
    pub(super) fn hooked_chain(self, name: &str, hook: Hook, priority: i32) -> Message {
        let hook = Attributes::default().number(1, hook as u32).number(2, priority.cast_unsigned());
        let accept = 1;
        let attributes = self.named().text(3, name).text(7, "filter").number(5, accept).nested(4, &hook);
        self.message(NEW_CHAIN, NLM_F_CREATE, attributes)
    }

    /// An empty set; `id` is its own within the transaction.
    pub(super) fn set(self, id: u32, name: &str, of: SetOf) -> Message {
        self.new_set(id, name, of, 0)
    }

    /// A set that keeps the members of this transaction.
    pub(super) fn constant_set(self, id: u32, name: &str, of: SetOf) -> Message {
        self.new_set(id, name, of, CONSTANT)
    }

    fn new_set(self, id: u32, name: &str, of: SetOf, flags: u32) -> Message {
        let attributes = self
            .named()
            .text(2, name)
            .number(3, flags)
            .number(4, of.printed_as)
            .number(5, of.bytes)
            .number(10, id);
        self.message(NEW_SET, NLM_F_CREATE, attributes)
    }

    /// Members for a set; one that is there already is no error.
    pub(super) fn add(self, set: &str, members: &[Vec<u8>]) -> impl Iterator<Item = Message> {
        members.chunks(ELEMENTS).map(move |members| {
            self.message(NEW_ELEMENTS, NLM_F_CREATE, self.named().text(2, set).nested(3, &list(members)))
        })
    }

    /// Takes members out of a set; one that is not there is an error.
    pub(super) fn remove(self, set: &str, members: &[Vec<u8>]) -> impl Iterator<Item = Message> {
        members.chunks(ELEMENTS).map(move |members| {
            self.message(DELETE_ELEMENTS, 0, self.named().text(2, set).nested(3, &list(members)))
        })
    }

    /// A rule at the end of a chain.
    pub(super) fn rule(self, chain: &str, expressions: &Expressions) -> Message {
        let attributes = self.named().text(2, chain).nested(4, expressions.attributes());
        self.message(NEW_RULE, NLM_F_CREATE | NLM_F_APPEND, attributes)
    }
}

fn list(members: &[Vec<u8>]) -> Attributes {
    members.iter().fold(Attributes::default(), |list, member| {
        let value = Attributes::default().bytes(VALUE, member);
        let key = 1;
        list.nested(MEMBER, &Attributes::default().nested(key, &value))
    })
}
