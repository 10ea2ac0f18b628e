//go:build linux

package ring

import (
	"testing"
	"unsafe"

	iouring "github.com/iceber/iouring-go/syscall"
)

// Sizes and offsets from include/uapi/linux/io_uring.h, the same on all machines.
func TestABI(t *testing.T) {
	var (
		params iouring.IOURingParams
		arg    geteventsArg
		reg    rsrcRegister
		up     rsrcUpdate2
		ts     timespec
	)
	for _, c := range []struct {
		name      string
		got, want uintptr
	}{
		{"sizeof io_uring_sqe", unsafe.Sizeof(sqe{}), 64},
		{"sizeof io_uring_cqe", unsafe.Sizeof(cqe{}), 16},
		{"sizeof io_uring_params", unsafe.Sizeof(params), 120},
		{"params.cq_entries", unsafe.Offsetof(params.CQEntries), 4},
		{"params.flags", unsafe.Offsetof(params.Flags), 8},
		{"params.features", unsafe.Offsetof(params.Features), 20},
		{"params.sq_off", unsafe.Offsetof(params.SQOffset), 40},
		{"params.cq_off", unsafe.Offsetof(params.CQOffset), 80},
		{"sq_off.array", unsafe.Offsetof(params.SQOffset.Array), 24},
		{"cq_off.cqes", unsafe.Offsetof(params.CQOffset.Cqes), 20},
		{"cq_off.flags", unsafe.Offsetof(params.CQOffset.Flags), 24},
		{"sizeof io_uring_getevents_arg", unsafe.Sizeof(arg), 24},
		{"getevents_arg.ts", unsafe.Offsetof(arg.timespec), 16},
		{"sizeof io_uring_rsrc_register", unsafe.Sizeof(reg), 32},
		{"rsrc_register.data", unsafe.Offsetof(reg.data), 16},
		{"sizeof io_uring_rsrc_update2", unsafe.Sizeof(up), 32},
		{"rsrc_update2.data", unsafe.Offsetof(up.data), 8},
		{"sizeof __kernel_timespec", unsafe.Sizeof(ts), 16},
		{"rsrc_update2.nr", unsafe.Offsetof(up.count), 24},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, want %d", c.name, c.got, c.want)
		}
	}
}

// The entry's fields are not exported: what the setters write is checked byte by
// byte against the layout.
func TestEntryLayout(t *testing.T) {
	var e sqe
	e.PrepOperation(4, 5, 0x1112131415161718, 0x21222324, 0x3132333435363738)
	e.SetOpFlags(0x41424344)
	e.SetUserData(0x5152535455565758)
	e.SetBufIndex(0x6162)
	e.SetIoprio(0x7172)
	b := unsafe.Slice((*byte)(unsafe.Pointer(&e)), unsafe.Sizeof(e))
	for _, c := range []struct {
		name string
		off  int
		want byte // least significant byte of the field, little-endian
	}{
		{"opcode", 0, 4}, {"ioprio", 2, 0x72}, {"fd", 4, 5}, {"off", 8, 0x38}, {"addr", 16, 0x18},
		{"len", 24, 0x24}, {"msg_flags", 28, 0x44}, {"user_data", 32, 0x58}, {"buf_index", 40, 0x62},
	} {
		if b[c.off] != c.want {
			t.Errorf("%s at byte %d is %#x, want %#x", c.name, c.off, b[c.off], c.want)
		}
	}
}
