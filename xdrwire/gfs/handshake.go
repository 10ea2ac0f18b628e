package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// GetSpecArgs asks glusterd for a volfile (gf_getspec_req). Without
// min-op-version and max-op-version in Xdata the answer is errno 95.
type GetSpecArgs struct {
	Flags uint32
	Key   string // volume name
	Xdata Dict
}

// AppendGetSpecArgs appends the arguments of GETSPEC.
func AppendGetSpecArgs(b []byte, a *GetSpecArgs) []byte {
	b = xdrwire.AppendUint32(b, a.Flags)
	b = xdrwire.AppendString(b, a.Key)
	return appendLegacyOpaque(b, a.Xdata)
}

// ParseGetSpecArgs parses the arguments of GETSPEC.
func ParseGetSpecArgs(b []byte) (GetSpecArgs, error) {
	d := newDecoder(b)
	a := GetSpecArgs{Flags: d.Uint32(), Key: d.String(maxNameBytes), Xdata: d.legacyOpaque()}
	return a, d.Err()
}

// MaxGetSpecBytes is how long results of GETSPEC are at most that are parsed.
const MaxGetSpecBytes = maxSpecBytes + maxDictBytes + 16

// GetSpecReply carries a volfile (gf_getspec_rsp).
type GetSpecReply struct {
	Result
	Spec  string
	Xdata Dict
}

// AppendGetSpecReply appends the results of GETSPEC.
func AppendGetSpecReply(b []byte, r *GetSpecReply) []byte {
	b = appendResult(b, r.Result)
	b = xdrwire.AppendString(b, r.Spec)
	return appendLegacyOpaque(b, r.Xdata)
}

// ParseGetSpecReply parses the results of GETSPEC.
func ParseGetSpecReply(b []byte) (GetSpecReply, error) {
	d := newDecoder(b)
	r := GetSpecReply{Result: d.result(), Spec: d.String(maxSpecBytes), Xdata: d.legacyOpaque()}
	return r, d.Err()
}

// SetVolumeArgs binds a connection to a brick (gf_setvolume_req). Needed keys:
// remote-subvolume, fops-version, and process-uuid, which must differ between
// all connections to a brick, past ones included.
type SetVolumeArgs struct{ Dict Dict }

// AppendSetVolumeArgs appends the arguments of SETVOLUME.
func AppendSetVolumeArgs(b []byte, a *SetVolumeArgs) []byte {
	return appendLegacyOpaque(b, a.Dict)
}

// ParseSetVolumeArgs parses the arguments of SETVOLUME.
func ParseSetVolumeArgs(b []byte) (SetVolumeArgs, error) {
	d := newDecoder(b)
	a := SetVolumeArgs{Dict: d.legacyOpaque()}
	return a, d.Err()
}

// SetVolumeReply is a brick's answer (gf_setvolume_rsp). Bricks send errno 22
// with success; Result.Err goes by Ret alone. The key ERROR says why a
// SETVOLUME failed, and "Success" otherwise.
type SetVolumeReply struct {
	Result
	Dict Dict
}

// AppendSetVolumeReply appends the results of SETVOLUME.
func AppendSetVolumeReply(b []byte, r *SetVolumeReply) []byte {
	return appendLegacyOpaque(appendResult(b, r.Result), r.Dict)
}

// ParseSetVolumeReply parses the results of SETVOLUME.
func ParseSetVolumeReply(b []byte) (SetVolumeReply, error) {
	d := newDecoder(b)
	r := SetVolumeReply{Result: d.result(), Dict: d.legacyOpaque()}
	return r, d.Err()
}
