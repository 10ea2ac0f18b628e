// Package nfs3 holds the procedures of NFS version 3 (RFC 1813) that a reading
// client and the server facing it exchange: GETATTR, LOOKUP, ACCESS, READLINK,
// READ, READDIRPLUS and FSINFO. NULL has neither arguments nor results.
//
// For each procedure there are four functions: Append…Args and Parse…Reply for
// the client, Parse…Args and Append…Reply for the server. They work on what
// follows the RPC header. A reply whose Status is not [StatusOK] carries less,
// as its type says; the fields it lacks are not sent and parse as zero. Parsing
// such a reply is no failure: see [Status.Err].
//
// As in package xdrwire, byte slices in parsed values alias the input, strings
// are copies, and a peer's bytes never cause a panic or an allocation longer
// than they are. Bytes after the last field are ignored. [xdrwire.ErrShort]
// from a Parse function means that the record ends before its content does;
// other errors are [xdrwire.ErrBool] and [*xdrwire.LengthError]. What comes with
// an error is not to be used. Functions may be called from many goroutines.
//
// READ has a leaner reader for replies whose payload is not in memory yet:
// [ParseReadReplyHead].
package nfs3
