// Package chaos reads files through a proxy that harms what comes back
// (transport/faults), and judges what the library makes of it. Whatever happens on
// the wire, every read has to end in time, with the bytes of the file or with an
// error of a known type, which is not that its connection was lost while it had time
// left; nothing may be written to memory but what a read was lent while it was lent;
// and nothing may be left over in the end.
//
// A [Run] has a leg for each protocol. In a leg several volumes are read from by
// goroutines of all kinds: queues of several depths, blocking reads, reads into
// registered memory, visitors who open, list and stat, and who dial a volume of
// their own and close it with reads in flight. What happens to a connection
// follows from the seed and the connection's number; when the reads come does not,
// so that two runs with one seed are alike, not the same.
package chaos
