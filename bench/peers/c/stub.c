/* A server that is as cheap as one can be: it answers NFSv3 READ, whatever the
 * handle, with a canned header and zeros, in order, all that one recv brought
 * with one writev. It serves one connection after the other.
 *
 * stub       (prints the port it listens on; ends with its standard input) */
#include "nfs.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_COUNT = 4 << 20, BATCH = 64 };

static unsigned char payload[MAX_COUNT];
static unsigned char heads[BATCH][NFS_HEAD];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* send_all sends the vectors, whole. */
static int send_all(int fd, struct iovec *v, int n)
{
	while (n > 0) {
		ssize_t sent = writev(fd, v, n);
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

/* answer fills in a reply to the call record at p and appends it to v. */
static int answer(const unsigned char *p, size_t len, unsigned char *head, struct iovec *v)
{
	if (len < 40)
		return -1;
	uint32_t count = nfs_get32(p + len - 4);
	if (count > MAX_COUNT)
		return -1;
	memset(head, 0, NFS_HEAD);
	nfs_put32(head, 0x80000000u | (NFS_HEAD - NFS_MARK + nfs_pad(count)));
	memcpy(head + 4, p, 4);
	nfs_put32(head + 8, 1);
	nfs_put32(head + NFS_MARK + NFS_RPC_HEAD + 4, 1); /* attributes follow */
	nfs_put32(head + NFS_MARK + NFS_RPC_HEAD + 8, 1); /* a regular file */
	nfs_put32(head + NFS_HEAD - 12, count);
	nfs_put32(head + NFS_HEAD - 4, count);
	v[0] = (struct iovec){ head, NFS_HEAD };
	v[1] = (struct iovec){ payload, nfs_pad(count) };
	return 0;
}

static void serve(int fd)
{
	static unsigned char in[64 << 10];
	size_t have = 0;

	for (;;) {
		ssize_t n = recv(fd, in + have, sizeof in - have, 0);
		if (n <= 0)
			return;
		have += n;
		size_t at = 0;
		for (;;) {
			struct iovec v[2 * BATCH];
			int replies = 0;
			while (replies < BATCH && have - at >= NFS_MARK) {
				size_t len = nfs_get32(in + at) & 0x7fffffff;
				if (len > sizeof in - NFS_MARK)
					return;
				if (have - at < NFS_MARK + len)
					break;
				if (answer(in + at + NFS_MARK, len, heads[replies], v + 2 * replies) < 0)
					return;
				replies++;
				at += NFS_MARK + len;
			}
			if (replies == 0)
				break;
			if (send_all(fd, v, 2 * replies) < 0)
				return;
		}
		memmove(in, in + at, have - at);
		have -= at;
	}
}

/* stdin_ended waits for a connection, or for the parent to go. */
static int stdin_ended(int listener)
{
	struct pollfd p[] = { { listener, POLLIN, 0 }, { 0, POLLIN, 0 } };
	if (poll(p, 2, -1) < 0)
		die("poll");
	return p[1].revents != 0;
}

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(listener, 16) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	while (!stdin_ended(listener)) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		serve(fd);
		close(fd);
	}
	return 0;
}
