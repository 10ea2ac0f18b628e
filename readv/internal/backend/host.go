package backend

import (
	"net/netip"
	"strings"
)

// IsHost reports whether the host of a URL, without brackets and port, can be one:
// package net/url lets stray colons through.
func IsHost(s string) bool {
	if !strings.Contains(s, ":") {
		return s != ""
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}
