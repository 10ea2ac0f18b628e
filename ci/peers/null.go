package peers

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"
)

// null calls procedure 0 of the program, which every RPC program has and which
// does nothing: a connection is accepted long before a server serves.
func null(addr string, program, version uint32) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write(callRecord(1, Procedure{program, version, 0})); err != nil {
		return err
	}
	// One last fragment of 24 bytes: xid, a reply, accepted, verifier of no
	// kind and length, and success.
	var reply [4 + 24]byte
	if _, err := io.ReadFull(conn, reply[:]); err != nil {
		return err
	}
	var want []byte
	for _, w := range []uint32{1<<31 | 24, 1, 1, 0, 0, 0, 0} {
		want = binary.BigEndian.AppendUint32(want, w)
	}
	if string(reply[:]) != string(want) {
		return fmt.Errorf("NULL of program %d answered % x", program, reply)
	}
	return nil
}

// callRecord is an RPC call with no credentials, as one fragment.
func callRecord(xid uint32, p Procedure, args ...uint32) []byte {
	words := append([]uint32{xid, 0, 2, p.Program, p.Version, p.Number, 0, 0, 0, 0}, args...)
	rec := binary.BigEndian.AppendUint32(nil, 1<<31|uint32(4*len(words)))
	for _, w := range words {
		rec = binary.BigEndian.AppendUint32(rec, w)
	}
	return rec
}
