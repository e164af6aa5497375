#!/bin/bash
# Boots a guest with a kernel that has what this host's may lack (ipvlan, VRF) and runs a scenario in it.
#
#   tests/guest/run.sh SCENARIO PROGRAM
#
# SCENARIO is a file beside this one; PROGRAM is the daemon to be judged: a vrrpd, or keepalived as a control.
# Needs qemu-system-x86, busybox-static, cpio, iproute2, tcpdump and apt (for the kernel, which is not installed).
# The status is 0 when the scenario says `RC=0`; the console is shown when it does not.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
scenario=$here/$1
program=$(readlink -f "$2")
cache=${GUEST_CACHE:-${TMPDIR:-/tmp}/vrrpd-guest}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for tool in qemu-system-x86_64 busybox cpio ip tcpdump apt-get dpkg; do
    command -v "$tool" > /dev/null || { echo "$tool is needed" >&2; exit 2; }
done

# The kernel and its modules, once.
if ! ls "$cache"/boot/vmlinuz-* > /dev/null 2>&1; then
    mkdir -p "$cache"
    package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
    (cd "$cache" && apt-get download "$package" > /dev/null 2>&1 && dpkg -x linux-image-*.deb .)
fi
version=$(basename "$(ls "$cache"/boot/vmlinuz-* | head -1)" | sed 's/^vmlinuz-//')

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc,var/log,var/run,usr/bin,work}
cp "$(command -v busybox)" "$root/bin/busybox"

# Copies a program with its libraries.
add() {
    local path
    path=$(readlink -f "$1")
    cp "$path" "$root/usr/bin/$2"
    ldd "$path" 2> /dev/null | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
}
add "$(command -v ip)" ip
add "$(command -v tcpdump)" tcpdump
add "$program" daemon
cp /etc/passwd /etc/group "$root/etc/"

modules=lib/modules/$version
mkdir -p "$root/$modules"
cp "$cache/$modules"/modules.{builtin,order}* "$root/$modules/"
for part in net/ipv4 net/ipv6 net/packet net/netfilter net/llc net/802 lib crypto drivers/net/ipvlan \
    drivers/net/vrf.ko drivers/net/macvlan.ko drivers/net/veth.ko; do
    [ -e "$cache/$modules/kernel/$part" ] || continue
    mkdir -p "$root/$modules/kernel/$(dirname "$part")"
    cp -r "$cache/$modules/kernel/$part" "$root/$modules/kernel/$(dirname "$part")/"
done
busybox depmod -b "$root" "$version"

cp "$scenario" "$root/scenario.sh"
cat > "$root/init" << 'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
# The shell would prefer busybox's own.
ip() { /usr/bin/ip "$@"; }
export PATH=/usr/bin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mkdir -p /run/netns
for module in veth macvlan ipvlan vrf af_packet; do modprobe $module; done
. /scenario.sh
sync
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc -R 0:0 2> /dev/null | gzip -1) > "$work/initrd.gz"

timeout "${GUEST_LIMIT:-300}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -monitor none \
    -serial stdio -no-reboot -nic none -kernel "$cache/boot/vmlinuz-$version" -initrd "$work/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 no_timer_check" < /dev/null > "$work/console" 2>&1 || true
grep -aE '^(ok|FAILED|RC=)' "$work/console" || true
grep -aq '^RC=0' "$work/console" && exit 0
cat "$work/console"
exit 1
