package jobs

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Defaults are fio's.
const defaultBlock = 4 << 10

// Parse reads a job file; the name is for messages. An error names every line that is
// not accepted.
func Parse(r io.Reader, name string) (*File, error) {
	p := &parser{file: &File{Name: name}, global: draft{Job: Job{
		BlockMin: defaultBlock, BlockMax: defaultBlock, Depth: 1, Clones: 1, ThinkBlocks: 1,
	}}}
	if err := scan(r, p.line, p.fail); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.end()
	if len(p.wrong) > 0 {
		return nil, p.errors()
	}
	if len(p.file.Jobs) == 0 {
		return nil, fmt.Errorf("%s: there is no job in this file; want a section like [job1], with rw=read and filename= below it", name)
	}
	return p.file, nil
}

type parser struct {
	file   *File
	global draft
	job    *draft // that of the section, nil in [global] and before any section
	inside bool   // a section
	wrong  []*Error
}

func (p *parser) line(l line) {
	if l.section == "" {
		p.setting(l)
		return
	}
	p.end()
	p.inside = true
	// To fio every name that begins so is global.
	if !strings.HasPrefix(l.section, "global") {
		d := p.global
		d.Name, d.Line = l.section, l.number
		p.job = &d
	}
}

// setting follows one key, ignores it, or refuses it.
func (p *parser) setting(l line) {
	d := p.job
	if d == nil {
		d = &p.global
	}
	why, idle := ignored[l.key]
	set := setters[l.key]
	var err error
	switch {
	case !p.inside:
		err = errors.New("want a section like [global] or [job1] first")
	case set != nil:
		err = set(d, l.value, l.number)
		// Of the engines only those that name what is read say something.
		idle = idle && d.engine == ""
	case idle:
	case refused[l.key] != "":
		err = errors.New("not supported: " + refused[l.key])
	default:
		err = fmt.Errorf("no such key among those that are supported: %s", strings.Join(Keys(), " "))
	}
	if err != nil {
		p.fail(l.number, fmt.Sprintf("%s: %v", setting(l.key, l.value), err))
	} else if idle {
		p.file.Ignored = append(p.file.Ignored, Ignored{l.number, l.key, l.value, why})
	}
}

// end checks the section that was read, if it was a job.
func (p *parser) end() {
	d := p.job
	p.job = nil
	if d == nil {
		return
	}
	base, at, err := d.base()
	if err != nil {
		p.fail(at, err.Error())
	}
	d.Base = base
	if d.TimeBased && d.Runtime == 0 {
		p.fail(d.timeBasedAt, "time_based: want a runtime= too")
	}
	if d.RatePerS > 0 && d.Think > 0 {
		p.fail(d.rateAt, "rate_iops and thinktime both say when to read; want one of them")
	}
	if d.thinkBlocksAt > 0 && d.Think == 0 {
		p.fail(d.thinkBlocksAt, "thinktime_blocks: want a thinktime= too")
	}
	p.file.Jobs = append(p.file.Jobs, d.Job)
}

// fail notes what is wrong with a line, once: what [global] says is found in every job.
func (p *parser) fail(at int, problem string) {
	e := Error{p.file.Name, at, problem}
	if !slices.ContainsFunc(p.wrong, func(other *Error) bool { return *other == e }) {
		p.wrong = append(p.wrong, &e)
	}
}

// errors joins them in the order of the file.
func (p *parser) errors() error {
	slices.SortStableFunc(p.wrong, func(a, b *Error) int { return a.Line - b.Line })
	var list []error
	for _, e := range p.wrong {
		list = append(list, e)
	}
	return errors.Join(list...)
}
