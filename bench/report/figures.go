package report

// Figures are what one run took.
type Figures struct {
	Seconds float64 `json:"seconds"` // from the first request to the last byte
	Reads   int64   `json:"reads"`
	Bytes   int64   `json:"bytes"`
	Errors  int     `json:"errors"`
	// Missed are reads that were due, by the rate, and had not begun at the end. In
	// Latency they are with what they had waited by then.
	Missed int64 `json:"missed,omitempty"`
	// Verified: every byte of every read was compared.
	Verified bool `json:"verified"`

	// CPUUserS and CPUSystemS are both 0 if they are not known. StartUpS is what was
	// taken off their sum, of a reader that starts for each run; one of the two may
	// be below zero then.
	CPUUserS   float64 `json:"cpu_user_s"`
	CPUSystemS float64 `json:"cpu_sys_s"`
	StartUpS   float64 `json:"start_up_cpu_s,omitempty"`
	// Wakeups is how often a thread of the process had slept, Preemptions how often
	// one was taken off its CPU: voluntary and involuntary context switches, without
	// those of starting. Below zero they are not known.
	Wakeups     int64 `json:"wakeups"`
	Preemptions int64 `json:"preemptions"`

	// Latency is from the start of a read to its hand-back. At a fixed rate it is
	// from when the read was due: one that had to wait because others were slow has
	// that in its latency (no coordinated omission). Service is from the start then.
	Latency Latency  `json:"latency_us"`
	Service *Latency `json:"service_us,omitempty"`
	// Histogram is that of Latency, in nanoseconds, as HdrHistogram encodes it
	// (version 2, compressed, base64); "" if the reader does not tell.
	Histogram string `json:"latency_hdr,omitempty"`

	// Own is what readers in Go know besides.
	Own *Own `json:"own,omitempty"`

	// What follows from the above; see [Figures.Derive].
	MiBPerS        float64 `json:"mib_per_s"`
	IOPS           float64 `json:"iops"`
	CPUSPerGiB     float64 `json:"cpu_s_per_gib"`
	CPUUsPerRead   float64 `json:"cpu_us_per_read"`
	WakeupsPerRead float64 `json:"wakeups_per_read"`
}

// Latency is in microseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"` // 0 if the reader does not tell
	Max  float64 `json:"max"`
}

// Own are counts of a run that readers in Go keep of themselves.
type Own struct {
	Syscalls     uint64   `json:"syscalls"` // on sockets and rings; waits of Go's runtime not counted
	PayloadBytes uint64   `json:"payload_bytes"`
	CopiedBytes  uint64   `json:"copied_bytes"` // payload bytes copied after receive
	Allocs       uint64   `json:"allocs"`
	Receives     Receives `json:"receives"`
	// Stats are the library's counters, by the names of transport.Stats.
	Stats map[string]uint64 `json:"stats,omitempty"`

	// What follows from the above; see [Figures.Derive].
	SyscallsPerRead float64 `json:"syscalls_per_read"`
	CopiedPerByte   float64 `json:"copied_bytes_per_byte"`
	AllocsPerRead   float64 `json:"allocs_per_read"`
}

// Receives counts receives by the plan that they were aimed by, of the library.
type Receives struct {
	Exact       uint64 `json:"exact"`
	Overlap     uint64 `json:"overlap"`
	Staged      uint64 `json:"staged"`
	Speculative uint64 `json:"speculative"`
}

// Derive fills in what follows from the other figures. Of a run without a read or
// without time that is nothing.
func (f *Figures) Derive() {
	if f.Reads == 0 || f.Seconds <= 0 {
		return
	}
	reads, cpu := float64(f.Reads), f.CPUUserS+f.CPUSystemS
	f.MiBPerS = float64(f.Bytes) / (1 << 20) / f.Seconds
	f.IOPS = reads / f.Seconds
	f.CPUSPerGiB = cpu / (float64(f.Bytes) / (1 << 30))
	f.CPUUsPerRead = cpu * 1e6 / reads
	f.WakeupsPerRead = float64(f.Wakeups) / reads
	if o := f.Own; o != nil {
		o.SyscallsPerRead = float64(o.Syscalls) / reads
		o.AllocsPerRead = float64(o.Allocs) / reads
		if o.PayloadBytes > 0 {
			o.CopiedPerByte = float64(o.CopiedBytes) / float64(o.PayloadBytes)
		}
	}
}
