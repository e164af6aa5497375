//! The bytes of netlink attributes.
//!
//! By hand: the crate for nftables messages brings six others along and leaves counters and user data untyped.

/// Marks an attribute that consists of attributes.
const NESTED: u16 = 1 << 15;
/// Bytes before the value of an attribute: length and kind.
const HEAD: usize = 4;

/// Attributes in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(Vec<u8>);

impl Attributes {
    /// One attribute with these bytes, at most some 65,000.
    pub(super) fn bytes(mut self, kind: u16, value: &[u8]) -> Self {
        let length = u16::try_from(HEAD + value.len()).unwrap_or(u16::MAX);
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(HEAD), 0);
        self
    }

    /// A text, ended by a zero.
    pub(super) fn text(self, kind: u16, value: &str) -> Self {
        self.bytes(kind, &[value.as_bytes(), &[0]].concat())
    }

    /// A number in network byte order, as nftables wants all of them.
    pub(super) fn number(self, kind: u16, value: u32) -> Self {
        self.bytes(kind, &value.to_be_bytes())
    }

    /// Attributes in an attribute.
    pub(super) fn nested(self, kind: u16, inner: &Self) -> Self {
        self.bytes(kind | NESTED, &inner.0)
    }

    /// Everything so far.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_what_nft_sends() {
        // "in_link" of a chain, and `hook input priority -1`, as strace shows them.
        let name = Attributes::default().text(3, "in_link");
        assert_eq!(name.as_bytes(), b"\x0c\0\x03\0in_link\0");
        let hook = Attributes::default().number(1, 1).number(2, u32::MAX);
        let chain = Attributes::default().nested(4, &hook);
        assert_eq!(chain.as_bytes(), b"\x14\0\x04\x80\x08\0\x01\0\0\0\0\x01\x08\0\x02\0\xff\xff\xff\xff");
        assert_eq!(Attributes::default().text(1, "k").as_bytes(), b"\x06\0\x01\0k\0\0\0");
    }
}
