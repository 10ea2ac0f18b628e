// Package ring drives io_uring: it sets a ring up, keeps its two queues,
// registers memory with it and shuts it down in an order the kernel can live
// with. It knows nothing of sockets' contents: RPC lives in package transport.
//
// # Concurrency
//
// A Ring has one submission queue and one completion queue and no lock of its
// own. Queue methods (Recv, Send, Cancel, …) must not run at the same time as
// each other, nor Reap at the same time as Reap; Enter may run beside both, also
// from several threads, unless the ring was made with SingleIssuer. Package
// transport guards each ring with one mutex.
//
// # Ownership
//
// Memory named in a queued entry is the kernel's from the moment the entry is
// queued until its completion has been reaped. The entry holds only an address:
// the caller keeps the memory referenced, and pinned if it is on Go's heap, for
// that long. [Ring.InFlight] counts entries whose completion is outstanding;
// [Ring.Close] waits for it to reach zero before it unmaps anything.
//
// # Kernels
//
// Linux 5.10 is the oldest kernel supported. Everything newer is found by
// probing (see [Probe]), never by comparing version numbers.
package ring
