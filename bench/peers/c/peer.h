/* What all peers share: the line protocol with uringbench, what is read next,
 * and counting.
 *
 * A peer connects, prints "ready", and then answers each line
 *
 *     run MILLISECONDS     reads for so long and prints what it took, as JSON
 *     check OFFSET BLOCKS  reads so many blocks from there on, and prints a sum
 *                          of them, as JSON; the reads are made as in a run
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

/* A run or a check. Blocks are read in order, from the start again after the last
 * whole one. Latencies are kept each: percentiles are exact. */
struct peer_run {
	uint64_t size; /* of the file */
	uint32_t block, depth;
	uint64_t next; /* offset */

	uint64_t start, until; /* run */
	int checking;
	uint64_t left, sum; /* check */

	uint64_t reads;
	uint32_t *latency; /* ns, of the first latency_max reads */
	size_t latency_max;
	struct rusage before;
};

/* peer_next says where the next read is; 0: there is no more. */
static inline int peer_next(struct peer_run *r, uint64_t now, uint64_t *offset)
{
	if (r->checking ? r->left-- == 0 : now >= r->until) {
		r->left = 0;
		return 0;
	}
	if (r->next + r->block > r->size)
		r->next = 0;
	*offset = r->next;
	r->next += r->block;
	return 1;
}

static inline uint64_t peer_fnv1a(const unsigned char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;
	while (n--)
		h = (h ^ *p++) * 1099511628211u;
	return h;
}

/* peer_done counts a block that is there. The sum does not depend on the order in
 * which blocks come, but on which is where. */
static inline void peer_done(struct peer_run *r, const void *p, uint64_t offset, uint64_t started, uint64_t now)
{
	if (r->checking)
		r->sum += peer_fnv1a(p, r->block) * (2 * (offset / r->block) + 1);
	else if (r->reads < r->latency_max)
		r->latency[r->reads] = now - started;
	r->reads++;
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

/* peer_bin is what a latency counts as in the histogram: 128 bins from a power of two to
 * the next, each called by its middle. */
static inline uint32_t peer_bin(uint32_t ns)
{
	int low = 24 - __builtin_clz(ns | 1);
	if (low <= 0)
		return ns;
	return ns >> low << low | 1u << (low - 1);
}

/* peer_print_bins prints latencies in order as [[ns,count],...]. */
static inline void peer_print_bins(const uint32_t *latency, size_t n)
{
	putchar('[');
	for (size_t i = 0, first; (first = i) < n;) {
		uint32_t bin = peer_bin(latency[first]);
		while (i < n && peer_bin(latency[i]) == bin)
			i++;
		printf("%s[%" PRIu32 ",%zu]", first ? "," : "", bin, i - first);
	}
	putchar(']');
}

static inline void peer_print(struct peer_run *r)
{
	struct rusage after;
	uint64_t ns = peer_now() - r->start;
	size_t n = r->reads < r->latency_max ? r->reads : r->latency_max;

	getrusage(RUSAGE_SELF, &after);
	qsort(r->latency, n, sizeof *r->latency, peer_by_value);
#define AT(percent) (n ? r->latency[(size_t)((n - 1) * (percent) / 100.0)] : 0)
	printf("{\"reads\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"ns\":%" PRIu64
	       ",\"user_us\":%" PRIu64 ",\"system_us\":%" PRIu64
	       ",\"wakeups\":%ld,\"preemptions\":%ld,\"p50_ns\":%" PRIu32 ",\"p90_ns\":%" PRIu32
	       ",\"p99_ns\":%" PRIu32 ",\"p999_ns\":%" PRIu32 ",\"max_ns\":%" PRIu32 ",\"bins\":",
	       r->reads, r->reads * r->block, ns, peer_us(after.ru_utime, r->before.ru_utime),
	       peer_us(after.ru_stime, r->before.ru_stime),
	       after.ru_nvcsw - r->before.ru_nvcsw, after.ru_nivcsw - r->before.ru_nivcsw,
	       AT(50), AT(90), AT(99), AT(99.9), AT(100));
#undef AT
	peer_print_bins(r->latency, n);
	puts("}");
}

static inline void peer_set_up(struct peer_run *r, uint64_t size, const char *block, const char *depth)
{
	r->size = size;
	r->block = strtoul(block, NULL, 10);
	r->depth = strtoul(depth, NULL, 10);
	if (r->block == 0 || r->depth == 0 || r->block > r->size) {
		fprintf(stderr, "block %s, depth %s, of %" PRIu64 " bytes\n", block, depth, size);
		exit(2);
	}
	r->latency_max = 8u << 20;
	r->latency = calloc(r->latency_max, sizeof *r->latency);
	if (!r->latency)
		peer_die("calloc");
}

/* peer_buffer is page-aligned and touched, as an I/O buffer is. */
static inline void *peer_buffer(size_t n)
{
	void *p;
	if (posix_memalign(&p, 4096, n))
		peer_die("posix_memalign");
	return memset(p, 1, n);
}

/* peer_serve answers the lines on standard input. work reads until peer_next ends
 * it, with depth reads in flight, and returns when all of them are done. */
static inline void peer_serve(struct peer_run *r, void (*work)(struct peer_run *))
{
	char line[128];
	uint64_t ms;

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		r->reads = r->sum = 0;
		r->checking = sscanf(line, "check %" SCNu64 " %" SCNu64, &r->next, &r->left) == 2;
		if (r->checking) {
			work(r);
			printf("{\"sum\":\"%016" PRIx64 "\"}\n", r->sum);
		} else if (sscanf(line, "run %" SCNu64, &ms) == 1) {
			getrusage(RUSAGE_SELF, &r->before);
			r->start = peer_now();
			r->until = r->start + ms * 1000000u;
			work(r);
			peer_print(r);
		} else {
			fprintf(stderr, "unknown line: %s", line);
			exit(2);
		}
		fflush(stdout);
	}
}

#endif
