// Package xdrwire turns values into bytes and bytes into values for ONC RPC:
// XDR (RFC 4506), record marks and RPC headers (RFC 5531), and credentials.
//
// It opens no socket and keeps no state. Encoders append to a slice the caller
// owns and return it grown. Decoders return slices that alias their input: the
// results live as long as the input does and change with it. Every function
// may be called from many goroutines at once as long as they do not share a
// slice or a [Decoder].
//
// Nothing that comes off the wire makes a function panic, and no length read
// from the wire makes one allocate more than the input it was given. Functions
// that need more bytes than they were handed answer [ErrShort], so that a
// receiver can call again when more have arrived. Sizes are in bytes.
//
// The programs themselves live in the packages below this one.
package xdrwire
