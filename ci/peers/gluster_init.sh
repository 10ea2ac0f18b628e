# Process 1 of a GlusterFS server's own PID and mount namespaces.
# $1 is the server's directory. Standard input is a pipe from the process that
# started it: end of file means that process is gone, however it went, and the
# server goes with it. (A process group does not reach bricks: they daemonize.
# A parent death signal follows the Go thread that forked, not the process.)
set -eu
dir=$1

# 10.3 has these three directories compiled in: option working-directory,
# option run-directory and --log-file move only some of the files.
mount --make-rprivate /
mount -t proc proc /proc
mkdir -p /var/lib/glusterd /var/log/glusterfs /run/gluster
mount --bind "$dir/lib" /var/lib/glusterd
mount --bind "$dir/log" /var/log/glusterfs
mount --bind "$dir/run" /run/gluster

glusterd -N -f "$dir/glusterd.vol" -p "$dir/glusterd.pid" -l "$dir/log/glusterd.log" </dev/null &

read -r _ || true

kill -9 -1 || true
wait || true
for mnt in "$dir"/mnt/*; do
	umount -l "$mnt" 2>/dev/null || true
done
cd /
rm -rf --one-file-system "$dir"
