package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/spf13/cobra"
)

func newServe() *cobra.Command {
	var o bench.ServeOptions
	var each, protocol string
	var child bool
	cmd := &cobra.Command{
		Use: "serve --dir DIR", Short: "Serve a directory as a GlusterFS volume and over NFS, read-only",
		Long: `Serve a directory as a GlusterFS volume and, on the same port, over NFS version 3,
read-only, and print its URL on stdout. It goes on until interrupted. There is no
access control: mind the address.`,
		Example: "  uringbench serve --dir /srv/images\n  uringbench serve --dir . --protocol nfs3 --listen 127.0.0.1:2049",
		Args:    exactly(0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Dir == "" && o.Files == 0 {
				return usage(errors.New("nothing to serve: name a directory with --dir"))
			}
			if o.Size, err = size.Parse(each); err != nil {
				return usage(err)
			}
			if protocol != bench.ProtocolGluster && protocol != bench.ProtocolNFS3 {
				return usage(fmt.Errorf("no protocol is called %q; want gluster or nfs3", protocol))
			}
			if child {
				return bench.ServeChild(cmd.Context(), o)
			}
			return bench.Serve(cmd.Context(), o, func(s bench.Serving) {
				fmt.Println(s.URLs[protocol])
				fmt.Fprintf(os.Stderr, "serving, TCP congestion control %s; Ctrl-C ends it\n", s.Congestion)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", "", "directory to serve")
	flags.StringVar(&protocol, "protocol", bench.ProtocolGluster, "whose URL is printed: gluster, nfs3; the server speaks both")
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address to listen on; port 0 is any that is free")
	flags.StringVar(&o.Congestion, "congestion", "", "TCP congestion control to use if allowed, such as reno; bbr distorts measurements over loopback (default: the system's)")
	flags.IntVar(&o.Files, "synthetic", 0, "serve so many files of made-up content instead")
	flags.StringVar(&each, "size", "64m", "size of each of them")
	flags.BoolVar(&child, "child", false, "end with stdin, print JSON")
	for _, name := range []string{"synthetic", "size", "child"} {
		// It can only fail for a flag that is not there.
		_ = flags.MarkHidden(name)
	}
	return cmd
}
