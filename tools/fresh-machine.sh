#!/usr/bin/env bash
# Prove the README on a machine with nothing installed: a bare Debian 12 in a folder (debootstrap), a clean clone in it, and in there the
# README's two commands. Needs root. FOLDER defaults to /var/tmp/conclave-fresh and is made anew.
#   tools/fresh-machine.sh [FOLDER]
set -euo pipefail
folder=${1:-/var/tmp/conclave-fresh}
source=$(cd "$(dirname "$0")/.." && pwd)
vectors=${CONCLAVE_VECTORS:-$source/../shared/vectors}
mirror=${DEBIAN_MIRROR:-$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)}

cleanup() {
	for point in vectors dev/pts dev proc sys; do
		mountpoint -q "$folder/$point" && umount "$folder/$point"
	done
	return 0
}
trap cleanup EXIT
cleanup
rm -rf --one-file-system "$folder"
debootstrap --variant=minbase bookworm "$folder" $mirror >"$folder.log" 2>&1 || { tail "$folder.log"; exit 1; }

mount -t proc proc "$folder/proc"
mount --bind /dev "$folder/dev"
mount --bind /dev/pts "$folder/dev/pts"
mount -t sysfs sysfs "$folder/sys"
cp -L /etc/resolv.conf "$folder/etc/resolv.conf" 2>/dev/null || true
cp /etc/hosts "$folder/etc/hosts"
# Where this network has certificates of its own, the fresh machine needs them as any machine here would.
mkdir -p "$folder/usr/local/share/site"
cp -L /etc/ssl/certs/ca-certificates.crt "$folder/usr/local/share/site/ca.pem"
[ -d "$vectors" ] && mkdir -p "$folder/vectors" && mount --bind -o ro "$vectors" "$folder/vectors"
git clone -q "$source" "$folder/root/conclave"

inside() {
	chroot "$folder" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb CI=true \
		NODE_EXTRA_CA_CERTS=/usr/local/share/site/ca.pem NPM_CONFIG_CAFILE=/usr/local/share/site/ca.pem CONCLAVE_VECTORS=/vectors \
		bash -c "cd /root/conclave && $1"
}
inside 'apt-get update -q >/dev/null && apt-get install -q -y --no-install-recommends make >/dev/null'
for command in 'make demo' 'make test'; do
	echo "== $command"
	time inside "$command"
done
