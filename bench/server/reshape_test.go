package server_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// fragments reads a record and returns it with the lengths of its fragments.
func (c *client) fragments() (record []byte, lengths []int, err error) {
	for {
		var mark [xdrwire.MarkBytes]byte
		if _, err := io.ReadFull(c.in, mark[:]); err != nil {
			return nil, nil, err
		}
		m := xdrwire.ParseMark(mark[:])
		n := len(record)
		record = append(record, make([]byte, m.Len())...)
		if _, err := io.ReadFull(c.in, record[n:]); err != nil {
			return nil, nil, err
		}
		lengths = append(lengths, m.Len())
		if m.Last() {
			return record, lengths, nil
		}
	}
}

// Cut and shuffled or not, the same replies arrive.
func TestReshapedReplies(t *testing.T) {
	listen := func(o server.Options) nfsClient {
		o.Tree = trees(t)["synthetic"]
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return dialNFS(t, startWith(t, o, l))
	}
	// together has READs of these sizes arrive together and returns the
	// replies as they leave.
	together := func(c nfsClient, sizes []uint32) (replies [][]byte, lengths [][]int) {
		root := server.RootID
		c.xid = 100
		calls := c.frame(nfs3.ProcGetattr, nfs3.AppendGetattrArgs(nil, &nfs3.GetattrArgs{
			Object: must[nfs3.FileHandle](t)(nfs3.NewFileHandle(root[:])),
		}))
		file := must[nfs3.FileHandle](t)(nfs3.NewFileHandle([]byte("synthetc\x00\x00\x00\x00\x00\x00\x00\x02")))
		for _, size := range sizes {
			calls = append(calls, c.frame(nfs3.ProcRead, nfs3.AppendReadArgs(nil, file, 7, size))...)
		}
		if _, err := c.net.Write(calls); err != nil {
			t.Fatal(err)
		}
		for range len(sizes) + 1 {
			record, cut, err := c.fragments()
			if err != nil {
				t.Fatal(err)
			}
			replies, lengths = append(replies, record), append(lengths, cut)
		}
		return replies, lengths
	}
	sizes := []uint32{1, 4096, 100_001, 0, 16385, 300_000}
	want, cut := together(listen(server.Options{}), sizes)
	for i := range cut {
		if len(cut[i]) != 1 {
			t.Errorf("reply %d without options has fragments %v", i, cut[i])
		}
	}
	for _, fragment := range []int{0, 1, 2, 3, 4, 5, 23, 24, 25, 27, 28, 100, 112, 113, 65532, 1 << 30} {
		for _, seed := range []uint64{0, 1, 2} {
			t.Run(fmt.Sprintf("%d/%d", fragment, seed), func(t *testing.T) {
				got, cut := together(listen(server.Options{Fragment: fragment, Shuffle: seed}), sizes)
				for i := range cut {
					for j, n := range cut[i] {
						if last := j == len(cut[i])-1; fragment > 0 && (n > fragment || n < fragment && !last) {
							t.Fatalf("reply %d: fragment %d has %d bytes", i, j, n)
						}
					}
				}
				same := slices.EqualFunc(got, want, bytes.Equal)
				if same != (seed == 0) {
					t.Errorf("replies are the same in the same order: %v", same)
				}
				xid := func(a, b []byte) int { return bytes.Compare(a[:4], b[:4]) }
				slices.SortFunc(got, xid)
				if !slices.EqualFunc(got, want, bytes.Equal) {
					t.Error("replies are not the same")
				}
			})
		}
	}
}

// The library reads the right bytes whatever servers do to their replies.
func TestReadvOfReshapedReplies(t *testing.T) {
	for _, protocol := range protocols {
		for _, fragment := range []int{0, 1, 3, 4, 100, 65532} {
			for _, seed := range []uint64{0, 7} {
				o := server.Options{Fragment: fragment, Shuffle: seed}
				t.Run(fmt.Sprintf("%s/%d/%d", protocol, fragment, seed), func(t *testing.T) {
					t.Parallel()
					readReshaped(t, protocol, o)
				})
			}
		}
	}
}

// plans are all ways of receiving.
var plans = []transport.Plan{
	transport.PlanAuto, transport.PlanExact, transport.PlanOverlap, transport.PlanStaged, transport.PlanSpeculative,
}

func readReshaped(t *testing.T, protocol server.Protocol, o server.Options) {
	var err error
	o.Tree, err = server.Synthetic([]server.SyntheticFile{{Name: "file", Size: fileBytes, Seed: 5}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	startWith(t, o, l)
	url := server.New(o).URL(protocol, l.Addr(), "file")
	maxBytes := 200_000
	if 0 < o.Fragment && o.Fragment < 100 {
		maxBytes = 3000 // each fragment takes its time
	}
	for _, plan := range plans {
		f, err := readv.Open(t.Context(), url, &readv.Options{Plan: plan, Timeout: 20 * time.Second})
		if err != nil {
			t.Fatalf("%v: %v", plan, err)
		}
		if err := readRandomly(t, f, maxBytes); err != nil {
			t.Errorf("%v: %v", plan, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// readRandomly has many reads in flight and compares what they brought, and
// what lies around it.
func readRandomly(t *testing.T, f *readv.File, maxBytes int) error {
	const depth, rounds, guard = 16, 6, 0xa5
	random := rand.New(rand.NewPCG(1, uint64(maxBytes)))
	ops := make([]*readv.Op, depth)
	q := f.Volume().NewQueue(depth)
	for range rounds {
		for i := range ops {
			n, cut := 1+random.IntN(maxBytes), 0
			if random.IntN(2) == 0 {
				n = 1 + random.IntN(100)
			}
			cut = random.IntN(n)
			b := bytes.Repeat([]byte{guard}, n+16)
			ops[i] = &readv.Op{
				File: f, Off: random.Int64N(fileBytes), UserData: b,
				Iovs: [][]byte{b[8 : 8+cut : 8+cut], b[8+cut : 8+n : 8+n]},
			}
		}
		if _, err := q.Submit(ops...); err != nil {
			return err
		}
		done := make([]*readv.Op, depth)
		for left := depth; left > 0; {
			n, err := q.Wait(t.Context(), done, 1)
			if err != nil {
				return err
			}
			left -= n
			for _, o := range done[:n] {
				if err := checkRead(o); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkRead(o *readv.Op) error {
	got := o.UserData.([]byte)
	asked := len(got) - 16
	n := int(min(int64(asked), fileBytes-o.Off))
	if o.N != n || o.Err != nil && !errors.Is(o.Err, io.EOF) || (o.Err != nil) != (n < asked) {
		return fmt.Errorf("read of %d at %d: %d bytes, %v", asked, o.Off, o.N, o.Err)
	}
	want := make([]byte, n)
	server.Pattern(5, o.Off, want)
	if !bytes.Equal(got[8:8+n], want) {
		return fmt.Errorf("read of %d at %d: wrong bytes", asked, o.Off)
	}
	const guards = 0xa5a5a5a5_a5a5a5a5
	if binary.LittleEndian.Uint64(got) != guards || binary.LittleEndian.Uint64(got[8+asked:]) != guards {
		return fmt.Errorf("read of %d at %d: bytes beside the buffer changed", asked, o.Off)
	}
	return nil
}
