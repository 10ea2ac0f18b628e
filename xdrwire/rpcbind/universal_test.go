package rpcbind

import (
	"errors"
	"net/netip"
	"testing"
)

func TestUniversalAddr(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1.8.1":         "127.0.0.1:2049",
		"0.0.0.0.0.111":         "0.0.0.0:111",
		"255.255.255.255.255.0": "255.255.255.255:65280",
		"::1.8.1":               "[::1]:2049",
		"::.0.0":                "[::]:0",
		"2001:db8::17.80.12":    "[2001:db8::17]:20492",
		"::ffff:10.0.0.1.8.1":   "[::ffff:10.0.0.1]:2049",
		"fe80::1%eth0.100.8.1":  "[fe80::1%eth0.100]:2049",
	} {
		got, err := ParseUniversalAddr(text)
		if err != nil || got != netip.MustParseAddrPort(want) {
			t.Errorf("%s: %v, %v; want %s", text, got, err, want)
		}
		if back := FormatUniversalAddr(got); back != text {
			t.Errorf("%v: %s, want %s", got, back, text)
		}
	}
	if got := FormatUniversalAddr(netip.AddrPort{}); got != "" {
		t.Errorf("no address: %q", got)
	}
}

func TestParseUniversalAddrRefuses(t *testing.T) {
	for _, text := range []string{
		"", ".", "..", "8.1", "127.0.0.1", "127.0.0.1.8", "127.0.0.1.8.", "127.0.0.1..1", "127.0.0.1.256.0", "127.0.0.1.0.256",
		"127.0.0.1.-1.0", "127.0.0.1.+1.0", "127.0.0.1.8.1 ", "127.0.0.1.0x8.1", "host.8.1", "[::1].8.1", "/run/rpcbind.sock",
	} {
		if got, err := ParseUniversalAddr(text); !errors.Is(err, ErrUniversalAddr) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// FuzzUniversalAddr asserts that what is accepted comes back as itself.
func FuzzUniversalAddr(f *testing.F) {
	for _, s := range []string{"127.0.0.1.8.1", "::1.8.1", "fe80::1%eth0.8.1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first, err := ParseUniversalAddr(s)
		if err != nil {
			return
		}
		text := FormatUniversalAddr(first)
		if second, err := ParseUniversalAddr(text); err != nil || second != first {
			t.Fatalf("%q is %v is %q is %v, %v", s, first, text, second, err)
		}
	})
}
