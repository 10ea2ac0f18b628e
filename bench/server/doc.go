// Package server is a read-only server of GlusterFS and NFS version 3 in one
// process and on one port: glusterd and a brick of a one-brick volume, and
// rpcbind, MOUNT and NFS of one export, in plain Go over package net. It exists
// to be read from: by measurements, which need a server that is faster than its
// client and the same everywhere, and by tests, for which it is a counterpart
// that shares no receiving code with what they test.
//
// What is served is a [Tree]: a directory of this machine ([Dir]) or files made
// of a [Pattern] ([Synthetic]). Attributes, end of file and errors are those of
// a brick of GlusterFS 10 and of nfs-ganesha 4; writes are refused as on a
// read-only volume, extended attributes and locks as unsupported. GlusterFS's own
// library reads from it, and so does libnfs.
//
// Tests of receivers can have its replies cut into fragments and sent in another
// order: see [Options].
//
// It does without TLS, authentication and access checks, and it believes its
// files: a file that becomes shorter while a READ of it is under way costs the
// connection. Do not put it on a network you do not trust.
package server
