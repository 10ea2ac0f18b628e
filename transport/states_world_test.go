package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

const (
	stateBytes   = 20_000 // of each read: more than is staged
	stateGuard   = 64     // bytes around each buffer
	stateClosing = 5 * time.Millisecond
	caseLimit    = 10 * time.Second // a hang
)

// stateServer hands the server's end of each connection to the test.
type stateServer struct {
	tb      testing.TB
	address string
	peers   chan statePeer
}

type statePeer struct {
	*transporttest.Peer
	leave func() // the connection is closed
	goOn  func() // all that is owed is sent, and all that is asked for is answered
}

func newStateServer(t testing.TB) *stateServer {
	s := &stateServer{tb: t, peers: make(chan statePeer, 1)}
	s.address = transporttest.Serve(t, func(p *transporttest.Peer) {
		left := make(chan bool)
		s.peers <- statePeer{Peer: p, leave: sync.OnceFunc(func() { close(left) })}
		<-left
	}).Address()
	return s
}

// stateWorld is one case: an engine, a connection, the call it is about and one
// beside it.
type stateWorld struct {
	history
	server *stateServer
	e      *Engine
	c      *Conn // the last one there was
	o      ConnOptions
	q      *Queue
	peers  []statePeer // by connection
	next   successor
	cut    bool // the server has ended the last connection

	memory    []byte
	subject   *testRead
	neighbour *testRead
	ended     map[*Call]ending

	owed       []byte         // what the first peer has not sent yet
	background sync.WaitGroup // of events that take their time
}

// run makes the case happen. If the call's time was up before its turn, that is no
// case: then there is more of it.
func (s *stateServer) run(h history) error {
	for patience := 4 * time.Millisecond; ; patience *= 4 {
		w, err := s.begin(h, patience)
		if err == nil {
			err = w.play()
		}
		for _, p := range w.peers {
			p.leave()
		}
		w.background.Wait()
		if closeErr := w.e.Close(); closeErr != nil {
			return closeErr
		}
		if errors.Is(err, errEarly) && patience < time.Second/4 {
			for w.q.Pop() != nil {
			}
			continue
		}
		if err == nil {
			err = w.accounts()
		}
		return err
	}
}

var errEarly = errors.New("the deadline came before the events ahead of it")

func (s *stateServer) begin(h history, patience time.Duration) (*stateWorld, error) {
	o, co := Options{CloseTimeout: stateClosing}, ConnOptions{Depth: 2}
	if h.at == placeGuessed {
		o.Plan = PlanSpeculative
	}
	if h.at == placeQueued {
		co.Depth = 1
	}
	w := &stateWorld{history: h, server: s, e: newEngine(s.tb, o), o: co, ended: map[*Call]ending{}}
	w.q = w.e.NewQueue(2)
	if h.resend {
		w.o.Lost = func(*Conn) {} // Resend, Retire and Forsake are up to the test
	}
	if err := w.connect(); err != nil {
		s.tb.Fatal(err)
	}
	w.memory = bytes.Repeat([]byte{canary}, 2*(stateBytes+stateGuard)+stateGuard)
	w.subject, w.neighbour = w.read(0), w.read(1)
	return w, w.settle(patience)
}

// connect makes a connection.
func (w *stateWorld) connect() error {
	o, asked := w.o, false // a closed engine may refuse before or after
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = true
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	c, err := w.e.Dial(ctx, w.server.address, o)
	if !asked {
		return err
	}
	p, first := <-w.server.peers, len(w.peers) == 0
	if err != nil {
		p.leave()
		return err
	}
	w.c, w.cut = c, false
	p.goOn = sync.OnceFunc(func() {
		if first {
			p.Write(w.owed)
		}
		w.background.Go(func() { serveReads(p.Peer) })
	})
	w.peers = append(w.peers, p)
	return nil
}

// peer is the server's end of the last connection.
func (w *stateWorld) peer() statePeer { return w.peers[len(w.peers)-1] }

