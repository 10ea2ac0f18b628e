// Package netconn reads GlusterFS volumes of one brick and NFS servers the way an
// ordinary Go program would: a net.Conn with a bufio.Reader on it, io.ReadFull for the
// header of a reply and again for its payload, one Write for each request.
//
// It has two uses. It is what the library is compared with, so it is plain but
// not wasteful: many reads may be in flight on its connection. And it is an
// independent reader that checks what the library returned: of this module it
// shares only the codecs of package xdrwire.
package netconn
