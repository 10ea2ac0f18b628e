package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// spoilt is a report as JSON in which something was replaced.
func spoilt(t *testing.T, old, by string) string {
	t.Helper()
	text, err := json.Marshal(checkedReport())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("nothing to replace: %s in\n%s", old, text)
	}
	return strings.Replace(string(text), old, by, 1)
}

// checkedReport has something in every field that is shown, and figures that are odd and
// allowed.
func checkedReport() *Report {
	r := someReport()
	r.Jobs = []Job{{Name: JobMatrix, Title: "Blocks", Description: "and depths — “all” of them"}}
	r.Runs[0].Service = &Latency{P50: 1}
	r.Runs[1].CPUUserS, r.Runs[1].Wakeups = -0.001, -3
	r.Runs[1].Derive()
	r.Absent[0].Reason = "it failed\n  try: another"
	return r
}

// A stranger's report reaches a terminal only if it is harmless there.
func TestReadRefuses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.json")
	for _, c := range []struct{ old, by, says string }{
		{`"Some CPU"`, `"\u001b[2J"`, "host.cpu_model: "},
		{`"way":"loop"`, `"way":"a\nb"`, `runs[1].way: "a\nb" has a control character`},
		{`"way":"loop"`, `"way":"\u009b31m"`, "runs[1].way: "},
		{`"something was ignored"`, `"\u202eso"`, "notes[0]: "},
		{`nfs://nowhere/file`, `nfs://\u0007`, `servers[0].urls["nfs3"]: `},
		{`"nfs3":"nfs:`, `"\u007f":"nfs:`, "servers[0].urls: "},
		{`it failed`, `it \u001b[failed`, "absent[0].reason: "},
		{`"depth":2`, `"depth":-2`, "runs[0].depth: -2 is nothing that was measured"},
		{`"block_bytes":4096`, `"block_bytes":-4096`, "runs[0].block_bytes: "},
		{`"repeat":6`, `"repeat":-6`, "setup.repeat: "},
		{`"seconds":0.5`, `"seconds":1e10`, "setup.seconds: "},
		{`"p50":50`, `"p50":1e308`, "runs[0].latency_us.p50: 1e+308 is "},
		{`"service_us":{"p50":1`, `"service_us":{"p50":1e-300`, "runs[0].service_us.p50: 1e-300 is "},
		{`"latency_us":{"p50":50`, `"latency_us":{"p50":1e999`, "cannot unmarshal number 1e999"},
		{`"bytes":4194304`, `"bytes":0`, "runs[0].reads: 1024 in 1 s that brought 0 bytes"},
		{`"command":"compare"`, `"command":"été"`, "command: "},
	} {
		if err := os.WriteFile(name, []byte(spoilt(t, c.old, c.by)), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadFile(name)
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "\n  try: a file that uringbench wrote") {
			t.Errorf("%s: %v, want %q", c.by, err, c.says)
		}
	}
	if _, err := parse([]byte(spoilt(t, `"loop"`, `"löop ∞"`))); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
}

// What is made printable can be read back.
func TestPrintable(t *testing.T) {
	r := checkedReport()
	r.Absent[0].Reason, r.Notes[0] = Printable("\x1b[31mfio:\tno\r\n  try: x"), Printable("\u202ea\u0085b…")
	if r.Absent[0].Reason != " [31mfio: no \n  try: x" || r.Notes[0] != " a b…" {
		t.Errorf("%q, %q", r.Absent[0].Reason, r.Notes[0])
	}
	text, err := json.Marshal(r)
	if err == nil {
		_, err = parse(text)
	}
	if err != nil {
		t.Error(err)
	}
}

var longNumber = regexp.MustCompile(`[0-9,.]{80}`)

// FuzzRead: what is read can be shown, and does nothing to a terminal.
func FuzzRead(f *testing.F) {
	// Short ones: the fuzzer cuts what it finds down, byte by byte.
	const runs = `"runs":[{"way":"a","server":"s","block_bytes":4096,"depth":2,"repeat":1,"seconds":1,"reads":3,"bytes":9,"cpu_user_s":1,"latency_us":{"p50":5}},
		{"way":"b","server":"s","block_bytes":4096,"depth":2,"repeat":1,"seconds":1,"reads":3,"bytes":9,"mib_per_s":2,"wakeups":-4}]`
	for _, text := range []string{
		`{"schema":2,"command":"compare","servers":[{"name":"s","urls":{"nfs3":"u"}}],"notes":["n"],"setup":{"repeat":6},` + runs + `}`,
		`{"schema":2,"command":"run","jobs":[{"name":"","title":"t"}],` + runs + `}`,
		`{"schema":2,"command":"run","absent":[{"way":"w","reason":"r\n"}],"jobs":[{"name":"matrix"}],"runs":[{"job":"matrix","rate_per_s":1e3,"missed":2,"reads":1,"bytes":1,"seconds":1e-15,"mib_per_s":1e15,"cpu_user_s":1e15,"cpu_s_per_gib":1e15}]}`,
	} {
		if _, err := parse([]byte(text)); err != nil {
			f.Fatalf("%v in %s", err, text)
		}
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		var b strings.Builder
		if err := errors.Join(r.WriteText(&b), r.WriteBench(&b)); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }); i >= 0 || !utf8.ValidString(out) {
			t.Errorf("a control character at %d, or no UTF-8: %q", i, out)
		}
		for _, name := range []string{r.Host.Kernel, r.Host.CPUModel, r.Command} {
			out = strings.ReplaceAll(out, name, "")
		}
		if long := longNumber.FindString(out); long != "" && !longNumber.Match(text) {
			t.Errorf("a number of %d digits: %s", len(long), long)
		}
	})
}
