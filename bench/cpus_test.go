package bench

import (
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
	"golang.org/x/sys/unix"
)

func TestCPUNames(t *testing.T) {
	for want, cpus := range map[string][]int{"": nil, "0": {0}, "1-3,5": {1, 2, 3, 5}, "0,2,64-65": {0, 2, 64, 65}} {
		var set unix.CPUSet
		for _, c := range cpus {
			set.Set(c)
		}
		if got := CPUNames(&set); got != want {
			t.Errorf("%v is %q, want %q", cpus, got, want)
		}
	}
}

func TestBoundTo(t *testing.T) {
	server, _, ok := SplitCPUs()
	if !ok {
		skip.For(t, skip.Machine, "one CPU")
	}
	if n := onlineCPUs(); n < 2 {
		t.Errorf("%d CPUs online", n)
	}
	got := ""
	if err := OnCPUs(&server, func() error { got = BoundTo(); return nil }); err != nil || got != CPUNames(&server) {
		t.Errorf("bound to %q, want %q, %v", got, CPUNames(&server), err)
	}
}

func TestOnCPUsComesBack(t *testing.T) {
	server, client, ok := SplitCPUs()
	if !ok {
		skip.For(t, skip.Machine, "one CPU")
	}
	if server.Count() != 1 || client.Count() == 0 {
		t.Errorf("server has CPUs %s, client %s", CPUNames(&server), CPUNames(&client))
	}
	var inside, after unix.CPUSet
	var before unix.CPUSet
	unix.SchedGetaffinity(0, &before)
	err := OnCPUs(&server, func() error { return unix.SchedGetaffinity(0, &inside) })
	unix.SchedGetaffinity(0, &after)
	if err != nil || inside != server || after != before {
		t.Errorf("%v; inside on %s, want %s; after on %s, want %s", err,
			CPUNames(&inside), CPUNames(&server), CPUNames(&after), CPUNames(&before))
	}
}
