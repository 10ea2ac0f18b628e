package bench

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/size"
)

// assembly is what a configuration has read: works, whose streams name files by their
// index in the target, and what those files are to be.
type assembly struct {
	works []Work
	files []wanted
}

// wanted is a file that is read.
type wanted struct {
	url   string // "": one of the command line's, or of the embedded server, whose
	index int    // index among those this is
	where string // the line of the job file that names it, else ""
	name  string // as it is named there, else ""
	bytes int64  // read of it at most; 0: all
	least int    // bytes of a read, to which it must be large enough
}

// assemble says what is read, in order.
func (c *Config) assemble() (*assembly, error) {
	a := &assembly{}
	if len(c.Jobs) > 0 {
		for _, f := range c.Jobs {
			if err := a.add(c, f); err != nil {
				return nil, err
			}
		}
		return a, a.oneSource()
	}
	count := max(c.Files, len(c.URLs))
	if c.With2013 {
		a.works = append(a.works, c.work2013(count))
	}
	for _, pattern := range c.Patterns {
		for _, block := range c.Blocks {
			for _, depth := range c.Depths {
				a.works = append(a.works, c.matrixWork(count, block, depth, pattern))
			}
		}
	}
	least := 0
	for i := range a.works {
		_, most := a.works[i].blocks()
		least = max(least, most)
	}
	for i := range count {
		a.files = append(a.files, wanted{index: i, bytes: c.SizeBytes, least: least})
	}
	return a, nil
}

// matrixWork reads all of so many files with one stream.
func (c *Config) matrixWork(files, block, depth int, pattern string) Work {
	st := Stream{
		BlockMin: block, BlockMax: block, Depth: depth, Random: pattern == PatternRand, Again: true, TimeBased: true, RatePerS: c.RatePerS,
	}
	for i := range files {
		st.Files = append(st.Files, i)
	}
	return Work{Job: JobMatrix, Streams: []Stream{st}, Timed: true}
}

// work2013 is the job of 2013 as a measurement beside others: of their files, and as
// long as they.
func (c *Config) work2013(files int) Work {
	f := jobs.Example(jobs.Experiment2013)
	w := Work{Job: Job2013, Description: f.Jobs[0].Description, Timed: true}
	for i := range f.Jobs {
		st := streamOf(f, &f.Jobs[i])
		st.Where, st.Files, st.SizeBytes, st.TimeBased = "", []int{i % files}, c.SizeBytes, true
		w.Streams = append(w.Streams, st)
	}
	return w
}

// streamOf is a stream of a job, but for its files.
func streamOf(f *jobs.File, j *jobs.Job) Stream {
	return Stream{
		Where:    fmt.Sprintf("%s:%d: job %s", f.Name, j.Line, j.Name),
		BlockMin: int(j.BlockMin), BlockMax: int(j.BlockMax), Depth: j.Depth, Random: j.Random, Again: j.Again,
		SizeBytes: j.SizeBytes, TimeBased: j.TimeBased, Runtime: j.Runtime,
		Think: j.Think, ThinkBlocks: j.ThinkBlocks, RatePerS: j.RatePerS,
	}
}

// add adds what a job file says.
func (a *assembly) add(c *Config, f *jobs.File) error {
	w := Work{Job: jobName(f.Name)}
	if slices.ContainsFunc(a.works, func(o Work) bool { return o.Job == w.Job }) {
		return Hint(fmt.Errorf("two job files are called %s", w.Job), "another name for one of them")
	}
	streams := 0
	for i := range f.Jobs {
		j := &f.Jobs[i]
		if streams += j.Clones; streams > maxFiles {
			return Hint(fmt.Errorf("%s:%d: job %s: more than %d streams with this one", f.Name, j.Line, j.Name, maxFiles), "a smaller numjobs=")
		}
		if w.Description == "" {
			w.Description = j.Description
		}
		w.Ramp = max(w.Ramp, j.Ramp)
		for range j.Clones {
			st := streamOf(f, j)
			if c.SizeBytes > 0 {
				st.SizeBytes = c.SizeBytes
			}
			if c.Time > 0 {
				st.Runtime = c.Time
			}
			if err := st.validate(); err != nil {
				return err
			}
			if err := a.addFiles(c, f, j, &st, len(w.Streams)); err != nil {
				return err
			}
			w.Streams = append(w.Streams, st)
		}
	}
	if d := w.Depth(); d > maxDepth {
		return Hint(fmt.Errorf("%s: %d reads in flight of all jobs together, and %d are possible", f.Name, d, maxDepth), "a smaller iodepth= or numjobs=")
	}
	a.works = append(a.works, w)
	return nil
}

