/* libgfapi, GlusterFS's own client library, with its asynchronous reads. Its threads
 * call back; they put what is done in a list, and wake the reader if it sleeps. No
 * option of the volume is changed, as fio's gfapi_async engine changes none.
 *
 * gfapi HOST PORT VOLUME PATH BLOCK DEPTH */
#include "peer.h"
#include <fcntl.h>
#include <glusterfs/api/glfs.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOG_ERROR = 4,
	/* The thread that calls back gives its buffer back after that. One read at a
	 * time of so many bytes or more is twice as cheap if the next one finds it
	 * there, and not another that the kernel has to fill with zeros. Smaller
	 * reads, or several, are dearer if the thread is waited for. */
	LARGE = 1 << 20,
};

static glfs_fd_t *file;

static struct slot {
	unsigned char *buf;
	uint64_t offset, started;
	ssize_t got;
	struct slot *next;
} *slots;

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static struct slot *finished;
static int waiting;

static void done(glfs_fd_t *fd, ssize_t got, struct glfs_stat *before, struct glfs_stat *after, void *data)
{
	struct slot *s = data;
	(void)fd, (void)before, (void)after;
	s->got = got;
	pthread_mutex_lock(&mu);
	s->next = finished;
	finished = s;
	int wake = waiting;
	waiting = 0;
	pthread_mutex_unlock(&mu);
	if (wake)
		pthread_cond_signal(&some);
}

/* take waits until something is done, and takes all that is. */
static struct slot *take(void)
{
	pthread_mutex_lock(&mu);
	while (!finished) {
		waiting = 1;
		pthread_cond_wait(&some, &mu);
	}
	struct slot *list = finished;
	finished = NULL;
	pthread_mutex_unlock(&mu);
	return list;
}

static int start(struct peer_run *r, struct slot *s, uint64_t now)
{
	if (!peer_next(r, now, &s->offset))
		return 0;
	s->started = now;
	if (glfs_pread_async(file, s->buf, r->block, s->offset, 0, done, s))
		peer_die("glfs_pread_async");
	return 1;
}

static void work(struct peer_run *r)
{
	uint64_t now = peer_now();
	uint32_t in_flight = 0;
	for (uint32_t i = 0; i < r->depth; i++)
		in_flight += start(r, &slots[i], now);
	while (in_flight > 0) {
		struct slot *s = take(), *next;
		if (r->depth == 1 && r->block >= LARGE)
			sched_yield();
		now = peer_now();
		for (; s; s = next) {
			next = s->next;
			if (s->got != (ssize_t)r->block) {
				fprintf(stderr, "read: %zd of %u bytes at %" PRIu64 "\n", s->got, r->block, s->offset);
				exit(1);
			}
			peer_done(r, s->buf, s->offset, s->started, now);
			in_flight -= !start(r, s, now);
		}
	}
}

int main(int argc, char **argv)
{
	static struct peer_run r;
	struct stat st;

	if (argc != 7) {
		fprintf(stderr, "usage: gfapi HOST PORT VOLUME PATH BLOCK DEPTH\n");
		return 2;
	}
	glfs_t *fs = glfs_new(argv[3]);
	if (!fs || glfs_set_logging(fs, "/dev/stderr", LOG_ERROR) ||
	    glfs_set_volfile_server(fs, "tcp", argv[1], atoi(argv[2])))
		peer_die("glfs_new");
	if (glfs_init(fs))
		peer_die("glfs_init");
	file = glfs_open(fs, argv[4], O_RDONLY);
	if (!file || glfs_fstat(file, &st))
		peer_die(argv[4]);
	peer_set_up(&r, st.st_size, argv[5], argv[6]);
	slots = calloc(r.depth, sizeof *slots);
	for (uint32_t i = 0; i < r.depth; i++)
		slots[i].buf = peer_buffer(r.block);
	peer_serve(&r, work);
	_exit(0); /* glfs_fini takes ten seconds */
}
