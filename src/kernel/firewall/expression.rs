//! What a rule of nftables is made of: loads into registers, tests, a verdict.

use super::attribute::Attributes;

/// `NFTA_LIST_ELEM`: a member of a list.
pub(super) const MEMBER: u16 = 1;
/// `NFTA_DATA_VALUE`: bytes to compare with.
pub(super) const VALUE: u16 = 1;
/// `NFTA_DATA_VERDICT`.
const VERDICT: u16 = 2;
/// The register of verdicts, the first of 16 bytes, and the second.
const VERDICT_REGISTER: u32 = 0;
const FIRST: u32 = 1;
const SECOND: u32 = 2;

/// Where bytes of a packet are found (`NFT_PAYLOAD_*_HEADER`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Header {
    Network = 1,
    Transport = 2,
}

/// What is known of a packet beside its bytes (`NFT_META_*`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Meta {
    InInterface = 4,
    OutInterface = 5,
    Protocol = 16,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict {
    Drop,
    Accept,
    /// That chain decides; it does not come back.
    Goto(&'static str),
}

/// A rule under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Expressions(Attributes);

impl Expressions {
    fn expression(self, name: &str, data: &Attributes) -> Self {
        let expression = Attributes::default().text(1, name).nested(2, data);
        Self(self.0.nested(MEMBER, &expression))
    }

    /// `length` bytes at `offset` of a header, into the first register.
    pub(super) fn load(self, header: Header, offset: u32, length: u32) -> Self {
        let data = Attributes::default()
            .number(1, FIRST)
            .number(2, header as u32)
            .number(3, offset)
            .number(4, length);
        self.expression("payload", &data)
    }

    /// Into the first register.
    pub(super) fn load_meta(self, meta: Meta) -> Self {
        self.expression("meta", &Attributes::default().number(2, meta as u32).number(1, FIRST))
    }

    /// Behind the 16 bytes of the first register.
    pub(super) fn append_meta(self, meta: Meta) -> Self {
        self.expression("meta", &Attributes::default().number(2, meta as u32).number(1, SECOND))
    }

    /// Leaves of the first register what `mask` has set.
    pub(super) fn mask(self, mask: &[u8]) -> Self {
        let length = u32::try_from(mask.len()).unwrap_or(u32::MAX);
        let value = |bytes: &[u8]| Attributes::default().bytes(VALUE, bytes);
        let data = Attributes::default()
            .number(1, FIRST)
            .number(2, FIRST)
            .number(3, length)
            .nested(4, &value(mask))
            .nested(5, &value(&vec![0; mask.len()]));
        self.expression("bitwise", &data)
    }

    /// Goes on only when the first register holds `value`.
    pub(super) fn is(self, value: &[u8]) -> Self {
        const EQUAL: u32 = 0;
        let value = Attributes::default().bytes(VALUE, value);
        let data = Attributes::default().number(1, FIRST).number(2, EQUAL).nested(3, &value);
        self.expression("cmp", &data)
    }

    /// Goes on only when the set holds what is in the registers from the first.
    pub(super) fn looked_up_in(self, set: &str) -> Self {
        self.expression("lookup", &Attributes::default().number(2, FIRST).text(1, set))
    }

    /// Counts packets that come here.
    pub(super) fn counter(self) -> Self {
        self.expression("counter", &Attributes::default())
    }

    /// Ends the rule.
    pub(super) fn verdict(self, verdict: Verdict) -> Self {
        let verdict = match verdict {
            Verdict::Drop => Attributes::default().number(1, 0),
            Verdict::Accept => Attributes::default().number(1, 1),
            // NFT_GOTO is -4.
            Verdict::Goto(chain) => Attributes::default().number(1, (-4_i32).cast_unsigned()).text(2, chain),
        };
        let data = Attributes::default().nested(VERDICT, &verdict);
        let data = Attributes::default().number(1, VERDICT_REGISTER).nested(2, &data);
        self.expression("immediate", &data)
    }

    /// The list for a message.
    pub(super) fn attributes(&self) -> &Attributes {
        &self.0
    }
}
