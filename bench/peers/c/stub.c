/* A server that is as cheap as one can be: it answers NFSv3 READ, whatever the
 * handle, with a canned header and zeros, in order, all that one recv brought
 * with one writev. A file can be mounted and opened under whatever name, too. Each
 * connection has a thread.
 *
 * stub SIZE      (of the file; prints the port it listens on and the congestion
 *                control it uses; ends with its standard input) */
#include "canned.h"
#include "nfs.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 64, IN = 64 << 10, CALL_MIN = 40 };

static unsigned char payload[CANNED_READ_MAX];
static unsigned char read_head[NFS_HEAD]; /* all but XID and lengths */
static uint64_t size;

struct session {
	int fd;
	unsigned char in[IN];
	unsigned char heads[BATCH][CANNED_MAX];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* send_all sends the vectors, whole. */
static int send_all(int fd, struct iovec *v, int n)
{
	while (n > 0) {
		struct msghdr m = { .msg_iov = v, .msg_iovlen = n };
		ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (sent < 0)
			return -1;
		while (n > 0 && (size_t)sent >= v->iov_len) {
			sent -= v->iov_len;
			v++, n--;
		}
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + sent;
			v->iov_len -= sent;
		}
	}
	return 0;
}

/* answer writes the reply to the call at p, two vectors of which the second may
 * be empty. */
static int answer(const unsigned char *p, size_t len, unsigned char *head, struct iovec *v)
{
	if (len < CALL_MIN)
		return -1;
	if (nfs_get32(p + 20) != NFS_READ || nfs_get32(p + 12) != NFS_PROGRAM) {
		v[0] = (struct iovec){ head, canned_reply(head, p, len, size) };
		v[1] = (struct iovec){ payload, 0 };
		return v[0].iov_len ? 0 : -1;
	}
	uint64_t offset = (uint64_t)nfs_get32(p + len - 12) << 32 | nfs_get32(p + len - 8);
	uint64_t left = offset < size ? size - offset : 0;
	uint32_t count = nfs_get32(p + len - 4);
	if (count > CANNED_READ_MAX)
		count = CANNED_READ_MAX;
	if (count > left)
		count = left;
	memcpy(head, read_head, NFS_HEAD);
	nfs_put32(head, 0x80000000u | (NFS_HEAD - NFS_MARK + nfs_pad(count)));
	memcpy(head + 4, p, 4);
	nfs_put32(head + NFS_HEAD - 12, count);
	nfs_put32(head + NFS_HEAD - 8, count == left); /* end of file */
	nfs_put32(head + NFS_HEAD - 4, count);
	v[0] = (struct iovec){ head, NFS_HEAD };
	v[1] = (struct iovec){ payload, nfs_pad(count) };
	return 0;
}

static void serve(struct session *s)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = recv(s->fd, s->in + have, IN - have, 0);
		if (n <= 0)
			return;
		have += n;
		size_t at = 0;
		for (;;) {
			struct iovec v[2 * BATCH];
			int replies = 0;
			while (replies < BATCH && have - at >= NFS_MARK) {
				size_t len = nfs_get32(s->in + at) & 0x7fffffff;
				if (len > IN - NFS_MARK)
					return;
				if (have - at < NFS_MARK + len)
					break;
				if (answer(s->in + at + NFS_MARK, len, s->heads[replies], v + 2 * replies) < 0)
					return;
				replies++;
				at += NFS_MARK + len;
			}
			if (replies == 0)
				break;
			if (send_all(s->fd, v, 2 * replies) < 0)
				return;
		}
		memmove(s->in, s->in + at, have - at);
		have -= at;
	}
}

static void *serve_and_close(void *session)
{
	struct session *s = session;
	serve(s);
	close(s->fd);
	free(s);
	return NULL;
}

static void accept_one(int listener)
{
	struct session *s = malloc(sizeof *s);
	pthread_t thread;
	int one = 1;

	if (!s || (s->fd = accept(listener, NULL, NULL)) < 0)
		die("accept");
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (pthread_create(&thread, NULL, serve_and_close, s) || pthread_detach(thread))
		die("pthread_create");
}

/* stdin_ended waits for a connection, or for the parent to go. */
static int stdin_ended(int listener)
{
	struct pollfd p[] = { { listener, POLLIN, 0 }, { 0, POLLIN, 0 } };
	if (poll(p, 2, -1) < 0)
		die("poll");
	return p[1].revents != 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	char congestion[32] = "";

	if (argc != 2) {
		fprintf(stderr, "usage: stub SIZE\n");
		return 2;
	}
	size = strtoull(argv[1], NULL, 10);
	nfs_put32(read_head + 8, 1); /* a reply */
	canned_some_attr(read_head + NFS_MARK + NFS_RPC_HEAD + 4, CANNED_FILE, size);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(listener, 64) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	/* bbr paces, which distorts loopback. What a listener has, its connections
	 * inherit. */
	setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	len = sizeof congestion - 1;
	if (getsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, congestion, &len) < 0)
		die("getsockopt");
	printf("%d %s\n", ntohs(at.sin_port), congestion);
	fflush(stdout);
	while (!stdin_ended(listener))
		accept_one(listener);
	return 0;
}
