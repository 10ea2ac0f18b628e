// Package poll has what package ring offers over sockets without io_uring: entries
// are queued, entered and reaped alike, but done by read(2) and write(2) on
// non-blocking sockets and waited for on the Go runtime's poller (epoll, kqueue).
// It is for machines where io_uring is missing or forbidden, and for other
// systems than Linux: slower, never different.
//
// # How
//
// Enter tries each entry at once, in the order of queueing. One that would block
// goes to a goroutine, which waits on the runtime's poller, goes on and posts the
// completion: one goroutine for each receive and each send that waits, and none
// otherwise.
//
// # Concurrency
//
// As with ring.Ring: queue methods (Recv, Send, Cancel, …), Attach and Detach must
// not run at the same time as each other, nor Reap at the same time as Reap; Enter
// may run beside both, also from several goroutines.
//
// A socket has one receive and one send in flight at most; a second completes with
// EBUSY.
//
// # Ownership
//
// Sockets are the ring's from Attach to Detach. Memory named in an entry is the
// ring's from when it is queued until its completion has been posted, after which
// no byte of it is written. Entries refer to it, so that it needs no pinning.
package poll
