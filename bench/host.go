package bench

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// ThisHost describes the machine. CPUs are those the process was started on.
func ThisHost() Host {
	h := Host{CPUs: runtime.NumCPU(), Go: runtime.Version(), CPUModel: runtime.GOARCH}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		h.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			h.CPUModel = strings.TrimSpace(value)
			break
		}
	}
	return h
}
