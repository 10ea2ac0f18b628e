package mount3

import "github.com/ringreadv/ringreadv/xdrwire"

// Export is a directory that a server offers (exportnode).
type Export struct {
	Dir    string
	Groups []string // hosts and netgroups that may mount it; none means all
}

// ExportReply is the answer to EXPORT (exports).
type ExportReply struct{ Exports []Export }

// AppendExportReply appends the results of EXPORT.
func AppendExportReply(b []byte, r *ExportReply) []byte {
	for i := range r.Exports {
		e := &r.Exports[i]
		b = xdrwire.AppendString(xdrwire.AppendBool(b, true), e.Dir)
		for _, g := range e.Groups {
			b = xdrwire.AppendString(xdrwire.AppendBool(b, true), g)
		}
		b = xdrwire.AppendBool(b, false)
	}
	return xdrwire.AppendBool(b, false)
}

// ParseExportReply parses the results of EXPORT. An export takes at least 12
// bytes of input and a group 8, which bounds how many there can be.
func ParseExportReply(b []byte) (r ExportReply, err error) {
	d := xdrwire.NewDecoder(b)
	for d.Bool() {
		e := Export{Dir: d.String(maxPathBytes)}
		for d.Bool() {
			e.Groups = append(e.Groups, d.String(maxNameBytes))
		}
		r.Exports = append(r.Exports, e)
	}
	return r, d.Err()
}
