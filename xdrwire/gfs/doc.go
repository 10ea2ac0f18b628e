// Package gfs holds the GlusterFS programs that a reading client and the
// server facing it exchange: handshake, portmap, dump, and the file operations
// of versions 400 and 330. Layouts are those of rpc/xdr/src in the GlusterFS
// sources: glusterfs4-xdr.x, glusterfs3-xdr.x (until release 10),
// portmap-xdr.x and rpc-common-xdr.x.
//
// For each procedure there are four functions: Append…Args and Parse…Reply for
// the client, Parse…Args and Append…Reply for the server. They work on what
// follows the RPC header. Where a function takes a version it is [V330] or
// [V400] and chooses between layouts of the same values; any other number
// panics, because it is the caller's and never the peer's.
//
// As in package xdrwire, byte slices in parsed values alias the input, strings
// are copies, and a peer's bytes never cause a panic or an allocation out of
// proportion to them. Bytes after the last field are ignored, as GlusterFS
// does. [xdrwire.ErrShort] from a Parse function means that the record ends
// before its content does. What comes with an error is not to be used.
// Functions may be called from many goroutines.
//
// READ has a leaner reader for replies whose payload is not in memory yet:
// [ParseReadReplyHead].
package gfs
