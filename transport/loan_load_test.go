package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Deadlines and cancels hit calls in every state, from many goroutines, under
// load. Each popped buffer is overwritten at once and looked at again later: no
// late write, no lost call, and no byte of a successful read is wrong.
func TestEndsUnderLoad(t *testing.T) {
	for _, o := range []Options{
		{Plan: PlanExact}, {Plan: PlanOverlap}, {Plan: PlanStaged}, {Plan: PlanSpeculative}, {Wait: -1},
	} {
		t.Run(fmt.Sprintf("%v/%v", o.Plan, o.Wait), func(t *testing.T) { endsUnderLoad(t, o) })
	}
}

func endsUnderLoad(t *testing.T, o Options) {
	const workers, n = 8, 64 << 10
	rounds := 30
	if raceEnabled {
		rounds = 10
	}
	e, c := start(t, o, func(p *transporttest.Peer) {
		rnd := rand.New(rand.NewPCG(1, 1))
		for c := range p.Stream() {
			off, n := parseReadArgs(c.Args)
			reply := readReply(c.XID, off, n)
			for len(reply) > 0 {
				k := min(len(reply), 1+rnd.IntN(n))
				if _, err := p.Write(reply[:k]); err != nil {
					return
				}
				if reply = reply[k:]; rnd.IntN(2) == 0 {
					time.Sleep(time.Duration(rnd.IntN(200)) * time.Microsecond)
				}
			}
		}
	})
	var succeeded, ended [workers]int
	done := make(chan error, workers)
	for w := range workers {
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 2))
			q := e.NewQueue(4)
			done <- func() error {
				var old [][]byte
				for range rounds {
					var reads []*testRead
					for range 4 {
						r := newRead(rnd.Uint64(), make([]byte, n))
						if rnd.IntN(3) == 0 {
							r.Deadline = time.Now().Add(time.Duration(rnd.IntN(3000)) * time.Microsecond)
						}
						if err := q.Add(r.on(c)); err != nil {
							return err
						}
						reads = append(reads, r)
					}
					q.Flush()
					if rnd.IntN(2) == 0 {
						time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
						q.Cancel(&reads[rnd.IntN(4)].Call, nil)
					}
					if err := q.Wait(ctx, 4); err != nil {
						return err
					}
					for _, p := range old {
						if !marked(p) {
							return errors.New("a byte landed after the report")
						}
					}
					old = old[:0]
					for call := q.Pop(); call != nil; call = q.Pop() {
						switch off := call.UserData.(uint64); {
						case call.Err == nil:
							succeeded[w]++
							if !bytes.Equal(call.Iovs[0], pattern(off, n)) {
								return errors.New("wrong bytes")
							}
						case errors.Is(call.Err, context.Canceled) || errors.Is(call.Err, os.ErrDeadlineExceeded):
							ended[w]++
						default:
							return call.Err
						}
						old = append(old, mark(call.Iovs[0]))
					}
					if len(old) != 4 {
						return fmt.Errorf("%d calls reported of 4", len(old))
					}
				}
				return nil
			}()
		}()
	}
	for range workers {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			panic("hangs")
		}
	}
	all := [2]int{}
	for w := range workers {
		all[0] += succeeded[w]
		all[1] += ended[w]
	}
	s := e.Stats()
	t.Logf("%d succeeded, %d ended early; %+v", all[0], all[1], s)
	if all[0] < 50 || all[1] < 50 || s.LateReplies == 0 {
		t.Error("the load did not do its part")
	}
}
