package size

import "testing"

func TestParse(t *testing.T) {
	for s, want := range map[string]int64{
		"4k": 4096, "128K": 128 << 10, "1m": 1 << 20, "1MiB": 1 << 20, "2g": 2 << 30, "512": 512, " 64k ": 64 << 10, "1.5m": 3 << 19,
	} {
		if got, err := Parse(s); got != want || err != nil {
			t.Errorf("Parse(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "k", "4x", "-4k", "99999999t"} {
		if got, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", s, got)
		}
	}
}

func TestNames(t *testing.T) {
	for n, want := range map[int64][2]string{
		4096: {"4 KiB", "4k"}, 128 << 10: {"128 KiB", "128k"}, 3 << 19: {"1.5 MiB", "1536k"}, 10 << 20: {"10 MiB", "10m"},
		512: {"512 B", "512"}, 2 << 30: {"2 GiB", "2g"}, 0: {"0 B", "0"},
	} {
		if got := [2]string{Name(n), Flag(n)}; got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
		if back, err := Parse(Flag(n)); back != n || err != nil {
			t.Errorf("Parse(Flag(%d)) = %d, %v", n, back, err)
		}
	}
}
