package jobs

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// draft is a job while its section is read.
type draft struct {
	Job
	engine              string // gfapi, nfs; "" others
	volume, brick, nfs  string
	volumeAt, nfsAt     int // lines
	timeBasedAt, rateAt int
	thinkBlocksAt       int
}

// setters have an entry for each key that is followed. They are given the number of
// the line too.
var setters = map[string]func(d *draft, value string, at int) error{
	"rw":               setOrder,
	"readwrite":        setOrder,
	"norandommap":      toggle(func(d *draft) *bool { return &d.Again }),
	"bs":               setBlock,
	"blocksize":        setBlock,
	"bsrange":          setBlockRange,
	"blocksize_range":  setBlockRange,
	"iodepth":          count(func(d *draft) *int { return &d.Depth }),
	"filename":         setFiles,
	"size":             setSize,
	"numjobs":          count(func(d *draft) *int { return &d.Clones }),
	"runtime":          duration(time.Second, func(d *draft) *time.Duration { return &d.Runtime }),
	"timeout":          duration(time.Second, func(d *draft) *time.Duration { return &d.Runtime }),
	"time_based":       setTimeBased,
	"ramp_time":        duration(time.Second, func(d *draft) *time.Duration { return &d.Ramp }),
	"thinktime":        duration(time.Microsecond, func(d *draft) *time.Duration { return &d.Think }),
	"thinktime_blocks": setThinkBlocks,
	"rate_iops":        setRate,
	"ioengine":         setEngine,
	"volume":           setVolume,
	"brick":            setBrick,
	"nfs_url":          setNFS,
	"name":             text(func(d *draft) *string { return &d.Name }),
	"description":      text(func(d *draft) *string { return &d.Description }),
}

// Keys lists the keys that are followed.
func Keys() []string { return slices.Sorted(maps.Keys(setters)) }

func toggle(field func(*draft) *bool) func(*draft, string, int) error {
	return func(d *draft, value string, _ int) (err error) {
		*field(d), err = parseFlag(value)
		return err
	}
}

func count(field func(*draft) *int) func(*draft, string, int) error {
	return func(d *draft, value string, _ int) (err error) {
		*field(d), err = parseCount(value)
		return err
	}
}

func duration(unit time.Duration, field func(*draft) *time.Duration) func(*draft, string, int) error {
	return func(d *draft, value string, _ int) (err error) {
		*field(d), err = parseTime(value, unit)
		return err
	}
}

var errNoValue = errors.New("want a value")

func text(field func(*draft) *string) func(*draft, string, int) error {
	return func(d *draft, value string, _ int) error {
		*field(d) = value
		if value == "" {
			return errNoValue
		}
		return nil
	}
}

func setOrder(d *draft, value string, _ int) error {
	kind, modifier, _ := strings.Cut(value, ":")
	switch {
	case kind != "read" && kind != "randread":
		return errors.New("uringbench only reads; use read or randread")
	case modifier != "":
		return errors.New("blocks are not left out or followed by others in order; leave the : and what follows away")
	}
	d.Random = kind == "randread"
	return nil
}

func setBlock(d *draft, value string, _ int) (err error) {
	d.BlockMin = defaultBlock
	if first := forReads(value); first != "" {
		d.BlockMin, err = parseSize(first)
	}
	d.BlockMax = d.BlockMin
	return err
}

func setBlockRange(d *draft, value string, _ int) (err error) {
	d.BlockMin, d.BlockMax, err = parseRange(forReads(value))
	return err
}

func setFiles(d *draft, value string, _ int) (err error) {
	d.Files, err = parseNames(value)
	return err
}

func setSize(d *draft, value string, _ int) (err error) {
	if strings.HasSuffix(value, "%") {
		return errors.New("shares of a file are not known; give a size, as 512m")
	}
	d.SizeBytes, err = parseSize(value)
	return err
}

func setTimeBased(d *draft, value string, at int) (err error) {
	d.timeBasedAt = at
	d.TimeBased, err = parseFlag(value)
	return err
}

func setThinkBlocks(d *draft, value string, at int) (err error) {
	d.thinkBlocksAt = at
	d.ThinkBlocks, err = parseCount(value)
	return err
}

func setRate(d *draft, value string, at int) (err error) {
	d.rateAt = at
	if value = forReads(value); value == "" {
		return errors.New("want reads per second, before the first comma")
	}
	d.RatePerS, err = parseCount(value)
	return err
}
