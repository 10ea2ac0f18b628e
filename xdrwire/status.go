package xdrwire

import "strconv"

// ReplyStat says whether a server took a call on: reply_stat of RFC 5531 §9.
type ReplyStat uint32

// Values of [ReplyStat].
const (
	MsgAccepted ReplyStat = 0 // MSG_ACCEPTED
	MsgDenied   ReplyStat = 1 // MSG_DENIED
)

// AcceptStat is the outcome of an accepted call: accept_stat of RFC 5531 §9.
type AcceptStat uint32

// Values of [AcceptStat].
const (
	Success      AcceptStat = 0 // SUCCESS
	ProgUnavail  AcceptStat = 1 // PROG_UNAVAIL
	ProgMismatch AcceptStat = 2 // PROG_MISMATCH
	ProcUnavail  AcceptStat = 3 // PROC_UNAVAIL
	GarbageArgs  AcceptStat = 4 // GARBAGE_ARGS
	SystemErr    AcceptStat = 5 // SYSTEM_ERR
)

// RejectStat is why a call was denied: reject_stat of RFC 5531 §9.
type RejectStat uint32

// Values of [RejectStat].
const (
	RPCMismatch RejectStat = 0 // RPC_MISMATCH
	AuthError   RejectStat = 1 // AUTH_ERROR
)

// AuthStat is why authentication failed: auth_stat of RFC 5531 §9.
type AuthStat uint32

// Values of [AuthStat]; servers may send others.
const (
	AuthBadCred      AuthStat = 1 // AUTH_BADCRED
	AuthRejectedCred AuthStat = 2 // AUTH_REJECTEDCRED
	AuthBadVerf      AuthStat = 3 // AUTH_BADVERF
	AuthRejectedVerf AuthStat = 4 // AUTH_REJECTEDVERF
	AuthTooWeak      AuthStat = 5 // AUTH_TOOWEAK
	AuthInvalidResp  AuthStat = 6 // AUTH_INVALIDRESP
	AuthFailed       AuthStat = 7 // AUTH_FAILED
)

var authStatText = [...]string{
	AuthBadCred:      "malformed credential",
	AuthRejectedCred: "credential rejected",
	AuthBadVerf:      "malformed verifier",
	AuthRejectedVerf: "verifier rejected",
	AuthTooWeak:      "credential too weak",
	AuthInvalidResp:  "bad response verifier",
	AuthFailed:       "authentication failed",
}

func (s AuthStat) String() string {
	if int64(s) < int64(len(authStatText)) && authStatText[s] != "" {
		return authStatText[s]
	}
	return "auth_stat " + strconv.FormatUint(uint64(s), 10)
}