// reconnect makes a connection in the place of one that the server has ended. If
// the engine is closed meanwhile there is none.
func (w *stateWorld) reconnect() error {
	if !w.cut {
		return nil
	}
	if err := w.noticeLoss(); err != nil {
		return err
	}
	old := w.c
	if err := w.connect(); err != nil {
		if errors.Is(err, ErrClosed) {
			return nil
		}
		return err
	}
	w.next.set(w.e, w.c)
	old.Retire()
	return nil
}

// noticeLoss waits until the engine says that the connection has ended.
func (w *stateWorld) noticeLoss() error {
	for end := time.Now().Add(caseLimit / 2); time.Now().Before(end); w.q.Wait(ctx, 0) {
		w.e.mu.Lock()
		noticed := w.c.err != nil && !w.c.receiving
		w.e.mu.Unlock()
		if noticed {
			return nil
		}
	}
	return errors.New("the end of the connection is not noticed")
}

// read is one of the two reads, into two slices with guards around them.
func (w *stateWorld) read(i int) *testRead {
	at := stateGuard + i*(stateBytes+stateGuard)
	p := w.memory[at : at+stateBytes : at+stateBytes]
	r := newRead(uint64(i)*stateBytes, p[:stateBytes/3:stateBytes/3], p[stateBytes/3:])
	r.Conn = w.c
	if w.resend {
		r.Resend = &w.next
	}
	return r
}

// settle brings the call to its place.
func (w *stateWorld) settle(patience time.Duration) error {
	order, sent := []*testRead{w.subject, w.neighbour}, 0 // bytes of the first reply
	switch w.at {
	case placeQueued:
		order = []*testRead{w.neighbour, w.subject}
	case placeHead:
		sent = 32 // of 36
	case placePayload:
		sent = stateBytes / 2
	case placeGuessed:
		order, sent = []*testRead{w.neighbour, w.subject}, stateBytes/2
		if err := w.warmUp(); err != nil {
			return err
		}
	case placeDone:
		sent = len(readReply(0, 0, stateBytes))
	}
	if w.has(eventDeadline) {
		w.subject.Deadline = time.Now().Add(patience)
	}
	if err := w.q.Add(&order[0].Call, &order[1].Call); err != nil {
		return err
	}
	w.q.Flush()
	calls := w.peer().Calls(min(2, w.c.opt.Depth))
	for _, c := range calls {
		off, n := parseReadArgs(c.Args)
		w.owed = append(w.owed, readReply(c.XID, off, n)...)
	}
	w.peer().Write(w.owed[:sent])
	w.owed = w.owed[sent:]
	if w.at == placeWaiting {
		w.happen(eventRST)
		if err := w.noticeLoss(); err != nil {
			return err
		}
	}
	return w.until(func() bool {
		s := w.subject
		switch w.at {
		case placeQueued:
			return s.state == stateQueued && w.neighbour.state == stateSent
		case placeSent:
			return s.state == stateSent && !s.aimed && w.c.receiving
		case placeHead:
			return s.state == stateReceiving && !s.aimed && w.c.receiving
		case placePayload:
			return s.state == stateReceiving && s.aimed && w.neighbour.state == stateSent
		case placeWaiting:
			return s.state == stateQueued && w.neighbour.state == stateQueued && s.Conn.backlog.count == 2
		case placeGuessed:
			return s.state == stateSent && s.aimed && w.neighbour.state == stateReceiving
		}
		return s.state == stateDone
	})
}

// warmUp has one read answered: guesses go by the head of the last reply.
func (w *stateWorld) warmUp() error {
	w.background.Go(func() {
		for _, c := range w.peer().Calls(1) {
			w.peer().Write(readReply(c.XID, 0, 1))
		}
	})
	return w.q.Do(ctx, newRead(0, make([]byte, 1)).on(w.c))
}

