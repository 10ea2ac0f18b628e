//go:build linux

package ring

import "unsafe"

func (m *Message) iovAddress() uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(m.iovecs))))
}

func (m *Message) address() uint64 {
	m.header.Iov = unsafe.SliceData(m.iovecs)
	m.header.SetIovlen(len(m.iovecs))
	return uint64(uintptr(unsafe.Pointer(&m.header)))
}
