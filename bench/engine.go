package bench

import (
	"fmt"
	"slices"

	"github.com/ringreadv/ringreadv/transport"
)

// EngineHere is the kind of engine that the library takes for this one: EngineAuto
// becomes what there is, or what the environment says. What cannot run here is an
// error.
func EngineHere(k transport.EngineKind) (transport.EngineKind, error) {
	e, err := transport.NewEngine(transport.Options{Engine: k})
	if err != nil {
		return k, Hint(fmt.Errorf("engine %v: %w", k, err), kernelHint(err))
	}
	return e.Kind(), e.Close()
}

// resolveEngines has reports name what was measured: EngineAuto becomes one of the
// others.
func resolveEngines(names []string) ([]string, error) {
	var list []string
	for _, name := range names {
		if name != EngineNetConn {
			kind, err := transport.ParseEngineKind(name)
			if err == nil {
				kind, err = EngineHere(kind)
			}
			if err != nil {
				return nil, err
			}
			name = kind.String()
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list, nil
}
