package transport

import "unsafe"

func rangeOf(p []byte) lentRange {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(p)))
	return lentRange{start: start, end: start + uintptr(len(p))}
}
