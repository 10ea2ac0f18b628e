package xdrwire

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAuthSys(t *testing.T) {
	a := NewAuthSys(7, "host1", 1000, 100, []uint32{4, 24})
	want := "00000007" + "00000005" + "686f737431000000" + "000003e8" + "00000064" + "00000002" + "00000004" + "00000018"
	if got := hex.EncodeToString(a.Body); got != want || a.Flavor != FlavorSys {
		t.Errorf("flavour %d\n got %s\nwant %s", a.Flavor, got, want)
	}
}

func TestAuthSysKeepsProtocolLimits(t *testing.T) {
	a := NewAuthSys(0, strings.Repeat("h", 300), 0, 0, make([]uint32, 40))
	d := NewDecoder(a.Body)
	d.Skip(4)
	machine := d.String(1000)
	d.Skip(8)
	groups := d.Uint32()
	if len(machine) != 255 || groups != 16 || d.Remaining() != 16*4 || len(a.Body) > MaxAuthBytes {
		t.Errorf("machine %d bytes, %d groups, %d bytes in all", len(machine), groups, len(a.Body))
	}
}

func TestAuthGluster(t *testing.T) {
	cred := GlusterCred{PID: -3, UID: 1, GID: 2, Groups: []uint32{5}, LockOwner: []byte{0xab}}
	tests := []struct {
		name   string
		make   func(GlusterCred) (Auth, error)
		flavor uint32
		want   string
	}{
		{"v2", NewAuthGlusterV2, 390039, "fffffffd" + "00000001" + "00000002" + "00000001" + "00000005" + "00000001" + "ab000000"},
		{"v3", NewAuthGlusterV3, 390040, "fffffffd" + "00000001" + "00000002" + "00000000" + "00000000" + "0000000000000000" + "00000001" + "00000005" + "00000001" + "ab000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := tt.make(cred)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(a.Body); got != tt.want || a.Flavor != tt.flavor {
				t.Errorf("flavour %d\n got %s\nwant %s", a.Flavor, got, tt.want)
			}
		})
	}
}

func TestAuthGlusterLimits(t *testing.T) {
	tests := []struct {
		name          string
		make          func(GlusterCred) (Auth, error)
		groups, owner int
		max           int // of the refusal; 0 when accepted
	}{
		{"v2 full of groups", NewAuthGlusterV2, 95, 0, 0},
		{"v2 one more", NewAuthGlusterV2, 96, 0, 95},
		{"v2 with owner", NewAuthGlusterV2, 87, 8, 0},
		{"v2 with owner, one more", NewAuthGlusterV2, 88, 8, 95},
		{"v3 full of groups", NewAuthGlusterV3, 91, 0, 0},
		{"v3 one more", NewAuthGlusterV3, 92, 0, 91},
		{"v3 odd owner", NewAuthGlusterV3, 90, 1, 0},
		{"v3 all owner, one more", NewAuthGlusterV3, 0, 92, 91},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := tt.make(GlusterCred{Groups: make([]uint32, tt.groups), LockOwner: make([]byte, tt.owner)})
			if len(a.Body) > MaxAuthBytes {
				t.Errorf("body of %d bytes", len(a.Body))
			}
			if tt.max == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var size *AuthSizeError
			if !errors.As(err, &size) {
				t.Fatalf("got %v", err)
			}
			want := AuthSizeError{Flavor: size.Flavor, Groups: tt.groups, LockOwnerBytes: tt.owner, Max: tt.max}
			if diff := cmp.Diff(want, *size); diff != "" {
				t.Error(diff)
			}
		})
	}
}
