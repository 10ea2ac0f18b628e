// Package mount3 holds the procedures of the MOUNT protocol version 3 (RFC 1813
// §5) by which a client gets the handle to begin with: MNT, UMNT and EXPORT.
// NULL has neither arguments nor results, UMNT no results, EXPORT no arguments.
//
// As in package nfs3, Append…Args and Parse…Reply are for the client,
// Parse…Args and Append…Reply for the server, and they work on what follows the
// RPC header. Strings are copies; a peer's bytes never cause a panic or an
// allocation out of proportion to them. Bytes after the last field are ignored.
// [xdrwire.ErrShort] from a Parse function means that the record ends before its
// content does; other errors are [xdrwire.ErrBool] and [*xdrwire.LengthError].
// What comes with an error is not to be used. Functions may be called from many
// goroutines.
package mount3
