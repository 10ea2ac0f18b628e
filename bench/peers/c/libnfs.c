/* libnfs, with its asynchronous calls and an event loop around poll. It hands out
 * payload in its own memory, so that a caller who wants it in a buffer of his own
 * copies it there, as QEMU does.
 *
 * libnfs URL BLOCK DEPTH */
#include "peer.h"
#include <fcntl.h>
#include <nfsc/libnfs.h>
#include <poll.h>

static struct nfs_context *nfs;
static struct nfsfh *file;
static struct peer_run run;
static uint32_t in_flight;

static struct slot {
	unsigned char *buf;
	uint64_t offset, started;
} *slots;

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, nfs_get_error(nfs));
	exit(1);
}

static void start(struct slot *s, uint64_t now);

static void done(int n, struct nfs_context *context, void *data, void *private)
{
	struct slot *s = private;
	(void)context;
	if (n < 0)
		fail("read");
	if ((uint32_t)n != run.block) {
		fprintf(stderr, "read: %d of %u bytes at %" PRIu64 "\n", n, run.block, s->offset);
		exit(1);
	}
	memcpy(s->buf, data, n);
	uint64_t now = peer_now();
	peer_done(&run, s->buf, s->offset, s->started, now);
	in_flight--;
	start(s, now);
}

static void start(struct slot *s, uint64_t now)
{
	if (!peer_next(&run, now, &s->offset))
		return;
	s->started = now;
	if (nfs_pread_async(nfs, file, s->offset, run.block, done, s))
		fail("nfs_pread_async");
	in_flight++;
}

static void work(struct peer_run *r)
{
	uint64_t now = peer_now();
	for (uint32_t i = 0; i < r->depth; i++)
		start(&slots[i], now);
	while (in_flight > 0) {
		struct pollfd p = { .fd = nfs_get_fd(nfs), .events = nfs_which_events(nfs) };
		if (poll(&p, 1, -1) < 0)
			peer_die("poll");
		if (nfs_service(nfs, p.revents) < 0)
			fail("nfs_service");
	}
}

int main(int argc, char **argv)
{
	struct nfs_stat_64 st;
	struct nfs_url *url;

	if (argc != 4) {
		fprintf(stderr, "usage: libnfs URL BLOCK DEPTH\n");
		return 2;
	}
	nfs = nfs_init_context();
	if (!nfs)
		peer_die("nfs_init_context");
	url = nfs_parse_url_full(nfs, argv[1]);
	if (!url)
		fail(argv[1]);
	if (nfs_mount(nfs, url->server, url->path))
		fail("mount");
	if (nfs_open(nfs, url->file, O_RDONLY, &file) || nfs_fstat64(nfs, file, &st))
		fail("open");
	peer_set_up(&run, st.nfs_size, argv[2], argv[3]);
	slots = calloc(run.depth, sizeof *slots);
	for (uint32_t i = 0; i < run.depth; i++)
		slots[i].buf = peer_buffer(run.block);
	peer_serve(&run, work);
	return 0;
}
