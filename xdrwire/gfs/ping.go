package gfs

// PingReply says that a server is alive (gf_common_rsp of rpc-common-xdr.x).
// PING itself has no arguments.
type PingReply struct {
	Result
	Xdata Dict
}

// AppendPingReply appends the results of PING.
func AppendPingReply(b []byte, r *PingReply) []byte {
	return appendLegacyOpaque(appendResult(b, r.Result), r.Xdata)
}

// ParsePingReply parses the results of PING.
func ParsePingReply(b []byte) (PingReply, error) {
	d := newDecoder(b)
	r := PingReply{Result: d.result(), Xdata: d.legacyOpaque()}
	return r, d.Err()
}