// jobName is what a job file is called in reports.
func jobName(file string) string { return strings.TrimSuffix(path.Base(file), jobs.Suffix) }

// validate reports what of a job cannot be measured.
func (s *Stream) validate() error {
	for _, b := range []int{s.BlockMin, s.BlockMax} {
		if b > maxBlockBytes || b%unitBytes != 0 {
			return fmt.Errorf("%sa block size of %d bytes: want multiples of %d of at most %d", s.place(), b, unitBytes, maxBlockBytes)
		}
	}
	if s.SizeBytes > 0 && s.SizeBytes < int64(s.BlockMin) {
		return Hint(fmt.Errorf("%ssize=%s is less than a block of %s", s.place(), size.Flag(s.SizeBytes), size.Name(s.BlockMin)), "a smaller bs=")
	}
	return nil
}

// addFiles notes which files the stream, the i-th of its job file, reads.
func (a *assembly) addFiles(c *Config, f *jobs.File, j *jobs.Job, st *Stream, i int) error {
	list := []wanted{{index: i}}
	if len(j.Files) > 0 {
		list = nil
		for _, name := range j.Files {
			w := wanted{name: name, where: fmt.Sprintf("%s:%d: job %s: filename=%s", f.Name, j.Line, j.Name, name)}
			var err error
			if w.url, err = c.resolve(j, name); err != nil {
				return fmt.Errorf("%s: %w", w.where, err)
			}
			list = append(list, w)
		}
	} else if len(c.URLs) == 0 && j.Base != "" {
		return Hint(fmt.Errorf("%s: says %s and not what to read there", st.Where, j.Base), "filename=")
	}
	for _, w := range list {
		w.least = st.BlockMin
		if st.SizeBytes > 0 {
			w.bytes = max(st.SizeBytes/int64(len(list)), 1)
		}
		st.Files = append(st.Files, a.want(w))
	}
	return nil
}

// want notes a file, for one stream more if it is noted already, and returns its index.
func (a *assembly) want(w wanted) int {
	at := slices.IndexFunc(a.files, w.same)
	if at < 0 {
		a.files = append(a.files, w)
		return len(a.files) - 1
	}
	known := &a.files[at]
	known.least = max(known.least, w.least)
	if known.bytes == 0 || w.bytes == 0 {
		known.bytes = 0 // all of it
	} else {
		known.bytes = max(known.bytes, w.bytes)
	}
	return at
}

// same reports whether two are one file.
func (w wanted) same(o wanted) bool { return w.url == o.url && w.name == o.name && w.index == o.index }

// resolve is the URL of a file that a job names; "" on the embedded server.
func (c *Config) resolve(j *jobs.Job, name string) (string, error) {
	if strings.Contains(name, "://") {
		_, _, err := SplitURL(name)
		return name, err
	}
	base := j.Base
	switch {
	case len(c.URLs) > 1:
		return "", Hint(fmt.Errorf("that is relative to the URL, of which there are %d", len(c.URLs)), "one URL, or whole ones in the file")
	case len(c.URLs) == 1:
		base = c.URLs[0]
	case base == "":
		return "", nil
	}
	return ChildURL(base, strings.TrimLeft(name, "/"))
}

// oneSource reports files some of which are of a server and some of none, or of servers
// of different protocols.
func (a *assembly) oneSource() error {
	first := a.firstURL()
	for _, w := range a.files {
		switch {
		case first != "" && w.url == "" && w.name != "":
			return Hint(fmt.Errorf("%s: no URL says on which server, as one does for other files", w.where), "a URL on the command line")
		case w.url != "" && ProtocolOf(w.url) != ProtocolOf(first):
			return Hint(fmt.Errorf("%s: is read by another protocol than %s", w.where, first), "a job file for each protocol")
		}
	}
	return nil
}

// firstURL is that of the first file that the job files give one; "" if none does.
func (a *assembly) firstURL() string {
	for _, w := range a.files {
		if w.url != "" {
			return w.url
		}
	}
	return ""
}

// unnamed counts the files that have no URL of their own, and says which reads must fit.
func (a *assembly) unnamed() (count, least int) {
	for _, w := range a.files {
		if w.url == "" {
			count++
			least = max(least, w.least)
		}
	}
	return count, least
}
