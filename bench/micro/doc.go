// Package micro has the Go benchmarks of ring, xdrwire, transport and readv, as
// users of those packages see them. What they print benchstat reads: compare two
// versions with it. How the library does against other clients is uringbench's to
// say.
//
// Benchmarks that read do so from the embedded server, which is a process of its
// own on a CPU of its own: what they report is the client's alone. Beside the
// time each reports what is the same on every machine, or nearly:
//
//	cpu-ns/op   CPU time of the client's process
//	syscalls/op io_uring_enter and eventfd
//	recvs/op    completed receive entries
//	copied-B/B  bytes copied after the kernel delivered them, per byte read
package micro
