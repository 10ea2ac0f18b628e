package peers

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// dumpProc asks an RPC server of GlusterFS which programs it has.
var dumpProc = Procedure{123451501, 1, 1}

// exchange sends the records in one write and reads one record for each.
func (c *Capturing) exchange(t *testing.T, addr string, records ...[]byte) {
	t.Helper()
	conn, err := c.Dial(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(startTimeout))
	if _, err := conn.Write(bytes.Join(records, nil)); err != nil {
		t.Fatal(err)
	}
	for range records {
		var mark [4]byte
		if _, err := io.ReadFull(conn, mark[:]); err != nil {
			t.Fatal(err)
		}
		size := int64(binary.BigEndian.Uint32(mark[:]) &^ (1 << 31))
		if _, err := io.CopyN(io.Discard, conn, size); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCaptureCountsMessages(t *testing.T) {
	s := Gluster(t)
	brick := s.Volume.Bricks[0].Addr(t)
	c := CaptureOwn(t, s.Addr(), brick)
	// What another client does is not its business.
	other := &Capturing{}
	other.exchange(t, s.Addr(), callRecord(1, dumpProc, 0, 0xcaed))
	c.exchange(t, s.Addr(), callRecord(1, dumpProc, 0, 0xcaed))
	c.exchange(t, brick, callRecord(1, dumpProc, 0, 0xcaed), callRecord(2, dumpProc, 0, 0xcaed))
	want := Decoded{
		Calls:   map[Procedure]int{dumpProc: 3},
		Replies: map[Procedure]int{dumpProc: 3},
	}
	if diff := cmp.Diff(want, c.Decode(t)); diff != "" {
		t.Error(diff)
	}
}

func TestCaptureComplains(t *testing.T) {
	brick := Gluster(t).CreateVolume(t, VolumeSpec{}).Bricks[0].Addr(t)
	for _, tt := range []struct {
		name   string
		record []byte
		want   string
	}{
		{"truncated arguments", callRecord(1, dumpProc, 0), "Malformed Packet"},
		{"unknown program", callRecord(1, Procedure{0x20001234, 1, 1}, 0), "tshark does not know {Program:536875572 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := CaptureOwn(t, brick)
			c.exchange(t, brick, tt.record)
			d := c.Decode(t)
			if !strings.Contains(strings.Join(d.Complaints, "\n"), tt.want) {
				t.Errorf("no %q in %+v", tt.want, d)
			}
			if len(d.Calls) != 0 {
				t.Errorf("counted as good: %+v", d)
			}
		})
	}
}

// TestCaptureDissectsReadReplies pins what tests of the read path rely on:
// tshark takes a real brick's READ replies apart, those of several frames too.
func TestCaptureDissectsReadReplies(t *testing.T) {
	v := Gluster(t).CreateVolume(t, VolumeSpec{})
	const size = 300_000
	v.Put(t, "/file", make([]byte, size))
	f, err := os.Open(filepath.Join(v.Mount(t), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// What was just written would come from the kernel's cache.
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	c := Capture(t, v.Bricks[0].Addr(t))
	if n, err := io.Copy(io.Discard, f); err != nil || n != size {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	d := c.Decode(t)
	if n := d.Replies[Procedure{1298437, 400, 12}]; n < 3 {
		t.Errorf("%d READ replies for %d bytes at most 128 KiB each: %+v", n, size, d)
	}
}
