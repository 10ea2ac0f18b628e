/* The few bytes of ONC RPC, NFSv3 and MOUNT (RFC 5531, RFC 1813) that a loop and a
 * canned server need. */
#ifndef NFS_H
#define NFS_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum {
	NFS_PROGRAM = 100003,
	NFS_GETATTR = 1,
	NFS_LOOKUP = 3,
	NFS_ACCESS = 4,
	NFS_READ = 6,
	NFS_FSINFO = 19,
	MOUNT_PROGRAM = 100005,
	MOUNT_MNT = 1,
	MOUNT_EXPORT = 5,

	NFS_HANDLE_MAX = 64,
	NFS_ATTR = 84,
	/* Record mark, RPC header with an empty verifier, and what stands before
	 * the payload of a successful READ with attributes. */
	NFS_MARK = 4,
	NFS_RPC_HEAD = 24,
	NFS_READ_HEAD = 4 + 4 + NFS_ATTR + 4 + 4 + 4,
	NFS_HEAD = NFS_MARK + NFS_RPC_HEAD + NFS_READ_HEAD,
};

static inline unsigned char *nfs_put32(unsigned char *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
	return p + 4;
}

static inline unsigned char *nfs_put64(unsigned char *p, uint64_t v)
{
	return nfs_put32(nfs_put32(p, v >> 32), v);
}

static inline uint32_t nfs_get32(const unsigned char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return ntohl(v);
}

static inline size_t nfs_pad(size_t n) { return (n + 3) & ~(size_t)3; }

#endif
