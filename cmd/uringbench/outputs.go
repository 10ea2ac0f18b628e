package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ringreadv/ringreadv/bench/page"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/spf13/cobra"
)

// outputs are the files that a command writes its report to, besides the tables.
type outputs struct{ json, bench, html string }

func (o *outputs) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.json, "json", "", "write all measurements as JSON to `FILE`; - is stdout, and tables go to stderr then")
	flags.StringVar(&o.html, "html", "", "write a page with plots, which needs no network, to `FILE`")
	flags.StringVar(&o.bench, "bench", "", "write all measurements as Go benchmark lines, for benchstat, to `FILE`")
	completeFiles(cmd, "json", "json")
	completeFiles(cmd, "html", "html")
	completeFiles(cmd, "bench")
}

// tables is where tables go: not to where one of the files is to be.
func (o *outputs) tables(stdout, stderr io.Writer) io.Writer {
	if o.json == "-" || o.html == "-" || o.bench == "-" {
		return stderr
	}
	return stdout
}

// open opens the files, see [output]. What it returns fills them, with the report or, if
// that is nil or has no runs, not. Two flags that name one file are wrong usage.
func (o *outputs) open() (save func(r *report.Report) error, err error) {
	var list []*output
	var writes []func(*report.Report, io.Writer) error
	save = func(r *report.Report) error {
		var errs []error
		for i, out := range list {
			if r == nil || len(r.Runs) == 0 {
				errs = append(errs, out.fill(nil))
				continue
			}
			errs = append(errs, out.fill(func(w io.Writer) error { return writes[i](r, w) }))
		}
		return errors.Join(errs...)
	}
	for _, f := range []struct {
		flag, name string
		write      func(*report.Report, io.Writer) error
	}{
		{"json", o.json, (*report.Report).WriteJSON},
		{"html", o.html, func(r *report.Report, w io.Writer) error { return page.Write(w, r) }},
		{"bench", o.bench, (*report.Report).WriteBench},
	} {
		out, err := openOutput(f.flag, f.name)
		if err != nil {
			return nil, errors.Join(err, save(nil))
		}
		if i := slices.IndexFunc(list, out.same); i >= 0 {
			err = fmt.Errorf("--%s %s and --%s %s are one file, and each is to have one of its own", list[i].flag, list[i].name, f.flag, f.name)
			return nil, errors.Join(usage(err), out.fill(nil), save(nil))
		}
		list, writes = append(list, out), append(writes, f.write)
	}
	return save, nil
}
