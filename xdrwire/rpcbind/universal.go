package rpcbind

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ErrUniversalAddr says that a text is no universal address of IP.
var ErrUniversalAddr = errors.New("rpcbind: not a universal address")

// ParseUniversalAddr parses an address and a port as RFC 5665 §5.2.3 writes
// them: the address, then the two bytes of the port in decimal, all with dots
// between. A server may name the unspecified address (0.0.0.0.8.1): then only
// the port is news. The error wraps [ErrUniversalAddr].
func ParseUniversalAddr(s string) (netip.AddrPort, error) {
	rest, low, ok := cutLast(s)
	host, high, ok2 := cutLast(rest)
	if !ok || !ok2 {
		return netip.AddrPort{}, fmt.Errorf("%w: %q has too few dots", ErrUniversalAddr, s)
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w: %q: %w", ErrUniversalAddr, s, err)
	}
	h, err := strconv.ParseUint(high, 10, 8)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w: %q: %w", ErrUniversalAddr, s, err)
	}
	l, err := strconv.ParseUint(low, 10, 8)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w: %q: %w", ErrUniversalAddr, s, err)
	}
	return netip.AddrPortFrom(addr, uint16(h<<8|l)), nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// FormatUniversalAddr returns the universal address of a, or nothing, which is
// how GETADDR says that there is none, when a has no valid address.
func FormatUniversalAddr(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return fmt.Sprintf("%s.%d.%d", a.Addr(), a.Port()>>8, a.Port()&0xff)
}