// until drives until the condition holds.
func (w *stateWorld) until(condition func() bool) error {
	for end := time.Now().Add(caseLimit / 2); ; {
		w.e.mu.Lock()
		holds := condition()
		late := w.subject.state == stateDone && w.at != placeDone && len(w.ended) == 0
		state := w.subject.state
		w.e.mu.Unlock()
		switch {
		case holds:
			return nil
		case late && w.has(eventDeadline):
			return errEarly
		case time.Now().After(end):
			return fmt.Errorf("the call did not get to its place: it is in state %d", state)
		}
		w.q.Wait(ctx, 0)
	}
}

// play has the events happen and the calls end.
func (w *stateWorld) play() error {
	for i, e := range w.events {
		if err := w.happen(e); err != nil {
			return err
		}
		if !w.pause {
			continue
		}
		if w.steps(w.at, w.events[:i+1]...) != endNone {
			if err := w.reap(&w.subject.Call); err != nil {
				return err
			}
		}
		// A call that is done does not tell of the loss, but the one beside it may.
		if e.loss() && (i == 0 || !w.has(eventCloseEngine, eventCloseConn)) {
			if err := w.noticeLoss(); err != nil {
				return err
			}
		}
	}
	if !w.pends() {
		if err := w.reap(&w.subject.Call); err != nil {
			return err
		}
	}
	if err := w.resume(); err != nil {
		return err
	}
	if err := errors.Join(w.reap(&w.subject.Call), w.reap(&w.neighbour.Call)); err != nil {
		return err
	}
	if w.connectionLives() && !(w.mayFallSilent() && errors.Is(w.c.Err(), ErrSilent)) {
		if err := w.afterwards(); err != nil {
			return err
		}
	}
	return w.untouched()
}

// resume has the server go on, on a new connection if calls wait for one: what was
// asked for before is answered late.
func (w *stateWorld) resume() error {
	if w.resend {
		if err := w.reconnect(); err != nil {
			return err
		}
	}
	for _, p := range w.peers {
		p.goOn()
	}
	return nil
}

// happen has one event happen. With a pause it has had its effect on the
// connection, too, as far as the caller can tell.
func (w *stateWorld) happen(e event) error {
	blocking := func(f func() error) {
		run := func() {
			if err := f(); err != nil {
				w.e.opt.Logger.Error(err.Error())
			}
		}
		if w.pause {
			run()
			return
		}
		w.background.Go(run)
	}
	tcp := w.peer().Conn.(*net.TCPConn)
	w.cut = w.cut || e.loss()
	switch e {
	case eventCancel:
		w.q.Cancel(&w.subject.Call, nil)
	case eventDeadline:
		w.passDeadline()
	case eventReply:
		w.peer().goOn()
	case eventFIN:
		tcp.CloseWrite()
	case eventRST:
		tcp.SetLinger(0)
		tcp.Close()
	case eventCloseConn:
		blocking(w.c.Close)
	case eventCloseEngine:
		blocking(w.e.Close)
	case eventReconnect:
		return w.reconnect()
	case eventForsake:
		w.c.Forsake(errors.New("a reason of the owner's"))
	}
	return nil
}

// passDeadline waits until the call's time is up and the engine has seen to it,
// by its own timer.
func (w *stateWorld) passDeadline() {
	deadline := w.subject.Deadline
	time.Sleep(time.Until(deadline))
	for seen := false; !seen; time.Sleep(50 * time.Microsecond) {
		w.e.mu.Lock()
		next := w.e.deadline.next
		seen = next.IsZero() || next.After(deadline) || w.e.closed
		w.e.mu.Unlock()
	}
}

