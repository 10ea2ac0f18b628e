/* What the stub answers to calls other than READ: enough for clients to mount it,
 * find a file by whatever name, and open it. */
#ifndef CANNED_H
#define CANNED_H

#include "nfs.h"
#include <stdbool.h>

enum { CANNED_MAX = 256, CANNED_DIR = 1, CANNED_FILE = 2, CANNED_READ_MAX = 4 << 20 };

/* A handle is four bytes: one of the two above, which is the inode number too. */
static inline unsigned char *canned_handle(unsigned char *p, uint32_t which)
{
	return nfs_put32(nfs_put32(p, 4), which);
}

static inline unsigned char *canned_attr(unsigned char *p, uint32_t which, uint64_t size)
{
	bool dir = which == CANNED_DIR;
	memset(p, 0, NFS_ATTR);
	nfs_put32(p, dir ? 2 : 1); /* NF3DIR, NF3REG */
	nfs_put32(p + 4, dir ? 0755 : 0644);
	nfs_put32(p + 8, dir ? 2 : 1); /* links */
	nfs_put64(p + 20, dir ? 4096 : size);
	nfs_put64(p + 28, dir ? 4096 : size);
	nfs_put64(p + 44, 1); /* file system */
	nfs_put64(p + 52, which);
	return p + NFS_ATTR;
}

static inline unsigned char *canned_some_attr(unsigned char *p, uint32_t which, uint64_t size)
{
	return canned_attr(nfs_put32(p, 1), which, size);
}

/* canned_fsinfo is all of FSINFO that follows the attributes. */
static inline unsigned char *canned_fsinfo(unsigned char *p)
{
	p = nfs_put32(nfs_put32(nfs_put32(p, CANNED_READ_MAX), 1 << 20), 1); /* read */
	p = nfs_put32(nfs_put32(nfs_put32(p, 1 << 20), 1 << 20), 1);        /* write: libnfs insists */
	p = nfs_put32(p, 4096);                                             /* directory */
	p = nfs_put64(p, INT64_MAX);
	return nfs_put32(nfs_put32(nfs_put32(p, 0), 1), 0); /* time, properties */
}

/* canned_body writes the results of a call whose arguments start at a. */
static inline unsigned char *canned_body(unsigned char *p, uint32_t prog, uint32_t proc,
					 const unsigned char *a, size_t len, uint64_t size)
{
	if (proc == 0) /* NULL, of any program */
		return p;
	if (prog == MOUNT_PROGRAM) {
		if (proc == MOUNT_EXPORT)
			return nfs_put32(p, 0); /* no list */
		if (proc != MOUNT_MNT)
			return p; /* UMNT */
		p = canned_handle(nfs_put32(p, 0), CANNED_DIR);
		return nfs_put32(nfs_put32(p, 1), 1); /* AUTH_SYS */
	}
	uint32_t which = len >= 8 && nfs_get32(a + 4) == CANNED_DIR ? CANNED_DIR : CANNED_FILE;
	p = nfs_put32(p, 0);
	switch (proc) {
	case NFS_GETATTR:
		return canned_attr(p, which, size);
	case NFS_LOOKUP:
		p = canned_some_attr(canned_handle(p, CANNED_FILE), CANNED_FILE, size);
		return canned_some_attr(p, CANNED_DIR, size);
	case NFS_ACCESS:
		/* Of what was asked for, no more: to read and to look up. */
		return nfs_put32(canned_some_attr(p, which, size), len >= 12 ? nfs_get32(a + 8) & (1 | 2) : 0);
	case NFS_FSINFO:
		return canned_fsinfo(canned_some_attr(p, which, size));
	}
	nfs_put32(p - 4, 10004); /* NFS3ERR_NOTSUPP */
	return nfs_put32(p, 0);
}

/* canned_skip_auth skips a credential or verifier. */
static inline size_t canned_skip_auth(const unsigned char *p, size_t len, size_t at)
{
	return at + 8 > len ? len : at + 8 + nfs_pad(nfs_get32(p + at + 4));
}

/* canned_reply writes the whole reply to the call at p, and returns its length; 0: the
 * call makes no sense. */
static inline size_t canned_reply(unsigned char *out, const unsigned char *p, size_t len, uint64_t size)
{
	size_t at = canned_skip_auth(p, len, canned_skip_auth(p, len, 24));
	unsigned char *end = out + NFS_MARK;

	if (at > len)
		return 0;
	memcpy(end, p, 4);
	end = nfs_put32(end + 4, 1);
	memset(end, 0, 16); /* accepted, no verifier, success */
	end = canned_body(end + 16, nfs_get32(p + 12), nfs_get32(p + 20), p + at, len - at, size);
	nfs_put32(out, 0x80000000u | (uint32_t)(end - out - NFS_MARK));
	return end - out;
}

#endif
