package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/transport"
)

// Contender names. Those of the library take more:
// KIND[-PLACEMENT][:PLAN][+MODERATION][@PROGRAM].
const (
	Uring         = "uring"
	Poller        = "poller"
	NetConnCopy   = "netconn-copy"
	NetConnDirect = "netconn-direct"
	NFSLoop       = "nfsloop"
	Libnfs        = "libnfs"
	Libgfapi      = "libgfapi"
	Fio           = "fio"
)

// Word is something that a list of contenders may hold.
type Word struct {
	Name    string
	Members []string // names it stands for; none: itself
	Meaning string
}

// Words are all there are, without what the names of the library take more.
var Words = []Word{
	{Uring, nil, "this library, by io_uring, payload received where the caller wants it"},
	{Uring + "-copy", nil, "the same, payload received into the library's memory and copied"},
	{Uring + "-fixed", nil, "the same, the caller's memory registered with the ring"},
	{Poller, nil, "this library, by Go's poller"},
	{Poller + "-copy", nil, "the same, payload received into the library's memory and copied"},
	{NetConnCopy, nil, "Go's net.Conn, payload received into a buffer and copied"},
	{NetConnDirect, nil, "the same, payload received into the caller's slice"},
	{NFSLoop, nil, "a C loop of blocking recv(header), recv(payload), send; NFS"},
	{Libnfs, nil, "the library libnfs, asynchronous; NFS"},
	{Libgfapi, nil, "GlusterFS's own client library, asynchronous; GlusterFS"},
	{Fio, nil, "fio with its engine gfapi_async, which is on libgfapi; GlusterFS, if glusterd is\non port 24007. Its bytes cannot be compared, start-up is subtracted"},

	{"engines", []string{Uring, Poller, NetConnDirect}, ""},
	{"plans", []string{Uring, Uring + ":exact", Uring + ":overlap", Uring + ":staged", Uring + ":speculative"}, ""},
	{"placements", []string{Uring, Uring + "-copy", Uring + "-fixed"}, ""},
	{"peers", []string{NFSLoop, Libnfs, Libgfapi, Fio}, "programs and libraries of others"},
	{"all", []string{"engines", "plans", "placements", NetConnCopy, "peers"}, ""},
}

// defaultWords are who is compared if nobody is named. Fio is slow to start.
var defaultWords = []string{Uring, NetConnCopy, NetConnDirect, NFSLoop, Libnfs, Libgfapi}

// Help explains the words, one a line.
func Help() string {
	var b strings.Builder
	for _, w := range Words {
		meaning := w.Meaning
		if len(w.Members) > 0 {
			if meaning != "" {
				meaning += ": "
			}
			meaning += strings.Join(w.Members, ", ")
		}
		fmt.Fprintf(&b, "  %-15s %s\n", w.Name, strings.ReplaceAll(meaning, "\n", "\n"+strings.Repeat(" ", 18)))
	}
	return b.String()
}

// named is a contender by its name, and how the name came.
type named struct {
	contender
	byGroup bool // it may be missing
}

// parseContenders takes the words of a list apart. A name that comes twice, by groups,
// is one contender, at its first place.
func parseContenders(words []string) (list []named, err error) {
	for _, word := range words {
		names, err := members(word)
		if err != nil {
			return nil, err
		}
		byGroup := len(names) > 1
		for _, name := range names {
			i := slices.IndexFunc(list, func(n named) bool { return n.Name == name })
			switch {
			case i < 0:
				c, err := contenderOf(name)
				if err != nil {
					return nil, err
				}
				list = append(list, named{c, byGroup})
			case !byGroup && !list[i].byGroup:
				return nil, fmt.Errorf("contender %s twice", name)
			case !byGroup:
				list[i].byGroup = false
			}
		}
	}
	return list, nil
}

// members are the names that a word stands for.
func members(word string) (names []string, err error) {
	i := slices.IndexFunc(Words, func(w Word) bool { return w.Name == word })
	if i < 0 || len(Words[i].Members) == 0 {
		return []string{word}, nil
	}
	for _, m := range Words[i].Members {
		more, err := members(m)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// contenderOf understands one name.
func contenderOf(name string) (contender, error) {
	program := contender{Way: report.Way{Name: name, Engine: name, Conns: 1}} // in C
	switch name {
	case NFSLoop:
		program.protocols, program.command = nfsOnly, nfsLoop
		return program, nil
	case Libnfs:
		program.protocols, program.command = nfsOnly, libnfs
		return program, nil
	case Libgfapi:
		program.protocols, program.command = glusterOnly, libgfapi
		return program, nil
	case Fio:
		program.protocols, program.fio, program.Unchecked = glusterOnly, true, true
		return program, nil
	}
	way, flags, other, err := ourWay(name)
	if err != nil {
		return contender{}, fmt.Errorf("no contender is called %q: %w", name, err)
	}
	way.Name = name
	return contender{Way: way, ours: true, protocols: bothProtocols, command: ours(way.Engine, other, flags)}, nil
}

// ourWay understands the name of a way in which a uringbench reads. Which plans another
// program has it knows itself.
func ourWay(name string) (w report.Way, flags []string, program string, err error) {
	switch name {
	case NetConnCopy, NetConnDirect:
		w.Engine, w.Placement, _ = strings.Cut(name, "-")
		return w, []string{"--engine", w.Engine, "--placement", w.Placement}, "", nil
	}
	rest, program, other := strings.Cut(name, "@")
	rest, moderation, moderated := strings.Cut(rest, "+")
	rest, plan, planned := strings.Cut(rest, ":")
	kind, placement, placed := strings.Cut(rest, "-")
	switch {
	case kind != Uring && kind != Poller:
		err = fmt.Errorf("there are %s", strings.Join(Names(), ", "))
	case placed && placement != bench.PlacementCopy && (placement != placementFixed || kind != Uring):
		err = fmt.Errorf("%s has no placement %q", kind, placement)
	case other && program == "":
		err = errors.New("which program? want @PROGRAM")
	}
	if !planned {
		plan = transport.PlanAuto.String()
	}
	w = report.Way{Engine: kind, Placement: bench.PlacementDirect, Plan: plan}
	if _, unknown := transport.ParsePlan(plan); !other {
		err = cmp.Or(err, unknown)
	}
	flags = []string{"--engine", kind, "--plan", plan}
	switch placement {
	case bench.PlacementCopy:
		w.Placement = placement
		flags = append(flags, "--placement", placement)
	case placementFixed:
		w.Fixed = true
		flags = append(flags, "--fixed")
	}
	if moderation == "off" {
		moderation = "-1ns"
	}
	if moderated {
		if _, wrong := time.ParseDuration(moderation); wrong != nil {
			err = cmp.Or(err, fmt.Errorf("%q is neither off nor a time like 50us", moderation))
		}
		flags = append(flags, "--moderation", moderation)
	}
	return w, flags, program, err
}

// placementFixed is the name for registered memory.
const placementFixed = "fixed"

// Names are all words.
func Names() (list []string) {
	for _, w := range Words {
		list = append(list, w.Name)
	}
	return list
}

// Default are who is compared if nobody is named.
func Default() []string { return slices.Clone(defaultWords) }
