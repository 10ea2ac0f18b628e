package bench

import (
	"os"
	"runtime"
	"strings"

	"github.com/ringreadv/ringreadv/bench/report"
	"golang.org/x/sys/unix"
)

// ThisHost describes the machine.
func ThisHost() report.Host {
	h := report.Host{CPUs: onlineCPUs(), Go: runtime.Version(), CPUModel: runtime.GOARCH}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		h.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	congestion, _ := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control")
	h.Congestion = strings.TrimSpace(string(congestion))
	h.Program = Version()
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
