package mount3

import "syscall"

// serverFault is the errno of a server that failed for reasons of its own.
const serverFault = syscall.EREMOTEIO
