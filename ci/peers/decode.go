package peers

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Procedure names a remote procedure.
type Procedure struct {
	Program, Version, Number uint32
}

// Decoded is what tshark made of a recording.
type Decoded struct {
	// Calls and Replies count the messages whose program tshark knows and in
	// which it found nothing malformed.
	Calls, Replies map[Procedure]int
	// Complaints has an entry for each frame with a malformed packet or
	// another expert note of severity error, and for each message that is not
	// RPC, belongs to no program tshark knows, or answers no call.
	Complaints []string
}

// Decode ends the recording and returns tshark's account of it.
//
// tshark 4.0 takes apart programs 400 and 330 of GlusterFS, READ and its reply
// included. It reads the eight bytes of ctime_sec in an AUTH_GLUSTERFS_v3
// credential as four, and so complains of calls whose ctime is not zero.
func (c *Capturing) Decode(t testing.TB) Decoded {
	t.Helper()
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	d := Decoded{Calls: map[Procedure]int{}, Replies: map[Procedure]int{}}

	notes, err := c.tshark("-Y", "tcp && _ws.expert.severity == error",
		"-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(notes)) {
		frame, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		d.complain(frame, text)
	}

	// -J leaves out what lies within all protocols but the one named: the
	// payloads, several times over.
	pdml, err := c.tshark("-Y", "rpc", "-T", "pdml", "-J", "rpc")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.addPackets(bytes.NewReader(pdml)); err != nil {
		t.Fatal(err)
	}
	return d
}

func (c *Capturing) tshark(args ...string) ([]byte, error) {
	args = append([]string{"-n", "-r", c.file, "-o", "rpc.dissect_unknown_programs:TRUE"}, args...)
	for _, port := range c.ports {
		args = append(args, "-d", "tcp.port=="+port+",rpc")
	}
	var stderr bytes.Buffer
	cmd := exec.Command("tshark", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("tshark: %w\n%s", err, &stderr)
	}
	return out, nil
}

func (d *Decoded) complain(frame, text string) {
	d.Complaints = append(d.Complaints, "frame "+frame+": "+text)
}

// pdmlPacket is a frame as tshark prints it: its protocol layers in order.
type pdmlPacket struct {
	Layers []pdmlLayer `xml:"proto"`
}

type pdmlLayer struct {
	Name   string      `xml:"name,attr"`
	Fields []pdmlField `xml:"field"`
}

type pdmlField struct {
	Name string `xml:"name,attr"`
	Show string `xml:"show,attr"`
	// RPC's fragment header stands one level down.
	Fields []pdmlField `xml:"field"`
}

func (d *Decoded) addPackets(pdml io.Reader) error {
	for dec := xml.NewDecoder(pdml); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "packet" {
			var p pdmlPacket
			if err := dec.DecodeElement(&p, &start); err != nil {
				return err
			}
			if err := d.addPacket(p); err != nil {
				return err
			}
		}
	}
}

// addPacket counts a frame's messages: each is an rpc layer and the layers up
// to the next one.
func (d *Decoded) addPacket(p pdmlPacket) error {
	frame := p.Layers[0].value("num")
	for i, layer := range p.Layers {
		if layer.Name != "rpc" {
			continue
		}
		rest := p.Layers[i+1:]
		for j, l := range rest {
			if l.Name == "rpc" {
				rest = rest[:j]
				break
			}
		}
		if err := d.addMessage(frame, layer, rest); err != nil {
			return fmt.Errorf("frame %s: %w", frame, err)
		}
	}
	return nil
}

func (d *Decoded) addMessage(frame string, rpc pdmlLayer, body []pdmlLayer) error {
	kind := rpc.value("rpc.msgtyp")
	switch {
	case kind == "" && rpc.value("rpc.lastfrag") == "0":
		return nil // its message is shown with the last fragment
	case len(body) > 0 && body[len(body)-1].Name == "_ws.malformed":
		return nil // complained of already
	case kind == "":
		d.complain(frame, "not an RPC message")
		return nil
	case rpc.value("rpc.program") == "":
		d.complain(frame, "reply "+rpc.value("rpc.xid")+" without a call")
		return nil
	}
	p, err := rpc.procedure()
	if err != nil {
		return err
	}
	switch {
	case len(body) == 0 || body[0].Name == "fake-field-wrapper":
		d.complain(frame, fmt.Sprintf("tshark does not know %+v", p))
	case kind == "1":
		d.Replies[p]++
	default:
		d.Calls[p]++
	}
	return nil
}

func (l pdmlLayer) procedure() (p Procedure, err error) {
	for _, f := range []struct {
		name string
		to   *uint32
	}{
		{"rpc.program", &p.Program},
		{"rpc.programversion", &p.Version},
		{"rpc.procedure", &p.Number},
	} {
		n, err := strconv.ParseUint(l.value(f.name), 10, 32)
		if err != nil {
			return p, fmt.Errorf("%s: %w", f.name, err)
		}
		*f.to = uint32(n)
	}
	return p, nil
}

// value is the first field of that name, or "".
func (l pdmlLayer) value(name string) string { return findField(l.Fields, name) }

func findField(fields []pdmlField, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Show
		}
		if v := findField(f.Fields, name); v != "" {
			return v
		}
	}
	return ""
}
