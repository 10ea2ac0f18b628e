package ring

import "golang.org/x/sys/unix"

// adviseHuge asks for huge pages. It is only advice: an arena on small pages works
// as well.
func adviseHuge(mem []byte) { _ = unix.Madvise(mem, unix.MADV_HUGEPAGE) }
