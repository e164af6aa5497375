# ipvlan and VRF: what is made, where addresses and routes land, what adverts look like, what is left in the end.

failed=0
# check WHAT TEXT PATTERN: the text has a line with the pattern.
check() {
    if echo "$2" | grep -qE -e "$3"; then
        echo "ok: $1"
    else
        echo "FAILED: $1: no /$3/ in:"
        echo "$2"
        failed=1
    fi
}

# eventually WHAT COMMAND PATTERN: within 20 s.
eventually() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        $2 2>&1 | grep -qE -e "$3" && break
        sleep 1
    done
    check "$1" "$($2 2>&1)" "$3"
}

# A host with eth0 in a namespace, and what its link sees.
host() {
    ip netns add $1
    ip netns add $1-link
    ip -n $1 link add eth0 address 02:00:00:00:00:01 type veth peer name far netns $1-link
    ip -n $1 link set lo up
    ip -n $1-link link set far up
    ip -n $1-link address add 10.0.0.2/24 dev far
    for table in $2; do
        ip -n $1 link add vrf$table type vrf table $table
        ip -n $1 link set vrf$table up
    done
    [ -z "$2" ] || ip -n $1 link set eth0 master vrf100
    ip -n $1 address add 10.0.0.1/24 dev eth0
    ip -n $1 link set eth0 up
    ip netns exec $1-link tcpdump -lneqti far > /tmp/$1.seen 2> /dev/null &
}

# start HOST LINES: the daemon with an instance of priority 255.
start() {
    printf 'vrrp_instance A {\nvirtual_router_id 51\npriority 255\n%s\n}\n' "$2" > /work/$1.conf
    ip netns exec $1 daemon -n -l -D -f /work/$1.conf -p /tmp/$1.p -r /tmp/$1.r -c /tmp/$1.c > /tmp/$1.log 2>&1 &
}

stop() {
    kill $(cat /tmp/$1.p)
    wait_gone=0
    while [ -e /tmp/$1.p ] && [ $wait_gone -lt 15 ]; do
        sleep 1
        wait_gone=$((wait_gone + 1))
    done
}

echo "## ipvlan"
host a ""
start a "interface eth0
use_ipvlan ipv0 10.0.0.51/24
virtual_ipaddress {
10.0.0.100/24
}"
eventually "the virtual address is on the parent" "ip -n a -o address show dev eth0" "10.0.0.100/24"
check "an ipvlan in L2 mode" "$(ip -n a -d link show ipv0)" "ipvlan +mode l2 bridge"
check "it has its address" "$(ip -n a -o address show dev ipv0)" "10.0.0.51/24"
check "it has no IPv6 address" "$(ip -n a -o -6 address show dev ipv0 | wc -l)" "^0$"
eventually "adverts leave from that address" "cat /tmp/a.seen" "10.0.0.51 > 224.0.0.18"
stop a
check "it is gone" "$(ip -n a -o link | grep -c ipv0)" "^0$"

echo "## a VMAC in a VRF"
host b "100 101"
start b "interface eth0
use_vmac
virtual_ipaddress {
10.0.0.100/24
}"
eventually "the virtual address is on the VMAC" "ip -n b -o address show dev vrrp.51" "10.0.0.100/24"
check "the VMAC is in the VRF" "$(ip -n b link show vrrp.51)" "master vrf100"
check "its route is in the table" "$(ip -n b route show table 100)" "10.0.0.0/24 dev vrrp.51"
eventually "adverts leave with the virtual MAC" "cat /tmp/b.seen" "^00:00:5e:00:01:33 > 01:00:5e:00:00:12"
ip -n b link set eth0 master vrf101
eventually "the VMAC follows its parent" "ip -n b link show vrrp.51" "master vrf101"
eventually "and serves there" "ip -n b route show table 101" "10.0.0.0/24 dev vrrp.51"
stop b
check "it is gone" "$(ip -n b -o link | grep -c vrrp)" "^0$"

echo "## unicast in a VRF"
host c "100"
start c "vrf vrf100
unicast_src_ip 10.0.0.1
unicast_peer {
10.0.0.2
}
virtual_ipaddress {
10.0.0.100/24 dev eth0
}"
eventually "the virtual address is there" "ip -n c -o address show dev eth0" "10.0.0.100/24"
eventually "adverts find their way in the VRF" "cat /tmp/c.seen" "10.0.0.1 > 10.0.0.2: +(ip-proto-112|VRRP|vrrp)"
stop c

[ $failed = 0 ] || for host in a b c; do cat /tmp/$host.log /tmp/$host.seen; done
echo "RC=$failed"
