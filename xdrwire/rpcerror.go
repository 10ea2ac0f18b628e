package xdrwire

import "fmt"

// RPCError is a call that the RPC layer of a server refused or failed before
// or instead of running the procedure. Fields are as in [ReplyHeader].
type RPCError struct {
	XID       uint32
	Stat      ReplyStat
	Accept    AcceptStat
	Reject    RejectStat
	Auth      AuthStat
	Low, High uint32
}

// Err returns nil when the call succeeded, else an [*RPCError].
func (h ReplyHeader) Err() error {
	if h.Stat == MsgAccepted && h.Accept == Success {
		return nil
	}
	return &RPCError{
		XID: h.XID, Stat: h.Stat, Accept: h.Accept, Reject: h.Reject,
		Auth: h.Auth, Low: h.Low, High: h.High,
	}
}

// Retryable reports whether the same call, sent again, may succeed. All other
// refusals need a change first: of version, credential or arguments.
func (e *RPCError) Retryable() bool {
	return e.Stat == MsgAccepted && e.Accept == SystemErr
}

func (e *RPCError) Error() string {
	if e.Stat == MsgDenied {
		return "rpc: call denied: " + e.denial()
	}
	switch e.Accept {
	case ProgUnavail:
		return "rpc: the server does not serve this program: check host and port"
	case ProgMismatch:
		if e.High == 0 { // what GlusterFS bricks say
			return "rpc: the server does not serve this version of the program: ask it which it does"
		}
		return fmt.Sprintf("rpc: the server serves versions %d to %d of this program: use one of them", e.Low, e.High)
	case ProcUnavail:
		return "rpc: the server's program lacks this procedure: use an older way or another version"
	case GarbageArgs:
		return "rpc: the server could not decode the arguments: the two sides disagree on the protocol"
	case SystemErr:
		return "rpc: the server failed for reasons of its own, such as memory: try again later"
	}
	return fmt.Sprintf("rpc: the server answered with the unknown accept_stat %d", uint32(e.Accept))
}

func (e *RPCError) denial() string {
	if e.Reject == RPCMismatch {
		return fmt.Sprintf("the server speaks RPC versions %d to %d, not %d", e.Low, e.High, rpcVersion)
	}
	switch e.Auth {
	case AuthTooWeak:
		return e.Auth.String() + ": use a stronger flavour, or have the server accept this one or unprivileged ports"
	case AuthRejectedCred, AuthRejectedVerf:
		return e.Auth.String() + ": begin a new session"
	}
	return e.Auth.String() + ": check the identity used and what the server's export or volume allows"
}
