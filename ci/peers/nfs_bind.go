package peers

import (
	"net"
	"os"
)

// mustHaveAddress says so if ganesha cannot be made to listen on one address
// here.
//
// It looks Bind_addr up with AI_ADDRCONFIG, for which loopback addresses do
// not count: if no others are configured it finds nothing and gives up. If
// only IPv4 has others, the answer is an IPv4 address, which ganesha takes for
// an IPv6 one as long as the kernel has IPv6, and listens on all.
func mustHaveAddress() error {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	_, err = os.Stat("/proc/net/if_inet6")
	noIPv6 := os.IsNotExist(err)
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if ok && !n.IP.IsLoopback() && (noIPv6 || n.IP.To4() == nil) {
			return nil
		}
	}
	if noIPv6 {
		return unsupported("nfs-ganesha needs an IPv4 address outside 127.0.0.0/8, as from: ip address add 192.0.2.1/32 dev lo")
	}
	return unsupported("nfs-ganesha needs an IPv6 address other than ::1, as from: ip address add 2001:db8::1/128 dev lo")
}
