package micro

import (
	"fmt"
	"testing"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// codec is how a protocol writes READ's arguments and reads its reply.
type codec struct {
	name      string
	procedure xdrwire.Procedure
	cred      xdrwire.Auth
	args      func(b []byte, off uint64, size uint32) []byte
	reply     func(b []byte, size uint32) []byte // without payload
	parse     func(b []byte, size uint32) (head int, err error)
}

func codecs(b *testing.B) []codec {
	handle, err := nfs3.NewFileHandle(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	cred, err := xdrwire.NewAuthGlusterV2(xdrwire.GlusterCred{})
	if err != nil {
		b.Fatal(err)
	}
	list := []codec{{
		name: "nfs3", procedure: nfs3.ProcRead, cred: xdrwire.NewAuthSys(0, "micro", 0, 0, nil),
		args: func(b []byte, off uint64, size uint32) []byte { return nfs3.AppendReadArgs(b, handle, off, size) },
		reply: func(b []byte, size uint32) []byte {
			return nfs3.AppendReadReplyHead(b, &nfs3.ReadReply{
				Attr: nfs3.OptionalFattr{Present: true}, Count: size, Length: size,
			})
		},
		parse: func(b []byte, size uint32) (int, error) {
			h, n, err := nfs3.ParseReadReplyHead(b)
			if err == nil {
				err = h.Check(size)
			}
			return n, err
		},
	}}
	for _, vers := range []uint32{gfs.V330, gfs.V400} {
		list = append(list, codec{
			name: fmt.Sprint("gluster", vers), procedure: gfs.FOP(vers, gfs.OpRead), cred: cred,
			args: func(b []byte, off uint64, size uint32) []byte {
				return gfs.AppendReadArgs(vers, b, gfs.GFID{1}, 5, off, size, 0)
			},
			reply: func(b []byte, size uint32) []byte {
				return gfs.AppendReadReply(vers, b, &gfs.ReadReply{Result: gfs.Result{Ret: int32(size)}, Size: size})
			},
			parse: func(b []byte, size uint32) (int, error) {
				h, n, err := gfs.ParseReadReplyHead(vers, b)
				if err == nil {
					err = h.Check(size, int(size))
				}
				return n, err
			},
		})
	}
	return list
}

const readBytes = 128 << 10

// BenchmarkEncodeRead makes the whole record of a READ call.
func BenchmarkEncodeRead(b *testing.B) {
	for _, c := range codecs(b) {
		b.Run("protocol="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var out []byte
			var xid uint32
			for b.Loop() {
				xid++
				var at int
				out, at = xdrwire.BeginRecord(out[:0])
				out = xdrwire.AppendCall(out, xid, c.procedure, c.cred)
				out = c.args(out, uint64(xid)*readBytes, readBytes)
				xdrwire.EndRecord(out, at)
			}
		})
	}
}

// BenchmarkDecodeRead finds the payload in the record of a READ reply.
func BenchmarkDecodeRead(b *testing.B) {
	for _, c := range codecs(b) {
		b.Run("protocol="+c.name, func(b *testing.B) {
			record, at := xdrwire.BeginRecord(nil)
			record = c.reply(xdrwire.AppendReply(record, 7, xdrwire.Success), readBytes)
			want := len(record)
			xdrwire.EndRecord(record, at)
			b.ReportAllocs()
			for b.Loop() {
				mark := xdrwire.ParseMark(record)
				body := record[xdrwire.MarkBytes:][:mark.Len()]
				h, n, err := xdrwire.ParseReply(body)
				if err == nil {
					err = h.Err()
				}
				if err != nil {
					b.Fatal(err)
				}
				head, err := c.parse(body[n:], readBytes)
				if err != nil {
					b.Fatal(err)
				}
				if got := xdrwire.MarkBytes + n + head; got != want {
					b.Fatalf("payload at %d, want %d", got, want)
				}
			}
		})
	}
}
