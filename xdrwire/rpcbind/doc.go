// Package rpcbind holds what a client asks the server's directory of RPC
// programs (RFC 1833): GETPORT of version 2, the port mapper, and GETADDR of
// versions 3 and 4, which answers with a universal address.
//
// As in package nfs3, Append…Args and Parse…Reply are for the client,
// Parse…Args and Append…Reply for the server, and they work on what follows the
// RPC header. Strings are copies; a peer's bytes never cause a panic or an
// allocation longer than they are. Bytes after the last field are ignored.
// [xdrwire.ErrShort] from a Parse function means that the record ends before its
// content does; other errors are [*xdrwire.LengthError], [ErrPort] and
// [ErrUniversalAddr]. What comes with an error is not to be used. Functions may
// be called from many goroutines.
package rpcbind
