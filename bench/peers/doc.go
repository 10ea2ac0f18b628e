// Package peers runs the programs that the library is compared with, each as a
// child process that connects, says so, and then reads when it is told to: start-up
// is in no figure, and what is counted is the whole process for all alike, also for
// the library's own contender, which is such a child too.
//
// fio cannot be told when to read: it is a process for each run, and what it takes to
// start is measured right before and subtracted, see [Fio].
//
// The programs are in C; they are compiled here when there is a compiler and the
// headers they need, see [Build]. [Start] starts a contender and [Serve] is the
// contender's side of the protocol for those written in Go. c/peer.h describes the
// protocol.
package peers
