package xdrwire

import "fmt"

// GlusterCred is who a GlusterFS call is made for.
type GlusterCred struct {
	PID       int32
	UID, GID  uint32
	Groups    []uint32 // auxiliary groups
	LockOwner []byte   // lk_owner; readers need none
}

// How many groups and lock owner bytes, added up, a brick accepts: it counts
// every lock owner byte as one XDR unit (GF_AUTH_GLUSTERFS_MAX_GROUPS in
// rpc/rpc-lib/src/xdr-common.h). Whatever keeps this limit fits MaxAuthBytes.
const (
	glusterV2Units = 95
	glusterV3Units = 91
)

// AuthSizeError says that a credential has more groups and lock owner bytes
// than its flavour can carry.
type AuthSizeError struct {
	Flavor         uint32
	Groups         int
	LockOwnerBytes int
	Max            int // of both together
}

func (e *AuthSizeError) Error() string {
	return fmt.Sprintf("xdrwire: credential flavour %d holds %d groups and lock owner bytes together, not %d and %d: pass fewer groups",
		e.Flavor, e.Max, e.Groups, e.LockOwnerBytes)
}

// NewAuthGlusterV2 returns an AUTH_GLUSTERFS_v2 credential (auth_glusterfs_parms_v2
// in rpc/xdr/src/rpc-common-xdr.x), the one for handshake calls. The error is
// an [*AuthSizeError].
func NewAuthGlusterV2(c GlusterCred) (Auth, error) {
	if err := c.check(FlavorGlusterV2, glusterV2Units); err != nil {
		return Auth{}, err
	}
	return Auth{Flavor: FlavorGlusterV2, Body: c.appendTail(c.appendIDs(nil))}, nil
}

// NewAuthGlusterV3 returns an AUTH_GLUSTERFS_v3 credential
// (auth_glusterfs_params_v3 in rpc/xdr/src/glusterfs4-xdr.x), the one for file
// operations of version 400. Its flags and call time are zero. The error is an
// [*AuthSizeError].
func NewAuthGlusterV3(c GlusterCred) (Auth, error) {
	if err := c.check(FlavorGlusterV3, glusterV3Units); err != nil {
		return Auth{}, err
	}
	b := c.appendIDs(nil)
	b = AppendUint32(b, 0) // flags
	b = AppendUint32(b, 0) // ctime_nsec
	b = AppendUint64(b, 0) // ctime_sec
	return Auth{Flavor: FlavorGlusterV3, Body: c.appendTail(b)}, nil
}

func (c *GlusterCred) check(flavor uint32, max int) error {
	if len(c.Groups)+len(c.LockOwner) > max {
		return &AuthSizeError{Flavor: flavor, Groups: len(c.Groups), LockOwnerBytes: len(c.LockOwner), Max: max}
	}
	return nil
}

func (c *GlusterCred) appendIDs(b []byte) []byte {
	b = AppendInt32(b, c.PID)
	b = AppendUint32(b, c.UID)
	return AppendUint32(b, c.GID)
}

func (c *GlusterCred) appendTail(b []byte) []byte {
	return AppendOpaque(appendGroups(b, c.Groups), c.LockOwner)
}
