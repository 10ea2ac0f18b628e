//go:build linux

package ring

// Kernel numbers that the iouring-go syscall package does not have, from
// include/uapi/linux/io_uring.h. Structures are in abi_unsafe.go.

const (
	enterGetEvents uint32 = 1 << 0 // IORING_ENTER_GETEVENTS
	enterExtArg    uint32 = 1 << 3 // IORING_ENTER_EXT_ARG, 5.11

	setupSingleIssuer uint32 = 1 << 12 // IORING_SETUP_SINGLE_ISSUER, 6.0
	setupDeferTaskrun uint32 = 1 << 13 // IORING_SETUP_DEFER_TASKRUN, 6.1
	setupNoSQArray    uint32 = 1 << 16 // IORING_SETUP_NO_SQARRAY, 6.6

	featSingleMmap uint32 = 1 << 0 // IORING_FEAT_SINGLE_MMAP, 5.4
	featNoDrop     uint32 = 1 << 1 // IORING_FEAT_NODROP, 5.5
	featExtArg     uint32 = 1 << 8 // IORING_FEAT_EXT_ARG, 5.11

	sqCQOverflow uint32 = 1 << 1 // IORING_SQ_CQ_OVERFLOW
	sqTaskrun    uint32 = 1 << 2 // IORING_SQ_TASKRUN, 5.19

	cqEventfdDisabled uint32 = 1 << 0 // IORING_CQ_EVENTFD_DISABLED, 5.8

	cqeMore uint32 = 1 << 1 // IORING_CQE_F_MORE, 5.13

	opReadvFixed uint8 = 60 // IORING_OP_READV_FIXED, 6.15

	recvSendPollFirst uint16 = 1 << 0 // IORING_RECVSEND_POLL_FIRST, since 5.19
	recvSendFixedBuf  uint16 = 1 << 2 // IORING_RECVSEND_FIXED_BUF, on RECV since 7.2

	registerBuffers2      uint8 = 15 // IORING_REGISTER_BUFFERS2, 5.13
	registerBuffersUpdate uint8 = 16 // IORING_REGISTER_BUFFERS_UPDATE, 5.13

	rsrcRegisterSparse uint32 = 1 << 0 // IORING_RSRC_REGISTER_SPARSE, 5.19
)
