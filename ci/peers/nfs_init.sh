# Process 1 of an NFS server's own PID and mount namespaces.
# $1 is the server's directory. Each line of standard input starts ganesha
# (again); end of file means that the process that started the server is gone,
# however it went, and the server goes with it. Descriptors 3 to 5 are the
# sockets of rpcbind.
set -eu
dir=$1

# rpcbind and ganesha meet at /run/rpcbind.sock. No message bus is found there
# either, on which ganesha would take a name that is the machine's.
mount --make-rprivate /
mount -t proc proc /proc
mkdir -p /var/lib/nfs
mount --bind "$dir/run" /run
mount --bind "$dir/lib" /var/lib/nfs
# rpcbind opens a wildcard socket for each line to which it was given none.
mount --bind "$dir/netconfig" /etc/netconfig

# As systemd does: rpcbind knows no other way to one address.
(
	export LISTEN_FDS=3 LISTEN_PID=$BASHPID
	exec rpcbind -f </dev/null
) &
exec 3<&- 4<&- 5<&-

while read -r _; do
	ganesha.nfsd -F -f "$dir/ganesha.conf" -L "$dir/log/ganesha.log" -p /run/ganesha.lock </dev/null &
	echo $! >"$dir/ganesha.new"
	mv "$dir/ganesha.new" "$dir/ganesha.pid"
done

kill -9 -1 || true
wait || true
cd /
rm -rf --one-file-system "$dir"
