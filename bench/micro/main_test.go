package micro

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/ringreadv/ringreadv/bench"
)

// What the embedded server serves: the first of its files.
const (
	fileName  = "file1"
	fileSeed  = 1
	fileBytes = 64 << 20
)

// serving is the embedded server; it runs if benchmarks do.
var serving bench.Serving

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if len(os.Args) > 1 && os.Args[1] == "serve" { // bench.StartServer calls us so
		return 0, serve(os.Args[2:])
	}
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		return m.Run(), nil
	}
	// Before the first benchmark, and for those that do not read too: it binds
	// this process to CPUs of its own, and the number of Go's processors, which
	// is part of a benchmark's name, follows.
	p, err := bench.StartServer(context.Background(), 1, fileBytes, true)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	serving = p.Serving
	// In the form in which benchstat takes note of circumstances.
	fmt.Printf("server-cpus: %s\nclient-cpus: %s\ncongestion: %s\n", p.CPUs, p.ClientCPUs, p.Congestion)
	return m.Run(), nil
}

// serve is the child's part of bench.StartServer.
func serve(args []string) error {
	o := bench.ServeOptions{Listen: "127.0.0.1:0"}
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.Bool("child", true, "")
	f.IntVar(&o.Files, "synthetic", 0, "")
	f.Int64Var(&o.Size, "size", 0, "")
	f.StringVar(&o.Congestion, "congestion", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	return bench.ServeChild(context.Background(), o)
}