// reap takes calls from the queue until the one wanted has been reported, and
// takes their memory back by overwriting it.
func (w *stateWorld) reap(want *Call) error {
	for end := time.Now().Add(caseLimit / 2); w.ended[want] == ""; {
		w.q.Wait(ctx, 0)
		call := w.q.Pop()
		if call == nil {
			if time.Now().After(end) {
				return fmt.Errorf("a call is not reported; its state is %d", want.state)
			}
			continue
		}
		if w.ended[call] != "" {
			return errors.New("a call was reported twice")
		}
		r, allowed := w.subject, w.endings()
		if call == &w.neighbour.Call {
			r, allowed = w.neighbour, w.neighbourEndings()
		}
		how, err := r.ending()
		if err == nil && !slices.Contains(allowed, how) {
			err = fmt.Errorf("read %d ended with %v, which is not one of %v (%v)", call.UserData, how, allowed, call.Err)
			if r == w.subject && w.has(eventDeadline) && errors.Is(call.Err, ErrDeadline) {
				err = fmt.Errorf("%w, or %w", errEarly, err)
			}
		}
		if err != nil {
			return err
		}
		w.ended[call] = how
		for _, p := range call.Iovs {
			mark(p)
		}
	}
	return nil
}

// ending is how a read has ended.
func (r *testRead) ending() (ending, error) {
	var lost *ConnError
	var outage *OutageError
	switch {
	case r.Err == nil && r.Received == stateBytes && bytes.Equal(bytes.Join(r.Iovs, nil), pattern(r.UserData.(uint64), stateBytes)):
		return endWhole, nil
	case r.Err == nil:
		return "", fmt.Errorf("read %d: wrong bytes", r.UserData)
	case errors.Is(r.Err, context.Canceled):
		return endCanceled, nil
	case errors.As(r.Err, &outage):
		return endOutage, nil
	case errors.Is(r.Err, ErrDeadline):
		return endDeadline, nil
	case errors.Is(r.Err, ErrClosed):
		return endClosed, nil
	case errors.As(r.Err, &lost):
		return endLost, nil
	}
	return "", fmt.Errorf("read %d: %w", r.UserData, r.Err)
}

// afterwards makes one more read on a connection that lives: then all late replies
// have come.
func (w *stateWorld) afterwards() error {
	again := newRead(7, make([]byte, stateBytes))
	if err := w.q.Do(ctx, again.on(w.c)); err != nil || !bytes.Equal(again.Iovs[0], pattern(7, stateBytes)) {
		return fmt.Errorf("a read behind it: %w, or wrong bytes", err)
	}
	s := w.e.Stats()
	least, most := w.lateReplies(w.ended[&w.subject.Call])
	if late := int(s.LateReplies); late < least || late > most {
		return fmt.Errorf("%d late replies, want %d to %d", late, least, most)
	}
	w.e.mu.Lock()
	defer w.e.mu.Unlock()
	if s.UnknownReplies != 0 || s.LostConns != 0 || w.c.slots.dead != 0 || w.c.err != nil {
		return fmt.Errorf("%d replies to nothing, %d connections lost, %d slots dead, ended: %v", s.UnknownReplies, s.LostConns, w.c.slots.dead, w.c.err)
	}
	return nil
}

// untouched says whether a byte has changed that was not lent.
func (w *stateWorld) untouched() error {
	for _, r := range []*testRead{w.subject, w.neighbour} {
		if !marked(bytes.Join(r.Iovs, nil)) {
			return fmt.Errorf("read %d: a byte landed after the report", r.UserData)
		}
	}
	for at := 0; at < len(w.memory); at += stateGuard + stateBytes {
		if len(bytes.Trim(w.memory[at:at+stateGuard], string([]byte{canary}))) > 0 {
			return fmt.Errorf("a byte between the buffers was written, at %d", at)
		}
	}
	return nil
}

// accounts are those of the engine that is closed.
func (w *stateWorld) accounts() error {
	if call := w.q.Pop(); call != nil {
		return errors.New("a call more was reported")
	}
	s := w.e.Stats()
	if s.Accepted != s.Reported || s.Connections != 0 || w.q.InFlight() != 0 || len(w.e.lent.sorted) > 0 {
		return fmt.Errorf("accepted %d, reported %d, %d connections, %d in the queue, %d chunks lent",
			s.Accepted, s.Reported, s.Connections, w.q.InFlight(), len(w.e.lent.sorted))
	}
	return w.untouched()
}
