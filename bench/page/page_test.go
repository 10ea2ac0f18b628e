package page

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	sampleBlocks = []int{4096, 128 << 10}
	sampleDepths = []int{1, 16}
	sampleNames  = []string{"4 KiB", "128 KiB"} // of the blocks
)

// A page shows its report: what stands in the plots are the figures.
func TestPage(t *testing.T) {
	b := open(t)
	sample := newSample(sampleWays, sampleBlocks, sampleDepths)
	file := write(t, sample)
	l := b.load(t, file, 1200)

	t.Run("bars", func(t *testing.T) { checkBars(t, &l) })
	t.Run("percentiles", func(t *testing.T) { checkPercentiles(t, &l) })
	t.Run("curves", func(t *testing.T) { checkCurves(t, &l) })
	t.Run("tables", func(t *testing.T) { checkTables(t, &l) })
	t.Run("words", func(t *testing.T) { checkWords(t, &l) })
	t.Run("layout", func(t *testing.T) { checkLayout(t, b, sample) })
	t.Run("fonts", func(t *testing.T) { checkFonts(t, b, file) })
	t.Run("dark", func(t *testing.T) { checkDark(t, b, file, &l) })
	t.Run("download", func(t *testing.T) { checkDownload(t, b, file, sample) })
	t.Run("hostile", func(t *testing.T) { checkHostile(t, b) })
}

// near reports whether a pixel or so is all that is between two values.
func near(got, want, scale float64) bool { return math.Abs(got-want) <= 0.01*math.Abs(scale) }

func checkTables(t *testing.T, l *look) {
	if len(l.Tables) != 4 {
		t.Fatalf("%d tables, want one for each case", len(l.Tables))
	}
	got := l.Tables[1]
	if want := "nfs3, 4 KiB × 16, from nfs://[::1]/x (64 MiB of each file), TCP congestion control reno"; got.Caption != want {
		t.Errorf("caption %q, want %q", got.Caption, want)
	}
	head := got.Rows[0]
	cell := func(way int, name string) string {
		i := slices.Index(head, name)
		if i < 0 {
			t.Errorf("no column %q in %q", name, head)
			return ""
		}
		return got.Rows[1+way][i]
	}
	// 4 KiB × 16: 330, 360 and 390 MiB/s.
	for _, c := range []struct {
		way          int
		column, want string
	}{
		{0, "way", "uring"}, {2, "way", "libnfs"},
		{0, "MiB/s", "330 320…340"}, {1, "MiB/s", "360 349…371"}, {2, "MiB/s", "390 378…402"},
		{1, "CPU s/GiB", "0.240 0.233…0.247"}, {1, "user", "0.080 0.078…0.082"}, {1, "system", "0.160 0.155…0.165"},
		{0, "p50 µs", "640 621…659"}, {2, "p99 µs", "9,600 9,312…9,888"}, {2, "p99.9 µs", ""}, {0, "max µs", "64,000 62,080…65,920"},
		{0, "syscalls", "0.25"}, {2, "syscalls", ""},
		{0, "MiB/s ratio", ""}, {1, "MiB/s ratio", "0.92 0.92…0.92"}, {2, "p50 ratio", "0.33 0.33…0.33"},
	} {
		if text := cell(c.way, c.column); text != c.want {
			t.Errorf("%s, %s: %q, want %q", sampleWays[c.way], c.column, text, c.want)
		}
	}
}

// A way of reading looks the same in all reports of a page.
func TestSameWaySameLook(t *testing.T) {
	turned := slices.Clone(sampleWays)
	slices.Reverse(turned)
	text, err := os.ReadFile(write(t, newSample(sampleWays, []int{4096}, []int{1}), newSample(turned, []int{4096}, []int{1})))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`<li><span class="swatch ([^"]*)"></span>([^<]*)</li>`).FindAllStringSubmatch(string(text), -1)
	if len(found) != 6 || found[0][2] != found[5][2] {
		t.Fatalf("lists of ways: %q", found)
	}
	looks := make(map[string]bool)
	for i := range 3 {
		if a, b := found[i], found[5-i]; a[1] != b[1] {
			t.Errorf("%s is %q and %q", a[2], a[1], b[1])
		}
		looks[found[i][1]] = true
	}
	if len(looks) != 3 {
		t.Errorf("three ways look like %d", len(looks))
	}
	for _, part := range []string{"report-1", "report-2"} {
		if !strings.Contains(string(text), `href="#`+part+`"`) || !strings.Contains(string(text), `id="`+part+`"`) {
			t.Errorf("%s is not in the list of contents", part)
		}
	}
}

// The page says what was measured, when, on what, and who was absent.
func checkWords(t *testing.T, l *look) {
	for _, want := range []string{
		"uringbench compare", "23 November 2026, 08:20 UTC", "Linux 6.1.0-test", "Example CPU", "2 CPUs", "congestion control bbr",
		"pinned to CPU 1", "nfs://[::1]/x", "64 MiB whole", "7 repetitions", "libgfapi: glusterfs/api/glfs.h is not installed",
		"within the noise",
	} {
		if !strings.Contains(strings.Join(strings.Fields(l.Text), " "), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(l.Text, "Interrupted") {
		t.Error("the page says that it was interrupted")
	}
}
