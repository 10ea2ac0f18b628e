package readv

import (
	"errors"
	"reflect"
	"sync"

	"github.com/ringreadv/ringreadv/transport"
)

// engines are a volume's, one for each ring.
type engines []*transport.Engine

// newEngines makes engines that are all of one kind: the limit on locked memory may
// be enough for some rings of a volume only.
func newEngines(o Options) (engines, error) {
	list, err := makeEngines(o)
	if err != nil || list[len(list)-1].Kind() == list[0].Kind() {
		return list, err
	}
	if err := list.close(); err != nil {
		return nil, err
	}
	o.Engine = transport.EnginePoller
	return makeEngines(o)
}

func makeEngines(o Options) (engines, error) {
	var list engines
	for range o.Rings {
		e, err := transport.NewEngine(transport.Options{
			Engine: o.Engine, Without: o.Without, Plan: o.Plan, FixedBuffers: o.FixedBuffers, Moderation: o.Moderation, Logger: o.Logger,
		})
		if err != nil {
			return nil, errors.Join(err, list.close())
		}
		list = append(list, e)
	}
	return list, nil
}

// close closes all, and at the same time: each may take the time that reads in
// flight are given.
func (l engines) close() error {
	errs := make([]error, len(l))
	var all sync.WaitGroup
	for i, e := range l {
		all.Go(func() { errs[i] = e.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// accelerators are those that all go by.
func (l engines) accelerators() transport.Accelerators {
	all := l[0].Accelerators()
	for _, e := range l[1:] {
		all &= e.Accelerators()
	}
	return all
}

// stats sums up.
func (l engines) stats() transport.Stats {
	sum := l[0].Stats()
	for _, e := range l[1:] {
		add(reflect.ValueOf(&sum).Elem(), reflect.ValueOf(e.Stats()))
	}
	return sum
}

// add adds counters up, whatever transport counts.
func add(sum, v reflect.Value) {
	switch sum.Kind() {
	case reflect.Struct:
		for i := range sum.NumField() {
			add(sum.Field(i), v.Field(i))
		}
	case reflect.Array:
		for i := range sum.Len() {
			add(sum.Index(i), v.Index(i))
		}
	case reflect.Uint64:
		sum.SetUint(sum.Uint() + v.Uint())
	case reflect.Int, reflect.Int64:
		sum.SetInt(sum.Int() + v.Int())
	default:
		panic("readv: a counter of kind " + sum.Kind().String())
	}
}
