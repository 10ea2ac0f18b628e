package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Placing of processes on CPUs. Where the scheduler is free to move server and
// client about, what it does is a good part of what is measured.

// SplitCPUs gives the first CPU the process may use to the server and the rest
// to the client. ok is false if there is only one, or if the kernel does not
// say.
func SplitCPUs() (server, client unix.CPUSet, ok bool) {
	var all unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil || all.Count() < 2 {
		return server, client, false
	}
	client = all
	for cpu := 0; ; cpu++ {
		if all.IsSet(cpu) {
			server.Set(cpu)
			client.Clear(cpu)
			return server, client, true
		}
	}
}

// pinProcess moves all threads of this process to the CPUs. Threads made later
// inherit that; the number of Go's processors follows.
func pinProcess(set *unix.CPUSet) error {
	done := make(map[int]bool)
	for {
		before := len(done)
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, t := range tasks {
			tid, _ := strconv.Atoi(t.Name())
			if done[tid] {
				continue
			}
			if err := unix.SchedSetaffinity(tid, set); err != nil && err != unix.ESRCH {
				return os.NewSyscallError("sched_setaffinity", err)
			}
			done[tid] = true
		}
		if len(done) == before {
			if os.Getenv("GOMAXPROCS") == "" {
				runtime.SetDefaultGOMAXPROCS()
			}
			return nil
		}
	}
}

// OnCPUs runs f on a thread that is on other CPUs for so long: processes that f
// starts inherit them.
func OnCPUs(set *unix.CPUSet, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return os.NewSyscallError("sched_getaffinity", err)
	}
	if err := unix.SchedSetaffinity(0, set); err != nil {
		return os.NewSyscallError("sched_setaffinity", err)
	}
	err := f()
	if back := unix.SchedSetaffinity(0, &before); back != nil && err == nil {
		err = os.NewSyscallError("sched_setaffinity", back)
	}
	return err
}

// onlineCPUs is how many the machine has, whatever this process may use.
func onlineCPUs() int {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return runtime.NumCPU()
	}
	n := 0
	for part := range strings.SplitSeq(strings.TrimSpace(string(text)), ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil || to < from {
			return runtime.NumCPU()
		}
		n += to - from + 1
	}
	return n
}

// BoundTo says which CPUs this process was bound to by who started it, "" if to none.
func BoundTo() string {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil || set.Count() >= onlineCPUs() {
		return ""
	}
	return CPUNames(&set)
}

// CPUNames is a set in the kernel's notation: 0-2,5.
func CPUNames(set *unix.CPUSet) string {
	var parts []string
	for cpu, left := 0, set.Count(); left > 0; cpu++ {
		if !set.IsSet(cpu) {
			continue
		}
		first := cpu
		for left--; left > 0 && set.IsSet(cpu+1); left-- {
			cpu++
		}
		if first == cpu {
			parts = append(parts, strconv.Itoa(cpu))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", first, cpu))
		}
	}
	return strings.Join(parts, ",")
}
