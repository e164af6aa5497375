//! Gratuitous ARP requests and unsolicited neighbour advertisements (RFC 9568 §8.1.2, §8.2.2).
