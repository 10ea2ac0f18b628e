// Package readv reads remote files with the payload received straight into the
// caller's memory, over io_uring. Files live on GlusterFS volumes or NFS version 3
// servers and are named by URL:
//
//	gluster://host[:24007]/volume/path
//	nfs://server[:port]/export/path?nfsport=N&mountport=N&uid=N&gid=N&rsize=N
//
// # Three doors
//
// Blocking: [File.ReadAt] is an io.ReaderAt, safe from many goroutines, and
// [File.Readv] scatters one read over several slices with a context.
//
// Asynchronous: an [Op] that the caller owns is submitted to a [Queue] and reaped
// in batches, replies in whatever order they come, without an allocation per
// read and without a callback.
//
// Adapters: [Volume.FS] is an fs.FS, [File.NewReader] an io.ReadSeekCloser that
// is also an io.WriterTo with reads in flight ahead of the writer.
//
// # Whose memory
//
// The slices of a read belong to the library from a successful Submit until the
// Op is handed back by Wait, and for the blocking calls until they return. Not
// even a context that ends, a deadline or Close shortens that; they make the
// report come soon. After the report no byte of them changes; those behind what
// a short or failed read reports may hold anything. Memory in two reads at once
// is refused with [ErrBufferInUse], on a volume with several rings if the two
// are on the same one ([Options].Rings). Any slice will do; memory
// registered with [Volume.Register] may be received into more cheaply. In steady
// state a read allocates nothing, except one with more than five slices of
// memory that is not registered, which are pinned one by one.
//
// # Errors
//
// A read that hits the end of the file is short with io.EOF, as io.ReaderAt
// wants it. Other errors are *fs.PathError with the URL; errors.Is finds
// fs.ErrNotExist, fs.ErrPermission and the errno of the server, net.ErrClosed
// after Close, os.ErrDeadlineExceeded (also as context.DeadlineExceeded) and
// context.Canceled. errors.As finds the
// layers below: *transport.OpError, *transport.OutageError (time was up while
// there was no connection), *transport.ConnError, *transport.ReplyError,
// *xdrwire.RPCError, *gfs.StatusError, *nfs3.StatusError.
//
// # Lost connections
//
// They are made again, for as long as the volume is open: at once, then with
// pauses from 20 ms to 3 s. Until then reads go by the other connections of their
// ring, or wait; they are lent meanwhile, and end by their deadline, Cancel and
// Close as ever. A file that the server does not know any more when the
// connection is back fails its reads with the server's errno (syscall.ESTALE);
// other files go on. [Options].FailFast has reads fail with the *ConnError
// instead.
//
// # Servers that mean harm
//
// Whatever a server sends, or does not send, a read ends at its deadline at the
// latest, no byte lands outside its slices, and memory stays bounded: for each
// connection as package transport says, for each call that is not a read by 2 MiB
// of result (5 MiB for a volfile) and what is made of it, at most some ten times as
// much, and for a listing by [ErrLargeDirectory]. A read of n bytes takes one call
// for each 4 KiB at most. Symbolic links are followed forty at a time, each of at
// most 4096 bytes. A listing, and a server that answers reads a few bytes at a
// time, take as long as their context lets them. Nothing protects the content: a
// server can always say something else.
//
// # When not
//
// For reading whole files once, one after the other, a mount is as good. There
// is no cache and no writing. It is made for Linux 5.13 or newer (or Debian's 5.10)
// with io_uring allowed; elsewhere the Go runtime's poller takes its place
// ([Options].Engine) and much of the gain goes.
package readv
