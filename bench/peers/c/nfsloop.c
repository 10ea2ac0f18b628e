/* The floor: plain blocking recv(header), recv(payload), send, three system calls
 * a read, on one connection, NFSv3 READ.
 *
 * nfsloop ADDRESS PORT HANDLE SIZE BLOCK DEPTH     (HANDLE in hex) */
#include "nfs.h"
#include "peer.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static int sock;
static unsigned char handle[NFS_HANDLE_MAX];
static size_t handle_len;
static uint64_t size, next_offset;
static uint32_t block, depth;

static struct slot {
	unsigned char *buf;
	uint64_t started;
} *slots;

static void receive(void *p, size_t n)
{
	ssize_t got = recv(sock, p, n, MSG_WAITALL);
	if (got < 0)
		peer_die("recv");
	if ((size_t)got != n) {
		fprintf(stderr, "recv: the connection ended\n");
		exit(1);
	}
}

static void call(uint32_t xid, uint64_t offset, uint32_t count)
{
	unsigned char b[256], *p = b + NFS_MARK;
	const uint32_t head[] = { xid, 0, 2, NFS_PROGRAM, 3, NFS_READ };

	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		p = nfs_put32(p, head[i]);
	/* AUTH_SYS: stamp, no machine name, uid 0, gid 0, no groups. */
	p = nfs_put32(p, 1);
	p = nfs_put32(p, 20);
	memset(p, 0, 20);
	p += 20;
	p = nfs_put32(nfs_put32(p, 0), 0);
	p = nfs_put32(p, handle_len);
	memset(p, 0, nfs_pad(handle_len));
	memcpy(p, handle, handle_len);
	p += nfs_pad(handle_len);
	p = nfs_put32(nfs_put32(p, offset >> 32), offset);
	p = nfs_put32(p, count);
	nfs_put32(b, 0x80000000u | (uint32_t)(p - b - NFS_MARK));
	if (send(sock, b, p - b, MSG_NOSIGNAL) != p - b)
		peer_die("send");
}

/* reply receives one whole reply of count bytes and says which slot's it is. */
static uint32_t reply(uint32_t count)
{
	unsigned char head[NFS_HEAD], pad[4];
	receive(head, sizeof head);
	uint32_t record = nfs_get32(head) & 0x7fffffff;
	uint32_t xid = nfs_get32(head + 4);
	uint32_t status = nfs_get32(head + NFS_MARK + NFS_RPC_HEAD);
	uint32_t got = nfs_get32(head + NFS_HEAD - 4);
	if (xid >= depth || status != 0 || got != count ||
	    record != NFS_HEAD - NFS_MARK + nfs_pad(got)) {
		fprintf(stderr, "nfsloop: a reply other than expected: xid %u status %u bytes %u record %u\n",
			xid, status, got, record);
		exit(1);
	}
	receive(slots[xid].buf, got);
	if (nfs_pad(got) > got)
		receive(pad, nfs_pad(got) - got);
	return xid;
}

static void start(uint32_t slot, uint64_t now)
{
	if (next_offset + block > size)
		next_offset = 0;
	slots[slot].started = now;
	call(slot, next_offset, block);
	next_offset += block;
}

static void run(struct peer_run *r)
{
	uint64_t now = r->start;
	uint32_t in_flight = depth;
	for (uint32_t i = 0; i < depth; i++)
		start(i, now);
	while (in_flight > 0) {
		uint32_t slot = reply(block);
		now = peer_now();
		peer_read_done(r, slots[slot].started, now, block);
		if (now < r->until)
			start(slot, now);
		else
			in_flight--;
	}
}

static uint64_t read_hash(uint64_t offset, uint64_t length)
{
	call(0, offset, length);
	reply(length);
	return peer_fnv1a(slots[0].buf, length);
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		fprintf(stderr, "usage: nfsloop ADDRESS PORT HANDLE SIZE BLOCK DEPTH\n");
		return 2;
	}
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[2])) };
	if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fprintf(stderr, "nfsloop: %s is no IPv4 address\n", argv[1]);
		return 2;
	}
	for (const char *h = argv[3]; h[0] && h[1] && handle_len < sizeof handle; h += 2) {
		unsigned v;
		if (sscanf(h, "%2x", &v) != 1)
			return 2;
		handle[handle_len++] = v;
	}
	size = strtoull(argv[4], NULL, 10);
	block = strtoul(argv[5], NULL, 10);
	depth = strtoul(argv[6], NULL, 10);

	slots = calloc(depth, sizeof *slots);
	for (uint32_t i = 0; i < depth; i++) {
		/* Page-aligned and touched, as an I/O buffer is. */
		if (posix_memalign((void **)&slots[i].buf, 4096, nfs_pad(block)))
			peer_die("posix_memalign");
		memset(slots[i].buf, 1, nfs_pad(block));
	}
	sock = socket(AF_INET, SOCK_STREAM, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, sizeof to) < 0)
		peer_die("connect");
	int one = 1;
	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	peer_serve(run, read_hash);
	return 0;
}
