// Package seccomp has system calls refused to a test, as container runtimes and
// sandboxes refuse them: for good, on all threads, and so in a process of its own.
package seccomp
