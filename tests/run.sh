#!/bin/bash
# Runs every test of vrrpd on this machine: installs what is missing (Debian and its kin), then `cargo test`.
# Needs root: the tests make network namespaces, move addresses and start daemons in them.
# KEEPALIVED=PATH names the keepalived to test against (default: the one on PATH).
# SUBJECT=keepalived judges keepalived itself, which proves that the tests are right.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '== %s\n' "$*"; }
fail() { printf 'tests/run.sh: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "not root: the tests make network namespaces; run it as root (or with sudo)"
command -v cargo >/dev/null || fail "cargo is missing: see https://rustup.rs"

packages=(keepalived frr tcpdump tshark nftables iproute2 iputils-arping python3-scapy procps
    libip4tc2 libip6tc2 libkmod2 libmagic1)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || fail "not a Debian: install the counterparts of: ${missing[*]}"
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    # A daemon that a package starts would claim addresses of this machine.
    apt-get install -q -y --no-install-recommends "${missing[@]}"
    systemctl stop keepalived frr 2>/dev/null || true
fi

[ -n "${KEEPALIVED:-}" ] || command -v keepalived >/dev/null || fail "keepalived is missing, the other node"
say "the other node is ${KEEPALIVED:-$(command -v keepalived)}, judged is ${SUBJECT:-vrrpd}"
say "everything but the network laboratory"
cargo test --release --lib --bins --examples
for test in tests/*.rs tests/*/main.rs; do
    name=${test#tests/} name=${name%/main.rs} name=${name%.rs}
    [ "$name" = netns ] || cargo test --release --test "$name"
done
say "the network laboratory: real daemons in namespaces"
# What keepalived before 2.4 cannot do: HMAC runs between two vrrpd below; the others compare with 2.4's own behaviour.
beyond_it=()
if "${KEEPALIVED:-keepalived}" -v 2>&1 | grep -qE '^Keepalived v(1|2\.[0-3])\.'; then
    say "this keepalived is older than 2.4: no HMAC and no comparison of VMACs with it"
    for name in hmac replayed_signed_adverts replays_are_known modes_go_together the_successor_of_a_dead_worker_is_believed \
        vmacs_are_made_as_keepalived nodes_with_and_without_an_option; do
        beyond_it+=(--skip "$name")
    done
fi
# These tests mostly wait, so more of them than there are processors run at a time.
cargo test --release --test netns -- --test-threads="${LAB_THREADS:-10}" "${beyond_it[@]}"
say "the same failovers between two vrrpd"
PEER=vrrpd cargo test --release --test netns -- --test-threads="${LAB_THREADS:-10}" failover:: preemption::
say "all tests passed"
