//go:build !linux

package ring

// adviseHuge does nothing: these systems take no such advice.
func adviseHuge([]byte) {}
