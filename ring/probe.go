package ring

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// rig is a small ring, a connected pair of sockets and a target to receive
// into: what one probe needs to do a thing once.
type rig struct {
	r         *Ring
	near, far int
	arena     *Arena
	target    []byte
	index     int
}

const (
	probeBytes   = 64
	probeTimeout = time.Second
)

var probePayload = bytes.Repeat([]byte("ringread"), probeBytes/8)

func onRig(probe func(*rig) error) error {
	r, err := New(Options{Entries: 4})
	if err != nil {
		return err
	}
	defer r.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	// Closing the far end first ends a receive that a probe left behind, so
	// that the ring's Close, which runs after this, finds nothing in flight.
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	a, err := NewArena(probeBytes, 1)
	if err != nil {
		return err
	}
	b := &rig{r: r, near: fds[0], far: fds[1], arena: a, target: a.Get()[:probeBytes]}
	err = probe(b)
	if r.InFlight() > 0 {
		// The kernel may still write to the target: leave it mapped.
		unix.Shutdown(b.near, unix.SHUT_RDWR)
		return err
	}
	a.Put(b.target)
	a.Close()
	return err
}

func (b *rig) registerTarget() error {
	t, err := b.r.NewBufferTable(2)
	if err != nil {
		return err
	}
	b.index, err = t.Register(b.arena.Bytes())
	return err
}

// await submits and returns the completion with this user data.
func (b *rig) await(userData uint64) (int32, error) {
	var got [1]CQE
	for deadline := time.Now().Add(probeTimeout); time.Now().Before(deadline); {
		if b.r.Reap(got[:]) == 1 {
			if got[0].UserData == userData {
				return got[0].Result, nil
			}
			continue
		}
		if err := b.r.Enter(1, time.Millisecond); err != nil {
			return 0, err
		}
		if !b.r.CanWait() {
			time.Sleep(100 * time.Microsecond)
		}
	}
	return 0, fmt.Errorf("no completion within %v", probeTimeout)
}

// receiveAll sends the payload, awaits entry 1 and compares what landed.
func (b *rig) receiveAll(queued error) error {
	if queued != nil {
		return queued
	}
	if _, err := unix.Write(b.far, probePayload); err != nil {
		return err
	}
	n, err := b.await(1)
	switch {
	case err != nil:
		return err
	case n < 0:
		return unix.Errno(-n)
	case n != probeBytes || !bytes.Equal(b.target, probePayload):
		return fmt.Errorf("received %d of %d bytes, or wrong ones", n, probeBytes)
	}
	return nil
}

func probeReadFixed(b *rig) error {
	if err := b.registerTarget(); err != nil {
		return err
	}
	return b.receiveAll(b.r.ReadFixed(b.near, b.target, b.index, 1))
}

func probeReadvFixed(b *rig) error {
	if err := b.registerTarget(); err != nil {
		return err
	}
	m := new(Message)
	m.Append(b.target[:24])
	m.Append(b.target[24:])
	return b.receiveAll(b.r.ReadvFixed(b.near, m, b.index, 1))
}

func probeRecvFixed(b *rig) error {
	if err := b.registerTarget(); err != nil {
		return err
	}
	return b.receiveAll(b.r.RecvFixed(b.near, b.target, b.index, unix.MSG_WAITALL, 1))
}

// probeWaitAll lets the payload come in two pieces, with the receive waiting in
// between.
func probeWaitAll(b *rig) error {
	if err := b.r.Recv(b.near, b.target, unix.MSG_WAITALL, 1); err != nil {
		return err
	}
	if err := b.sendFirstPiece(); err != nil {
		return err
	}
	if _, err := unix.Write(b.far, probePayload[probePiece:]); err != nil {
		return err
	}
	n, err := b.await(1)
	if err == nil && n != probeBytes {
		err = fmt.Errorf("came back with %d of %d bytes", n, probeBytes)
	}
	return err
}

// probeCancelKeepsBytes cancels such a receive after the first piece: the bytes
// it took must be in its completion, or the place in the stream is lost.
func probeCancelKeepsBytes(b *rig) error {
	if err := b.r.Recv(b.near, b.target, unix.MSG_WAITALL, 1); err != nil {
		return err
	}
	if err := b.sendFirstPiece(); err != nil {
		return err
	}
	if err := b.r.Cancel(1, 2); err != nil {
		return err
	}
	n, err := b.await(1)
	switch {
	case err != nil:
		return err
	case n < 0:
		return unix.Errno(-n)
	case n != probePiece:
		return fmt.Errorf("reported %d bytes instead of %d", n, probePiece)
	}
	return nil
}

const probePiece = 10

// sendFirstPiece submits the waiting receive and gives it its first bytes.
func (b *rig) sendFirstPiece() error {
	if err := b.r.Enter(0, 0); err != nil {
		return err
	}
	if _, err := unix.Write(b.far, probePayload[:probePiece]); err != nil {
		return err
	}
	// Let the kernel's retry take the piece before anything else happens.
	return b.r.Enter(1, time.Millisecond)
}
