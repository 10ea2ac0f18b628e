package readv_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/ringreadv/ringreadv/readv"
)

// One read, scattered over two slices.
func Example() {
	ctx := context.Background()
	f, err := readv.Open(ctx, "gluster://storage1/volume/disk.img", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	header, block := make([]byte, 512), make([]byte, 64<<10)
	n, err := f.Readv(ctx, [][]byte{header, block}, 0)
	if err != nil && err != io.EOF {
		log.Fatal(err)
	}
	fmt.Println(n, "bytes")
}

// Sixteen reads in flight, handed back in the order in which they finish.
func ExampleQueue() {
	ctx := context.Background()
	v, err := readv.Dial(ctx, "gluster://storage1/volume", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer v.Close()
	f, err := v.Open(ctx, "disk.img")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	const block = 128 << 10
	q := v.NewQueue(16)
	ops := make([]readv.Op, 16)
	for i := range ops {
		ops[i] = readv.Op{File: f, Iovs: [][]byte{make([]byte, block)}, Off: int64(i) * block}
		if _, err := q.Add(&ops[i]); err != nil {
			log.Fatal(err)
		}
	}
	done := make([]*readv.Op, 16)
	for q.InFlight() > 0 {
		n, err := q.Wait(ctx, done, 1)
		if err != nil {
			log.Fatal(err)
		}
		for _, op := range done[:n] {
			fmt.Println(op.Off, op.N, op.Err) // op and its slices are ours again
		}
	}
}

// A file copied to standard output with several reads ahead of the writer.
func ExampleFile_NewReader() {
	ctx := context.Background()
	f, err := readv.Open(ctx, "gluster://storage1/volume/backup.tar", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(os.Stdout, f.NewReader(ctx)); err != nil {
		log.Fatal(err)
	}
}
