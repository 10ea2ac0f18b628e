// Package transport runs ONC RPC over TCP connections that an io_uring drives, or
// the Go runtime's poller where there is none ([EngineKind]):
// calls leave coalesced from a send queue, a receive engine aims the payload of
// each reply straight at the memory the caller lent, and a dispatcher finds the
// call a reply belongs to by its XID, in whatever order replies come.
//
// # What is what
//
// An [Engine] owns one ring and any number of connections. A [Conn] is one TCP
// connection to a server. A [Call] is one RPC with the place its reply goes to;
// its memory and the Call itself are the engine's from [Queue.Add] until
// [Queue.Pop] hands it back. A [Queue] collects finished calls for one consumer.
// Which RPCs there are and what their replies look like is for packages above:
// they implement [Reply].
//
// # Lend rule
//
// The memory in Call.Iovs belongs to the engine from a successful Add until the
// call is popped. Cancelling, a deadline, a lost connection and Close do not end
// the loan, they make the report come soon. Once a call is popped no byte of its
// memory changes any more. Every accepted call is reported exactly once.
//
// # Lost connections
//
// A Conn is one TCP connection and ends with it. Its calls fail then, except those
// that have a [Resender], if somebody looks after the connection
// ([ConnOptions].Lost): they stay accepted, lent and subject to deadlines and
// Cancel, until they are made again on another Conn of the same Engine. How a new
// one is made is for packages above.
//
// # Memory
//
// A server has no say in how much memory is used, whatever it sends or does not
// send. Besides what callers bring along, a connection has
//
//   - ConnOptions.StagingBytes, and 32 bytes for each call of ConnOptions.Depth
//   - the start of one reply: 64 KiB and a half, as much again while it grows
//   - calls encoded and not sent: two times 1 MiB and one call's arguments, usually
//     some KiB
//
// and an engine, besides its ring, 2 MiB to move what guesses put in wrong places.
// Calls have, and keep for their next use, Body (Call.MaxBodyBytes, and as much
// again while it grows) and, with Bounce, their payload once more. What is dropped
// is not kept, and nothing is allocated for it. A record longer than any reply that
// was asked for, or than 64 KiB and a half, ends its connection.
//
// # Who drives
//
// No thread of its own moves the data: a goroutine that waits in [Queue.Wait]
// drives the ring for everybody (see drive.go). While nobody waits, a goroutine
// parked on the runtime's poller takes over; an idle engine uses no CPU.
//
// # Locks
//
// Engine.mu guards everything an engine and its connections, queues and regions
// hold. It is released while the kernel is entered and is never held while a
// user's code runs, with three exceptions: [Reply] implementations, which parse a
// header, [Resender] implementations, and the handler of Options.Logger. None may
// block or call the engine.
// There is no other lock.
package transport
