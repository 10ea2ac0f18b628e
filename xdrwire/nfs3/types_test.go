package nfs3

import (
	"syscall"
	"testing"
	"time"
)

func TestFileHandle(t *testing.T) {
	a, b := handleOf("\x01"), handleOf("\x01\x00")
	if a == b {
		t.Error("handles of different lengths are equal")
	}
	if a != handleOf("\x01") || string(a.Bytes()) != "\x01" {
		t.Errorf("a handle is not what it was made of: %v", a)
	}
	if got := b.String(); got != "0100" {
		t.Errorf("got %q", got)
	}
	if got := append(a.Bytes(), 2); a != handleOf("\x01") || len(got) != 2 {
		t.Error("an append went into the handle")
	}
}

func TestUnixMode(t *testing.T) {
	tests := []struct {
		attr Fattr
		want uint32
	}{
		{Fattr{Type: TypeRegular, Mode: 0o4755}, syscall.S_IFREG | 0o4755},
		{Fattr{Type: TypeDirectory, Mode: 0o40755}, syscall.S_IFDIR | 0o755}, // mode with type bits
		{Fattr{Type: TypeDirectory, Mode: syscall.S_IFREG}, syscall.S_IFDIR},
		{Fattr{Type: TypeBlock}, syscall.S_IFBLK},
		{Fattr{Type: TypeCharacter}, syscall.S_IFCHR},
		{Fattr{Type: TypeSymlink}, syscall.S_IFLNK},
		{Fattr{Type: TypeSocket}, syscall.S_IFSOCK},
		{Fattr{Type: TypeFIFO}, syscall.S_IFIFO},
		{Fattr{Type: 0, Mode: 0o600}, 0o600},
		{Fattr{Type: 8, Mode: 0o600}, 0o600},
		{Fattr{Type: 0xffffffff, Mode: 0o600}, 0o600},
	}
	for _, tt := range tests {
		if got := tt.attr.UnixMode(); got != tt.want {
			t.Errorf("type %d, mode %o: %o, want %o", tt.attr.Type, tt.attr.Mode, got, tt.want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	if got, want := (Timestamp{0xffffffff, 5}).Time(), time.Unix(1<<32-1, 5); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
