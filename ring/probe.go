//go:build linux

package ring

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
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
	// connectTimeout is a thousand times what loopback takes, and several times
	// what it takes an emulated machine whose first connection it is.
	connectTimeout = 200 * time.Millisecond
	// probeMoment is longer than the kernel takes for what it does at once.
	probeMoment = 200 * time.Microsecond
)

var probePayload = bytes.Repeat([]byte("ringread"), probeBytes/8)

// onRig runs a probe on a pair of UNIX sockets.
func onRig(probe func(*rig) error) error { return onSockets(unixPair, probe) }

func onSockets(pair func() (near, far int, err error), probe func(*rig) error) error {
	return onSmallRing(Options{}, func(r *Ring) error {
		near, far, err := pair()
		if err != nil {
			return untold(err)
		}
		return onPair(r, near, far, probe)
	})
}

// onSmallRing runs a probe on a ring, on one thread: what the kernel does of entries
// by itself it does on the thread that submitted them.
func onSmallRing(o Options, probe func(*Ring) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	o.Entries = 4
	r, err := New(o)
	if err != nil {
		return err
	}
	defer r.Close()
	return probe(r)
}

func onPair(r *Ring, near, far int, probe func(*rig) error) error {
	// Closing the far end first ends a receive that a probe left behind, so
	// that the ring's Close, which runs after this, finds nothing in flight.
	defer unix.Close(near)
	defer unix.Close(far)
	a, err := NewArena(probeBytes, 1)
	if err != nil {
		return untold(err)
	}
	b := &rig{r: r, near: near, far: far, arena: a, target: a.Get()[:probeBytes]}
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

func unixPair() (near, far int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	return fds[0], fds[1], err
}

// tcpPair connects two sockets over loopback.
func tcpPair() (near, far int, err error) {
	const kind = unix.SOCK_STREAM | unix.SOCK_CLOEXEC
	listener, err := unix.Socket(unix.AF_INET, kind, 0)
	if err != nil {
		return -1, -1, err
	}
	defer unix.Close(listener)
	if near, err = unix.Socket(unix.AF_INET, kind, 0); err != nil {
		return -1, -1, err
	}
	if far, err = connectLoopback(near, listener); err != nil {
		unix.Close(near)
	}
	return near, far, err
}

func connectLoopback(near, listener int) (far int, err error) {
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return -1, err
	}
	if err := unix.Listen(listener, 1); err != nil {
		return -1, err
	}
	address, err := unix.Getsockname(listener)
	if err != nil {
		return -1, err
	}
	if err := connect(near, address); err != nil {
		return -1, err
	}
	err = uninterrupted(func() error { far, _, err = unix.Accept4(listener, unix.SOCK_CLOEXEC); return err })
	return far, err
}

// connect waits for connectTimeout at most: a firewall may drop what goes over
// loopback.
func connect(fd int, address unix.Sockaddr) error {
	limit := unix.NsecToTimeval(int64(connectTimeout))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit); err != nil {
		return err
	}
	return uninterrupted(func() error { return unix.Connect(fd, address) })
}

// uninterrupted repeats a call for as long as a signal ends it: the runtime sends
// them, and a socket with a timeout is not waited for again by the kernel. A second
// connect waits for the first one.
func uninterrupted(call func() error) error {
	for deadline := time.Now().Add(connectTimeout); time.Now().Before(deadline); {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return unix.ETIMEDOUT
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
	// The machine may be that slow.
	return 0, untold(fmt.Errorf("no completion within %v", probeTimeout))
}

// receiveAll sends the payload, awaits entry 1 and compares what landed.
func (b *rig) receiveAll(queued error) error {
	if queued != nil {
		return queued
	}
	return b.receiveRest(probePayload)
}

func (b *rig) receiveRest(rest []byte) error {
	if _, err := unix.Write(b.far, rest); err != nil {
		return untold(err)
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
		return untold(err)
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
		return untold(err)
	}
	// Let the kernel's retry take the piece before anything else happens.
	return b.r.Enter(1, time.Millisecond)
}

// probePollFirst goes by TCP. Where there is no loopback, or a firewall on it,
// whether the kernel knows the flag can be seen on any socket.
func probePollFirst() error {
	err := onSockets(tcpPair, probeLowWater)
	if isUntold(err) {
		return onRig(func(b *rig) error { return b.receiveAll(b.r.Recv(b.near, b.target, PollFirst, 1)) })
	}
	return err
}

// probeLowWater has fewer bytes there than the socket's SO_RCVLOWAT says: the
// receive must leave them until the rest has come. A UNIX socket counts as
// readable whatever its mark, hence TCP.
func probeLowWater(b *rig) error {
	if err := unix.SetsockoptInt(b.near, unix.SOL_SOCKET, unix.SO_RCVLOWAT, probeBytes); err != nil {
		return untold(err)
	}
	// The rest is not to wait for an acknowledgement.
	if err := unix.SetsockoptInt(b.far, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return untold(err)
	}
	if _, err := unix.Write(b.far, probePayload[:probePiece]); err != nil {
		return untold(err)
	}
	if err := b.r.Recv(b.near, b.target, PollFirst, 1); err != nil {
		return err
	}
	if err := b.r.Enter(1, probeMoment); err != nil {
		return err
	}
	if !b.r.Ready() {
		return b.receiveRest(probePayload[probePiece:])
	}
	n, err := b.await(1)
	switch {
	case err != nil:
		return err
	case n < 0:
		return unix.Errno(-n)
	}
	return fmt.Errorf("took %d bytes below the socket's mark of %d", n, probeBytes)
}
