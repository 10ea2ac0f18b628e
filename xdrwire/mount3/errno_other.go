//go:build !linux

package mount3

import "syscall"

// serverFault is the errno of a server that failed for reasons of its own. These
// systems have none for that.
const serverFault = syscall.EIO
