package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/spf13/cobra"
)

const serveHelp = `Serve a directory as a GlusterFS volume and, on the same port, over NFS version 3,
read-only, and print its URL on stdout. It goes on until interrupted, which is its
normal end. There is no access control: mind the address.

With --fragment and --shuffle its replies are as those of other servers can be: cut
into several fragments of an RPC record, and out of order where calls came together.`

// serveFlags are the flags of serve as they are given.
type serveFlags struct {
	options                  bench.ServeOptions
	size, fragment, protocol string
	child                    bool
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve --dir DIR", Short: "Serve a directory as a GlusterFS volume and over NFS, read-only", Long: serveHelp,
		Example: `  uringbench serve --dir /srv/images
  uringbench serve --dir . --protocol nfs3 --listen 127.0.0.1:2049
  uringbench serve --dir . --fragment 4k --shuffle 1`,
		Args: exactly(0, "none"), ValidArgsFunction: cobra.NoFileCompletions,
		PreRunE: func(*cobra.Command, []string) error { return usage(f.parse()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.options.Dir, "dir", "", "directory to serve")
	flags.StringVar(&f.protocol, "protocol", bench.ProtocolGluster, "whose URL is printed: gluster, nfs3; the server speaks both")
	flags.StringVar(&f.options.Listen, "listen", "127.0.0.1:0", "address to listen on; port 0 is any that is free")
	flags.StringVar(&f.options.Congestion, "congestion", "", "TCP congestion control to use if allowed, such as reno; bbr distorts measurements over loopback (default: the system's)")
	flags.StringVar(&f.fragment, "fragment", "0", "send replies in fragments of at most so many bytes; 0: each in one")
	flags.Uint64Var(&f.options.Shuffle, "shuffle", 0, "seed of the order in which replies to calls that came together leave; 0: in order")
	flags.IntVar(&f.options.Files, "synthetic", 0, "serve so many files of made-up content instead")
	flags.StringVar(&f.size, "size", "64m", "size of each of them")
	flags.BoolVar(&f.options.Glusterd, "glusterd", false, "listen where glusterd does, on an address of its own")
	flags.BoolVar(&f.child, "child", false, "end with stdin, print JSON")
	for _, name := range []string{"synthetic", "size", "child", "glusterd"} {
		must(flags.MarkHidden(name))
	}
	completeDirectories(cmd, "dir")
	completeOne(cmd, "protocol", protocolWords...)
	completeNothing(cmd, "listen", "congestion", "fragment", "shuffle")
	return cmd
}

func (f *serveFlags) parse() (err error) {
	o := &f.options
	if o.Dir == "" && o.Files == 0 {
		return errors.New("nothing to serve: name a directory with --dir")
	}
	if o.Size, err = size.Parse(f.size); err != nil {
		return err
	}
	fragment, err := size.Parse(f.fragment)
	if err != nil {
		return fmt.Errorf("--fragment: %w", err)
	}
	if o.Fragment = int(fragment); fragment > bench.MaxFragment {
		return fmt.Errorf("--fragment: %s is more than the %d bytes that a fragment can have", f.fragment, bench.MaxFragment)
	}
	if f.protocol != bench.ProtocolGluster && f.protocol != bench.ProtocolNFS3 {
		return fmt.Errorf("no protocol is called %q; want gluster or nfs3", f.protocol)
	}
	if _, _, err := net.SplitHostPort(o.Listen); err != nil {
		return fmt.Errorf("--listen: %w; want host:port, like 127.0.0.1:2049", err)
	}
	return nil
}

func (f *serveFlags) run(ctx context.Context) error {
	if f.child {
		return bench.ServeChild(ctx, f.options)
	}
	return bench.Serve(ctx, f.options, func(s bench.Serving) error {
		if _, err := fmt.Println(s.URLs[f.protocol]); err != nil {
			return explainWrite(err, "stdout")
		}
		fmt.Fprintf(os.Stderr, "serving, TCP congestion control %s; Ctrl-C ends it\n", s.Congestion)
		return nil
	})
}
