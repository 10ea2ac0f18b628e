package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/bench/stat"
)

// Facts say what was measured on: pairs of a name and a text.
func (r *Report) Facts() (facts [][2]string) {
	add := func(name, format string, args ...any) {
		facts = append(facts, [2]string{name, fmt.Sprintf(format, args...)})
	}
	h, s := &r.Host, &r.Setup
	add("host", "Linux %s, %s, %s (%s)%s", h.Kernel, h.Go, plural(h.CPUs, "CPU"), h.CPUModel, congestion(h.Congestion))
	if s.Processors > 0 {
		add("client", "this process, %s, GOMAXPROCS %d, %s", pinned(s.ClientCPUs), s.Processors, plural(s.Conns, "connection"))
	} else {
		add("clients", "processes of their own, %s, %s where they can have several", pinned(s.ClientCPUs), plural(s.Conns, "connection"))
	}
	for _, v := range r.Servers {
		where := ""
		if s.ServerCPUs != "" {
			where = ", " + pinned(s.ServerCPUs)
		}
		var urls []string
		for _, protocol := range slices.Sorted(maps.Keys(v.URLs)) {
			urls = append(urls, v.URLs[protocol])
		}
		add("server", "%s%s%s: %s", v.Name, where, congestion(v.Congestion), strings.Join(urls, " "))
	}
	if len(s.Accelerators) > 0 {
		add("library", "accelerated by %s", strings.Join(s.Accelerators, ", "))
	}
	if s.Checked == "" {
		add("bytes", "NOT compared with the file's")
	} else {
		add("bytes", "%s", s.Checked)
	}
	each := "to the end of its job"
	if s.Seconds > 0 {
		each = fmt.Sprintf("for %v", time.Duration(s.Seconds*float64(time.Second)))
	}
	few := ""
	if s.Repeat < stat.MinValues {
		few = fmt.Sprintf("; they are too few to tell a difference from noise: --repeat %d", stat.MinValues)
	}
	add("measured", "%s %s each, in turns, with new connections; medians are shown%s", plural(s.Repeat, "repetition"), each, few)
	for _, note := range r.Notes {
		add("note", "%s", note)
	}
	return facts
}

// WriteGround writes the facts.
func (r *Report) WriteGround(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Facts() {
		fmt.Fprintf(&b, "%-8s %s\n", f[0], f[1])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// server finds it by its name.
func (r *Report) server(name string) *Server {
	for i := range r.Servers {
		if r.Servers[i].Name == name {
			return &r.Servers[i]
		}
	}
	return nil
}

// Heading says what a case reads, from whom.
func (r *Report) Heading(c Case) string {
	text := fmt.Sprintf("%s, %s × %d", c.Protocol, c.Block(), c.Depth)
	if c.RatePerS > 0 {
		text += fmt.Sprintf(", %s reads due each second", whole(c.RatePerS))
	}
	if s := r.server(c.Server); s != nil {
		text += fmt.Sprintf(", from %s (%s of each file)%s", s.URLs[c.Protocol], size.Name(s.SizeBytes), congestion(s.Congestion))
	}
	return text
}

func congestion(name string) string {
	if name == "" {
		return ""
	}
	return ", TCP congestion control " + name
}

func pinned(cpus string) string {
	if cpus == "" {
		return "not pinned"
	}
	return "pinned to CPU " + cpus
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
