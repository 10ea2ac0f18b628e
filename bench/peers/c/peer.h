/* What all peers share: the line protocol with uringbench, and counting.
 *
 * A peer connects, prints "ready", and then answers each line
 *
 *     run MILLISECONDS    reads for so long and prints one line of JSON
 *     read OFFSET LENGTH  reads once and prints the FNV-1a hash of the bytes
 *
 * until its standard input ends. Start-up is thus in no figure. */
#ifndef PEER_H
#define PEER_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline void peer_die(const char *what)
{
	perror(what);
	exit(1);
}

static inline uint64_t peer_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static inline uint64_t peer_fnv1a(const unsigned char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;
	while (n--)
		h = (h ^ *p++) * 1099511628211u;
	return h;
}

/* A measurement under way. Latencies are kept whole: percentiles are exact. */
struct peer_run {
	uint64_t start, until, reads, bytes;
	uint32_t *latency; /* ns, of the first latency_max reads */
	size_t latency_max;
	struct rusage before;
};

static inline void peer_begin(struct peer_run *r, uint64_t ms)
{
	if (!r->latency) {
		r->latency_max = 8u << 20;
		r->latency = calloc(r->latency_max, sizeof *r->latency);
		if (!r->latency)
			peer_die("calloc");
	}
	r->reads = r->bytes = 0;
	getrusage(RUSAGE_SELF, &r->before);
	r->start = peer_now();
	r->until = r->start + ms * 1000000u;
}

static inline void peer_read_done(struct peer_run *r, uint64_t started, uint64_t now, size_t bytes)
{
	if (r->reads < r->latency_max)
		r->latency[r->reads] = now - started;
	r->reads++;
	r->bytes += bytes;
}

static int peer_by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static inline uint64_t peer_us(struct timeval after, struct timeval before)
{
	return (after.tv_sec - before.tv_sec) * 1000000u + after.tv_usec - before.tv_usec;
}

static inline void peer_end(struct peer_run *r)
{
	struct rusage after;
	uint64_t ns = peer_now() - r->start;
	size_t n = r->reads < r->latency_max ? r->reads : r->latency_max;

	getrusage(RUSAGE_SELF, &after);
	qsort(r->latency, n, sizeof *r->latency, peer_by_value);
#define AT(percent) (n ? r->latency[(size_t)((n - 1) * (percent) / 100.0)] : 0)
	printf("{\"reads\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"ns\":%" PRIu64
	       ",\"user_us\":%" PRIu64 ",\"system_us\":%" PRIu64
	       ",\"switches\":%ld,\"p50_ns\":%" PRIu32 ",\"p90_ns\":%" PRIu32
	       ",\"p99_ns\":%" PRIu32 ",\"max_ns\":%" PRIu32 "}\n",
	       r->reads, r->bytes, ns, peer_us(after.ru_utime, r->before.ru_utime),
	       peer_us(after.ru_stime, r->before.ru_stime),
	       after.ru_nvcsw + after.ru_nivcsw - r->before.ru_nvcsw - r->before.ru_nivcsw,
	       AT(50), AT(90), AT(99), AT(100));
#undef AT
	fflush(stdout);
}

/* peer_serve answers the lines on standard input. */
static inline void peer_serve(void (*run)(struct peer_run *),
			      uint64_t (*read_hash)(uint64_t offset, uint64_t length))
{
	static struct peer_run r;
	char line[128];
	uint64_t a, b;

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "run %" SCNu64, &a) == 1) {
			peer_begin(&r, a);
			run(&r);
			peer_end(&r);
		} else if (sscanf(line, "read %" SCNu64 " %" SCNu64, &a, &b) == 2) {
			printf("{\"fnv1a\":\"%016" PRIx64 "\"}\n", read_hash(a, b));
			fflush(stdout);
		} else {
			fprintf(stderr, "unknown line: %s", line);
			exit(2);
		}
	}
}

#endif
