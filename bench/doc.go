// Package bench measures how files are read: workloads, ways of reading to
// compare, statistics, reports. The command uringbench is a thin shell over it.
//
// A measurement is a [Case] read for a while in one process. What it costs is
// the CPU time of this process, so servers run in another: [StartServer] starts
// the embedded one. Cases that are compared are measured in turn, close to each
// other in time, and compared pair by pair: the machine's moods then cancel.
//
// What is read is a [Work]: streams, from a matrix of blocks and depths or from job
// files (package jobs), each in a closed loop, where a read starts when another has
// ended, or in an open one, where reads are due at given times. Only the latter shows
// what a server's stall does to those who do not wait for one another.
//
// Sizes are in bytes, MiB and GiB are powers of two, depth is the number of
// reads in flight in total.
package bench
