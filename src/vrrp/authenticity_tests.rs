//! Sequence numbers and stamps over a reload and over the death of a worker.

use super::*;
use crate::config::model::{Hmac, HmacKey, Password};
use crate::vrrp::instance::test_settings;

const PEER: [u8; 4] = [10, 0, 0, 6];

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn ah() -> VrrpInstance {
    let authentication = model::Authentication::Ah(Password::new(b"secret").unwrap());
    VrrpInstance { authentication, ..test_settings() }
}

fn hmac(mode: HmacMode, window: Option<u64>) -> VrrpInstance {
    let keys = vec![HmacKey { id: 1, secret: vec![1; 32] }, HmacKey { id: 2, secret: vec![2; 32] }];
    let hmac = Hmac { keys, active: 2, mode, window: window.map(Duration::from_secs) };
    VrrpInstance { authentication: model::Authentication::Hmac(hmac), ..test_settings() }
}

fn sequence(authentication: &Authentication) -> u32 {
    match authentication {
        Authentication::Header(seal) => seal.sequence,
        other => panic!("{other:?}"),
    }
}

fn stamp(authentication: &Authentication) -> Stamp {
    match authentication {
        Authentication::Trailer(key, stamp) if key.id() == 2 => *stamp,
        other => panic!("{other:?}"),
    }
}

fn after(authenticity: &Authenticity) -> u32 {
    match authenticity.proof(at(1), PEER.into(), None) {
        Proof::Header { after, .. } => after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_sequence_number_serves_what_is_sent_and_heard() {
    let mut authenticity = Authenticity::new(&ah());
    assert_eq!((sequence(&authenticity.next(at(1))), sequence(&authenticity.next(at(2)))), (1, 2));
    authenticity.heard(PEER.into(), Freshness::Sequence(70));
    assert_eq!(after(&authenticity), 70);
    assert_eq!(sequence(&authenticity.next(at(3))), 71);
    assert_eq!(after(&authenticity), 71, "what we sent ourselves is known too");
}

#[test]
fn a_reload_forgets_neither_sequence_numbers_nor_marks() {
    let mut authenticity = Authenticity::new(&ah());
    authenticity.heard(PEER.into(), Freshness::Sequence(70));
    authenticity.reconfigure(&ah());
    assert_eq!((after(&authenticity), sequence(&authenticity.next(at(3)))), (70, 71));

    let settings = hmac(HmacMode::Enforce, Some(5));
    let mut authenticity = Authenticity::new(&settings);
    let (sent, heard) = (stamp(&authenticity.next(at(100))), Stamp::at(Duration::from_secs(99)));
    authenticity.heard(PEER.into(), Freshness::Stamp(heard));
    authenticity.reconfigure(&settings);
    let Proof::Trailer(proof) = authenticity.proof(at(100), PEER.into(), None) else { panic!() };
    assert_eq!(proof.after, Some(heard));
    assert!(stamp(&authenticity.next(at(100))).is_after(sent));
}

#[test]
fn a_successor_repeats_no_sequence_number_and_refuses_no_master() {
    let mut authenticity = Authenticity::new(&ah());
    let mut told = None;
    for second in 1..=5_000 {
        let sent = sequence(&authenticity.next(at(second)));
        if authenticity.is_worth_telling(at(second)) {
            told = Some(authenticity.memory());
        }
        let mut successor = Authenticity::new(&ah());
        successor.remember(told.as_ref().expect("told at once"));
        assert!(after(&successor) <= sent, "it would refuse a master that goes on from {sent}");
        let first = sequence(&successor.next(at(second)));
        assert!(first > sent && first <= sent + RESERVE + 1, "{first} after {sent}");
    }
    let mut reports = 0;
    for second in 0..640 {
        authenticity.heard(PEER.into(), Freshness::Sequence(100_000 + second));
        reports += u32::from(authenticity.is_worth_telling(at(6_000)));
    }
    assert!((9..=11).contains(&reports), "{reports} reports for 640 adverts heard");
}

#[test]
fn a_fresh_start_counts_from_the_clock_so_that_a_later_one_is_above_it() {
    let mut authenticity = Authenticity::new(&ah());
    authenticity.set_clock(Duration::from_secs(1_700_000_000));
    assert_eq!(after(&authenticity), 0, "whatever is heard first counts");
    authenticity.reconfigure(&ah());
    let mut second = authenticity.clone();
    second.heard(PEER.into(), Freshness::Sequence(70));
    assert_eq!(sequence(&second.next(at(3))), 71, "who heard somebody goes on from there");
    assert_eq!(sequence(&authenticity.next(at(3))), 1_700_000_004);
    authenticity.set_clock(Duration::from_secs(1_800_000_000));
    assert_eq!(sequence(&authenticity.next(at(4))), 1_700_000_005, "only at the start");
}

#[test]
fn stamps_follow_the_clock_and_never_repeat() {
    let mut authenticity = Authenticity::new(&hmac(HmacMode::Enforce, Some(5)));
    authenticity.set_clock(Duration::from_secs(1_000));
    let first = stamp(&authenticity.next(at(10)));
    assert_eq!(first, Stamp::at(Duration::from_secs(1_010)));
    assert_eq!(stamp(&authenticity.next(at(10))), first.next());
    assert_eq!(stamp(&authenticity.next(at(11))), Stamp::at(Duration::from_secs(1_011)));
    authenticity.set_clock(Duration::from_secs(998));
    let ahead = stamp(&authenticity.next(at(11)));
    assert_eq!(ahead, Stamp::at(Duration::from_secs(1_011)).next(), "put back a little: counts on");
    authenticity.set_clock(Duration::from_secs(500));
    assert_eq!(stamp(&authenticity.next(at(11))), Stamp::at(Duration::from_secs(511)), "put back far");
    let mut monotonic = Authenticity::new(&hmac(HmacMode::Enforce, None));
    monotonic.set_clock(Duration::from_secs(1_000));
    let before = stamp(&monotonic.next(at(1)));
    monotonic.set_clock(Duration::from_secs(10));
    assert_eq!(stamp(&monotonic.next(at(1))), before.next());
}

#[test]
fn who_only_receives_does_not_sign() {
    let mut authenticity = Authenticity::new(&hmac(HmacMode::ReceiveOnly, Some(5)));
    assert_eq!(authenticity.next(at(1)), Authentication::None);
    let Proof::Trailer(proof) = authenticity.proof(at(1), PEER.into(), None) else { panic!() };
    assert!(proof.may_be_missing && proof.keys.len() == 2);
}

#[test]
fn what_we_signed_ourselves_is_no_news_when_it_comes_back() {
    let mut authenticity = Authenticity::new(&hmac(HmacMode::Enforce, Some(5)));
    let sent = stamp(&authenticity.next(at(100)));
    let own = IpAddr::from([10, 0, 0, 5]);
    let Proof::Trailer(proof) = authenticity.proof(at(100), own, Some(own)) else { panic!() };
    assert_eq!(proof.after, Some(sent));
}

#[test]
fn a_clock_that_is_half_a_window_away_is_remarked_on() {
    let authenticity = Authenticity::new(&hmac(HmacMode::Enforce, Some(10)));
    for (second, skewed) in [(100, false), (105, false), (95, false), (106, true), (94, true)] {
        let freshness = Freshness::Stamp(Stamp::at(Duration::from_secs(second)));
        assert_eq!(authenticity.is_skewed(at(100), freshness), skewed, "{second}");
    }
}
