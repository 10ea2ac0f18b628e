package gluster

import (
	"fmt"
	"strings"
)

// translator is one block of a volfile.
type translator struct {
	name, kind string
	options    map[string]string
	subvolumes []*translator
}

// parseVolfile reads the graph that glusterd describes a volume with
// (libglusterfs/src/graph.l): blocks "volume NAME … end-volume" of "type",
// "option" and "subvolumes" lines, each naming only blocks before it; the last
// block is the top.
func parseVolfile(spec string) (top *translator, err error) {
	byName := make(map[string]*translator)
	var open *translator
	number := 0
	for line := range strings.SplitSeq(spec, "\n") {
		number++
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		bad := func(reason string) error {
			return fmt.Errorf("gluster: volfile line %d, %.200q: %s", number, line, reason)
		}
		if (open == nil) != (words[0] == "volume") {
			return nil, bad("out of place")
		}
		switch {
		case words[0] == "volume" && len(words) == 2:
			open = &translator{name: words[1], options: make(map[string]string)}
		case words[0] == "type" && len(words) == 2:
			open.kind = words[1]
		case words[0] == "option" && len(words) >= 2:
			open.options[words[1]] = strings.Join(words[2:], " ")
		case words[0] == "subvolumes" && len(words) >= 2:
			for _, name := range words[1:] {
				sub := byName[name]
				if sub == nil {
					return nil, bad("no volume of that name comes before")
				}
				open.subvolumes = append(open.subvolumes, sub)
			}
		case words[0] == "end-volume" && len(words) == 1:
			if open.kind == "" {
				return nil, bad("a volume without a type")
			}
			byName[open.name], top, open = open, open, nil
		default:
			return nil, bad("not understood")
		}
	}
	if open != nil {
		return nil, fmt.Errorf("gluster: volfile ends inside volume %s", open.name)
	}
	if top == nil {
		return nil, fmt.Errorf("gluster: volfile describes no volume")
	}
	return top, nil
}

// UnsupportedVolumeError is a volume of a kind that this package cannot read
// correctly, and so does not read at all.
type UnsupportedVolumeError struct {
	Volume string
	// Translator is the type in the volfile that is not understood, Reason
	// what it would take.
	Translator, Reason string
}

func (e *UnsupportedVolumeError) Error() string {
	return fmt.Sprintf("gluster: volume %s uses %s: %s", e.Volume, e.Translator, e.Reason)
}

// brickOf follows the graph from the top down to the one brick that holds every
// file, and refuses any translator on the way that changes where bytes are.
func brickOf(volume string, top *translator) (*translator, error) {
	for t := top; ; t = t.subvolumes[0] {
		refuse := func(reason string) (*translator, error) {
			return nil, &UnsupportedVolumeError{Volume: volume, Translator: t.kind, Reason: reason}
		}
		switch {
		case t.kind == "protocol/client":
			if isTrue(t.options["transport.socket.ssl-enabled"]) {
				return refuse("TLS to bricks is not supported yet")
			}
			return t, nil
		case t.kind == "cluster/distribute":
			if len(t.subvolumes) != 1 {
				return refuse(fmt.Sprintf("files are spread over %d subvolumes; only one is supported yet", len(t.subvolumes)))
			}
		case t.kind == "cluster/replicate":
			return refuse("choosing a readable replica is not supported yet")
		case t.kind == "features/shard":
			return refuse("files cut into shards are not supported yet")
		case t.kind == "cluster/disperse":
			return refuse("every read decodes fragments under a lock")
		case strings.HasPrefix(t.kind, "performance/"), passThrough[t.kind]:
			// Caches, and translators that only watch.
		default:
			return refuse("it is not known what reads through it must do")
		}
		if len(t.subvolumes) != 1 {
			return refuse(fmt.Sprintf("it has %d subvolumes where one was expected", len(t.subvolumes)))
		}
	}
}

// isTrue reads a boolean option as GlusterFS does (gf_string2boolean).
func isTrue(s string) bool {
	switch strings.ToLower(s) {
	case "1", "on", "yes", "true", "enable":
		return true
	}
	return false
}

// passThrough are translators that leave reads as they are: statistics, the
// client's clock for times, the way to look inside.
var passThrough = map[string]bool{
	"debug/io-stats": true,
	"features/utime": true,
	"meta":           true,
}
