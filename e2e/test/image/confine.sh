#!/bin/sh
# confine.sh ROOT TREE NODE DATA ETC NAME=VALUE… COMMAND…: what a container with a read-only root is to its program. Runs
# the command as uid 65532 in a root of its own, on a file system in memory, that holds the system's libraries, Node, the
# tree at /opt/headgate, ETC at /etc, and nothing else of this machine; all is read-only but DATA, at /var/lib/headgate.
# Must be run in a mount namespace of its own: unshare --mount --propagation private.
set -eu
root=$1 tree=$2 node=$3 data=$4 etc=$5
shift 5
mount -t tmpfs -o size=1m,mode=0755 tmpfs "$root"
mkdir -p "$root/usr" "$root/dev" "$root/proc" "$root/etc" "$root/opt/headgate" "$root/opt/node" "$root/var/lib/headgate"
for link in lib lib64 bin; do [ ! -e "/$link" ] || ln -s "usr/$link" "$root/$link"; done
readonly_bind() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
readonly_bind /usr "$root/usr"
readonly_bind "$tree" "$root/opt/headgate"
readonly_bind "$node" "$root/opt/node"
readonly_bind "$etc" "$root/etc"
mount --bind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount --bind "$data" "$root/var/lib/headgate"
mount -o remount,ro "$root"
exec chroot --userspec=65532:65532 --groups= "$root" /usr/bin/setpriv --no-new-privs \
  /usr/bin/env -i PATH=/opt/node "$@"
