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

/* The index is the call's XID. */
static struct slot {
	unsigned char *buf;
	uint64_t offset, started;
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

/* reply receives one whole reply and says whose it is. */
static struct slot *reply(struct peer_run *r)
{
	unsigned char head[NFS_HEAD], pad[4];
	receive(head, sizeof head);
	uint32_t record = nfs_get32(head) & 0x7fffffff;
	uint32_t xid = nfs_get32(head + 4);
	uint32_t status = nfs_get32(head + NFS_MARK + NFS_RPC_HEAD);
	uint32_t got = nfs_get32(head + NFS_HEAD - 4);
	if (xid >= r->depth || status != 0 || got != r->block ||
	    record != NFS_HEAD - NFS_MARK + nfs_pad(got)) {
		fprintf(stderr, "nfsloop: a reply other than expected: xid %u status %u bytes %u record %u\n",
			xid, status, got, record);
		exit(1);
	}
	receive(slots[xid].buf, got);
	if (nfs_pad(got) > got)
		receive(pad, nfs_pad(got) - got);
	return &slots[xid];
}

static int start(struct peer_run *r, struct slot *s, uint64_t now)
{
	if (!peer_next(r, now, &s->offset))
		return 0;
	s->started = now;
	call(s - slots, s->offset, r->block);
	return 1;
}

static void work(struct peer_run *r)
{
	uint64_t now = peer_now();
	uint32_t in_flight = 0;
	for (uint32_t i = 0; i < r->depth; i++)
		in_flight += start(r, &slots[i], now);
	while (in_flight > 0) {
		struct slot *s = reply(r);
		now = peer_now();
		peer_done(r, s->buf, s->offset, s->started, now);
		in_flight -= !start(r, s, now);
	}
}

int main(int argc, char **argv)
{
	static struct peer_run r;
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
	peer_set_up(&r, strtoull(argv[4], NULL, 10), argv[5], argv[6]);
	slots = calloc(r.depth, sizeof *slots);
	for (uint32_t i = 0; i < r.depth; i++)
		slots[i].buf = peer_buffer(r.block);

	sock = socket(AF_INET, SOCK_STREAM, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, sizeof to) < 0)
		peer_die("connect");
	int one = 1;
	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	peer_serve(&r, work);
	return 0;
}
