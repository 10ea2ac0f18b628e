package xdrwire

// Authentication flavours.
const (
	FlavorNone      = 0      // AUTH_NONE, RFC 5531 §10.1
	FlavorSys       = 1      // AUTH_SYS, RFC 5531 appendix A
	FlavorGlusterV2 = 390039 // AUTH_GLUSTERFS_v2, GlusterFS rpc/rpc-lib/src/xdr-rpc.h
	FlavorGlusterV3 = 390040 // AUTH_GLUSTERFS_v3, same place
)

// MaxAuthBytes is the longest body a credential or verifier may have
// (RFC 5531 §8.2).
const MaxAuthBytes = 400

// Limits of AUTH_SYS (RFC 5531 appendix A).
const (
	maxSysMachineBytes = 255
	maxSysGroups       = 16
)

// Auth is a credential or verifier: opaque_auth of RFC 5531 §8.2. Body is not
// written to by this package once the Auth exists, so one Auth may serve many
// calls at once.
type Auth struct {
	Flavor uint32
	Body   []byte
}

// AuthNone returns the empty credential.
func AuthNone() Auth { return Auth{Flavor: FlavorNone} }

// NewAuthSys returns an AUTH_SYS credential. The protocol has room for 16
// groups and 255 bytes of machine name; what is beyond is left out.
func NewAuthSys(stamp uint32, machine string, uid, gid uint32, gids []uint32) Auth {
	machine = machine[:min(len(machine), maxSysMachineBytes)]
	gids = gids[:min(len(gids), maxSysGroups)]
	b := AppendUint32(nil, stamp)
	b = AppendString(b, machine)
	b = AppendUint32(b, uid)
	b = AppendUint32(b, gid)
	return Auth{Flavor: FlavorSys, Body: appendGroups(b, gids)}
}

func appendGroups(b []byte, gids []uint32) []byte {
	b = AppendUint32(b, uint32(len(gids)))
	for _, g := range gids {
		b = AppendUint32(b, g)
	}
	return b
}

func appendAuth(b []byte, a Auth) []byte {
	return AppendOpaque(AppendUint32(b, a.Flavor), a.Body)
}

func (d *Decoder) auth() Auth {
	return Auth{Flavor: d.Uint32(), Body: d.Opaque(MaxAuthBytes)}
}
